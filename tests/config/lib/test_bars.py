from decimal import Decimal

import pytest

from config.lib.bars import split_bar


def widths(values: list[str], whole: str) -> list[tuple[str, str]]:
    parts = [(value, Decimal(value), value) for value in values]
    return [(segment.start, segment.width) for segment in split_bar(parts, Decimal(whole))]


@pytest.mark.parametrize(
    ("values", "whole", "expected"),
    [
        (["14", "10"], "32", [("0.00", "43.75"), ("43.75", "31.25")]),
        (["30", "10"], "32", [("0.00", "75.00"), ("75.00", "25.00")]),
        (["0", "8"], "32", [("0.00", "0.00"), ("0.00", "25.00")]),
        (["0"], "0", [("0.00", "0.00")]),
        ([], "32", []),
    ],
)
def test_pieces_fill_the_bar_in_proportion_and_never_more_than_the_whole(values, whole, expected):
    assert widths(values, whole) == expected


def test_pieces_are_told_apart_by_their_tone():
    parts = [("a", Decimal(1), "1 h"), ("b", Decimal(2), "2 h")]

    assert [(s.label, s.text, s.tone) for s in split_bar(parts, Decimal(4))] == [
        ("a", "1 h", 1),
        ("b", "2 h", 2),
    ]

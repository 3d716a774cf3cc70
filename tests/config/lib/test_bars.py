"""Bars in percent: the pieces lie end to end and never leave the bar."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from config.lib.bars import split_bar
from hours.enums import CreditCategory

ROUNDING = Decimal("0.01")

parts_of_a_bar = st.lists(
    st.integers(0, 400).map(lambda n: ("part", n * Decimal("0.25"), str(n))), max_size=6
)


def test_a_bar_is_split_by_value_against_the_whole():
    concentrated, collective = split_bar(
        [("集中培训", Decimal(8), "8"), ("集体学习", Decimal(12), "12")], Decimal(32)
    )

    assert (concentrated.start, concentrated.width) == ("0.00", "25.00")
    assert (collective.start, collective.width) == ("25.00", "37.50")
    assert (concentrated.label, concentrated.text) == ("集中培训", "8")
    assert (concentrated.tone, collective.tone) == (1, 2)


def test_more_than_the_whole_fills_the_bar_in_proportion():
    first, second = split_bar([("a", Decimal(30), ""), ("b", Decimal(10), "")], Decimal(32))

    assert (first.width, second.start, second.width) == ("75.00", "75.00", "25.00")


def test_nothing_owed_and_nothing_done_is_an_empty_bar():
    (only,) = split_bar([("a", Decimal(0), "")], Decimal(0))

    assert (only.start, only.width) == ("0.00", "0.00")
    assert split_bar([], Decimal(32)) == ()


def test_every_category_has_a_colour_of_its_own_in_both_themes():
    css = (settings.BASE_DIR / "static/css/xuetang.css").read_text(encoding="utf-8")

    for tone in range(1, len(CreditCategory) + 1):
        assert f".segment-{tone} {{ fill: var(--x-segment-{tone})" in css
        # By day, by night, and on paper.
        assert css.count(f"--x-segment-{tone}: #") == 3


@given(parts_of_a_bar, st.integers(0, 100).map(Decimal))
def test_pieces_lie_end_to_end_within_the_bar(parts, whole):
    segments = split_bar(parts, whole)

    end = Decimal(0)
    for segment in segments:
        assert abs(Decimal(segment.start) - end) <= ROUNDING * len(segments)
        assert Decimal(segment.width) >= 0
        end = Decimal(segment.start) + Decimal(segment.width)
    assert end <= 100 + ROUNDING * 2

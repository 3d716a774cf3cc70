"""Rows that are all wrong cost hardly more than rows that are right, however many they are."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from stdnum.cn import ric

from schools.organisation_finder import OrganisationFinder
from tests import factories
from tests.factories import DAY
from trainees.imports.columns import find_header
from trainees.imports.rows import LineReader, RegisterLine, mark_duplicates

pytestmark = pytest.mark.django_db

HEADERS = ["所在党支部", "姓名", "身份证号", "编号", "入党时间"]
ROWS = 2_000
BRANCHES = 40


def resident_id(serial: int) -> str:
    body = f"120000{1950 + serial // 900}0101{serial % 900:03}"
    return body + ric.calc_check_digit(body + "0")


def row(place: int, **cells: Any) -> list[Any]:
    said = {
        "所在党支部": f"杨柳青镇第{place % BRANCHES}党支部",
        "姓名": "张伟",
        "身份证号": resident_id(place),
        "编号": f"A{place}",
        "入党时间": "2001-07-01",
    }
    return [*(said | cells).values()]


WRONG: dict[str, Callable[[int], list[Any]]] = {
    "one member number": lambda place: row(place, 编号="A1"),
    "one ID number": lambda place: row(place, 身份证号=resident_id(1)),
    "pairs of ID numbers": lambda place: row(place, 身份证号=resident_id(place // 2)),
    "one unknown branch": lambda place: row(place, 所在党支部="没有的党支部"),
    "unknown branches": lambda place: row(place, 所在党支部=f"没有的第{place}党支部"),
    "no dates": lambda place: row(place, 入党时间=f"去年{place}"),
}


@pytest.fixture
def finder():
    school = factories.make_school()
    for place in range(BRANCHES):
        factories.make_organisation(school, f"第{place}党支部")
    return lambda: OrganisationFinder(DAY)


def read(make: Callable[[int], list[Any]], finder: OrganisationFinder) -> list[RegisterLine]:
    header = find_header([HEADERS], {})
    assert header is not None
    reader = LineReader(header, finder, DAY)
    lines = [reader.read(place + 2, make(place)) for place in range(ROWS)]
    mark_duplicates(lines)
    return lines


def count_calls(do: Callable[[], Any]) -> int:
    """The number of functions, of Python and of C, that `do` calls."""
    calls = 0

    def count(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        do()
    finally:
        sys.setprofile(None)
    return calls


def most_bytes(do: Callable[[], Any]) -> int:
    """The most memory that `do` holds at once."""
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_rows_cost_at_most_half_more_than_right_ones(finder, wrong):
    def reading(make: Callable[[int], list[Any]]) -> Callable[[], list[RegisterLine]]:
        fresh = finder()
        return lambda: read(make, fresh)

    reading(row)()  # fills the caches of words and days
    assert count_calls(reading(WRONG[wrong])) < 1.5 * count_calls(reading(row))
    assert most_bytes(reading(WRONG[wrong])) < 1.5 * most_bytes(reading(row)) + 400_000


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_stored_of_a_wrong_row_does_not_grow_with_the_file(finder, wrong):
    lines = read(WRONG[wrong], finder())
    refused = [line for line in lines if line.problems]

    assert len(refused) == ROWS
    assert max(len(json.dumps(line.problems)) for line in refused) < 400


def test_of_a_repeated_number_the_first_five_and_a_count_are_named(finder):
    lines = read(WRONG["one member number"], finder())
    (_field, code, values) = lines[0].problems[0]

    assert (code, values) == ("same_in_many_rows", {"n": ROWS - 1, "rows": [3, 4, 5, 6, 7]})
    assert lines[3].problems[0][2]["rows"] == [2, 3, 4, 6, 7]
    assert lines[-1].problems[0][2]["rows"] == [2, 3, 4, 5, 6]

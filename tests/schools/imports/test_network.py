"""The table of schools: each serves townships that no other school serves."""

from __future__ import annotations

import pytest

from schools.enums import TableKind
from schools.imports.comparing import compare
from tests.schools.founding import (
    ON,
    YANGLIUQING,
    ZHANGJIAWO,
    NewDistrict,
    kinds,
    make_table,
    refusals,
)

pytestmark = pytest.mark.django_db

HEADINGS = ["代码", "名称", "街镇代码"]


@pytest.fixture
def district():
    return NewDistrict()


def compare_rows(*rows):
    return compare(make_table(TableKind.SCHOOLS, HEADINGS, *rows), ON)


def test_a_school_may_serve_several_townships(district):
    comparison = compare_rows([YANGLIUQING, "杨柳青镇党校", f"{YANGLIUQING}、{ZHANGJIAWO}"])

    assert kinds(comparison) == ["new"]
    assert comparison.about == {2: [district.yangliuqing, district.zhangjiawo]}


def test_a_school_with_the_same_facts_is_there_already(district):
    district.open_school()

    assert kinds(compare_rows([YANGLIUQING, "杨柳青镇党校", YANGLIUQING])) == ["present"]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ([YANGLIUQING, "别的名", YANGLIUQING], "name", "other_name_stored"),
        ([YANGLIUQING, "杨柳青镇党校", ZHANGJIAWO], "townships", "other_area_stored"),
        ([ZHANGJIAWO, "杨柳青镇党校", ZHANGJIAWO], "name", "school_name_taken"),
        ([ZHANGJIAWO, "张家窝镇党校", YANGLIUQING], "townships", "served_already"),
        ([ZHANGJIAWO, "张家窝镇党校", "120111999"], "townships", "unknown_township"),
        ([ZHANGJIAWO, "张家窝镇党校", ""], "townships", "empty"),
        (["1201111030", "张家窝镇党校", ZHANGJIAWO], "code", "long_code"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_at_its_cell(district, row, field, reason):
    district.open_school()

    assert refusals(compare_rows(row)) == [(2, field, reason)]


def test_two_rows_do_not_share_a_township(district):
    comparison = compare_rows(["1", "甲党校", ZHANGJIAWO], ["2", "乙党校", ZHANGJIAWO])

    assert {reason for _row, _field, reason in refusals(comparison)} == {"same_in_rows"}


def test_a_repeated_row_also_names_a_township_that_nobody_knows(district):
    row = [ZHANGJIAWO, "张家窝镇党校", "120111999"]

    for line in compare_rows(row, row[:]).lines:
        assert ("townships", "unknown_township") in {problem[:2] for problem in line.problems}

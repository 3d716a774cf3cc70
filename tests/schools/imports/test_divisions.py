"""The division table: codes say where a row belongs."""

from __future__ import annotations

import pytest

from schools.enums import TableKind
from schools.imports.comparing import compare
from tests.schools.founding import ON, YANGLIUQING, NewDistrict, kinds, make_table, refusals

pytestmark = pytest.mark.django_db

HEADINGS = ["代码", "名称", "上级代码"]


@pytest.fixture
def district():
    return NewDistrict()


def compare_rows(*rows):
    return compare(make_table(TableKind.DIVISIONS, HEADINGS, *rows), ON)


def test_new_rows_and_those_that_are_there(district):
    comparison = compare_rows(
        ["120111000000", "西青区", ""],
        [f"{YANGLIUQING}000", "杨柳青镇", "120111"],
        [f"{YANGLIUQING}201", "一街村", YANGLIUQING],
        [f"{YANGLIUQING}202", "二街村", ""],
        ["120111105201", "大杜庄村", ""],
        ["120111105", "大寺镇", ""],
    )

    assert kinds(comparison) == ["present", "present", "present", "new", "new", "new"]
    assert comparison.about == {5: YANGLIUQING, 6: "120111105"}


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (["120112101", "别区的镇", ""], "code", "other_district"),
        (["12011110", "短", ""], "code", "division_digits"),
        ([YANGLIUQING, "别的名", ""], "name", "other_name_stored"),
        (["120111101203", "三街村", "120111103"], "parent", "other_division"),
        (["120111999001", "无镇村", ""], "code", "unknown_township"),
        (["120111109", "长" * 41, ""], "name", "too_long"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_at_its_cell(district, row, field, reason):
    assert refusals(compare_rows(row)) == [(2, field, reason)]


def test_a_village_is_refused_with_its_township(district):
    comparison = compare_rows(["120111105", "", ""], ["120111105201", "大杜庄村", ""])

    assert refusals(comparison)[1] == (3, "code", "row_above_refused")


def test_without_a_district_nothing_belongs_to_it(db):
    assert refusals(compare_rows([YANGLIUQING, "杨柳青镇", ""])) == [(2, "code", "other_district")]


def test_a_row_without_a_name_also_says_what_is_wrong_with_its_code():
    NewDistrict()
    table = make_table(TableKind.DIVISIONS, ["代码", "名称"], ["999999", ""], ["999998", "甲镇"])

    comparison = compare(table, ON)

    assert [{p[:2] for p in line.problems} for line in comparison.lines] == [
        {("name", "empty"), ("code", "other_district")},
        {("code", "other_district")},
    ]

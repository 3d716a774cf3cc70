"""Rows of the organisation tree: placed from the top downwards, refused where they do not fit."""

from __future__ import annotations

from datetime import date

import pytest

from schools.actions.organisations import add_organisation
from schools.enums import OrganisationKind
from schools.imports.comparing import compare
from schools.models import Organisation, Placement
from tests.factories import NOON
from tests.schools.founding import (
    BY,
    ON,
    TOP,
    YANGLIUQING,
    ZHANGJIAWO,
    NewDistrict,
    kinds,
    refusals,
    tree,
)

pytestmark = pytest.mark.django_db

COMMITTEE = ["11", "杨柳青镇党委", "党委", TOP, YANGLIUQING]
GENERAL = ["111", "一街村党总支", "党总支", "11"]
BRANCH = ["1111", "一街村第一党支部", "党支部", "111", "", f"{YANGLIUQING}201"]


@pytest.fixture
def district():
    return NewDistrict()


def test_children_may_stand_before_their_parents(district):
    comparison = district.compare_tree(BRANCH, GENERAL, COMMITTEE)

    assert kinds(comparison) == ["new", "new", "new"]
    places = comparison.about
    assert {place.township for place in places.values()} == {district.yangliuqing}
    assert [places[number].parent for number in (2, 3, 4)] == ["111", "11", TOP]
    assert places[2].village == district.village


def test_what_is_stored_with_the_same_facts_is_there_already(district):
    district.found(tree(COMMITTEE, GENERAL, BRANCH))
    root = [TOP, "中共西青区委员会", "区委", ""]

    assert kinds(district.compare_tree(root, COMMITTEE, GENERAL, BRANCH)) == ["present"] * 4


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (["11", "别的名", "党委", TOP, YANGLIUQING], "name", "other_name_stored"),
        (["11", "杨柳青镇党委", "党总支", TOP, YANGLIUQING], "level", "other_level_stored"),
        (["11", "杨柳青镇党委", "党委", "12", YANGLIUQING], "parent", "other_parent_stored"),
        (["11", "杨柳青镇党委", "党委", TOP, ZHANGJIAWO], "townships", "other_township_stored"),
        ([*COMMITTEE, f"{YANGLIUQING}201"], "village", "other_village_stored"),
    ],
)
def test_a_stored_code_with_other_facts_is_refused(district, row, field, reason):
    district.found(tree(COMMITTEE))

    assert refusals(district.compare_tree(row)) == [(2, field, reason)]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (["12", "甲党委", "党委", "99", YANGLIUQING], "parent", "unknown_parent"),
        (["12", "甲党委", "党委", "", YANGLIUQING], "parent", "no_parent"),
        (["12", "甲党委", "党委", TOP, ""], "townships", "needs_township"),
        (["12", "甲党委", "党委", TOP, "120111999"], "townships", "unknown_township"),
        (["12", "甲", "党委", TOP, f"{YANGLIUQING}、{ZHANGJIAWO}"], "townships", "one_township"),
        (["12", "甲支部", "党支部", "11", ZHANGJIAWO], "townships", "township_of_parent"),
        (["12", "甲支部", "党支部", "11", "", "120111101999"], "village", "unknown_village"),
        (["12", "甲", "党委", TOP, ZHANGJIAWO, f"{YANGLIUQING}201"], "village",
         "village_elsewhere"),
        (["12", "甲党委", "党委", "111"], "level", "level_misfit"),
        (["12", "另一个区委", "区委", ""], "level", "root_there"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_refused_at_its_cell(district, row, field, reason):
    comparison = district.compare_tree(COMMITTEE, GENERAL, row)

    assert refusals(comparison) == [(4, field, reason)]


def test_what_hangs_on_a_refused_row_is_refused_with_it(district):
    wrong = [*COMMITTEE[:4], "120111999"]

    assert refusals(district.compare_tree(BRANCH, GENERAL, wrong)) == [
        (2, "parent", "row_above_refused"),
        (3, "parent", "row_above_refused"),
        (4, "townships", "unknown_township"),
    ]


def test_rows_that_stand_below_each_other_are_a_circle(district):
    comparison = district.compare_tree(
        ["21", "甲党委", "党委", "22"], ["22", "乙党委", "党委", "21"],
        ["23", "丙支部", "党支部", "22"], ["24", "丁党委", "党委", "24"],
    )  # fmt: skip

    assert refusals(comparison) == [
        (2, "parent", "in_a_circle"),
        (3, "parent", "in_a_circle"),
        (4, "parent", "row_above_refused"),
        (5, "parent", "in_a_circle"),
    ]


def test_below_an_organisation_that_begins_later_nothing_is_founded_before(district):
    add_organisation(
        parent_id=district.root.pk,
        code="11",
        name="杨柳青镇党委",
        kind=OrganisationKind.COMMITTEE,
        township=district.yangliuqing,
        village=None,
        on=date(ON.year, 7, 1),
        by=BY,
        at=NOON,
    )

    assert refusals(district.compare_tree(GENERAL)) == [(2, "parent", "parent_later")]
    assert kinds(compare(tree(GENERAL), date(ON.year, 7, 1))) == ["new"]


class TestTheTop:
    @pytest.fixture
    def district(self, district):
        Placement.objects.all().delete()
        Organisation.objects.all().delete()
        return district

    def test_is_founded_by_a_row_of_its_level(self, district):
        root = [TOP, "中共西青区委员会", "区委", ""]

        assert kinds(district.compare_tree(COMMITTEE, root)) == ["new", "new"]

    def test_is_one(self, district):
        comparison = district.compare_tree(["1", "甲区委", "区委"], ["2", "乙区委", "区委"])

        assert {reason for _row, _field, reason in refusals(comparison)} == {"same_in_rows"}

    def test_stands_below_nothing(self, district):
        comparison = district.compare_tree([TOP, "中共西青区委员会", "区委", "1", YANGLIUQING])

        assert {reason for _row, _field, reason in refusals(comparison)} == {"root_stands_alone"}

    def test_is_needed(self, district):
        assert refusals(district.compare_tree(COMMITTEE)) == [(2, "parent", "unknown_parent")]

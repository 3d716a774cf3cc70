"""A table is founded as a whole or not at all, in a fixed number of statements."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from schools.actions.founding_tables import RowsRefusedError
from schools.enums import LineKind, TableKind
from schools.errors import SchoolsError
from schools.imports.comparing import compare
from schools.models import Organisation, Placement, School, Township, Village
from tests import factories
from tests.refusals import refused
from tests.schools.founding import (
    DISTRICT,
    ON,
    TOP,
    YANGLIUQING,
    ZHANGJIAWO,
    NewDistrict,
    make_table,
    tree,
)

pytestmark = pytest.mark.django_db

COMMITTEE = ["11", "杨柳青镇党委", "党委", TOP, YANGLIUQING]
BRANCH = ["1111", "一街村党支部", "党支部", "11", "", f"{YANGLIUQING}201"]
WRONG = ["12", "甲党委", "党委", TOP, "120111999"]


@pytest.fixture
def district():
    return NewDistrict()


def test_organisations_stand_where_the_table_says(district):
    district.open_school()
    district.found(tree(BRANCH, COMMITTEE))

    branch = Organisation.objects.get(code="1111")
    place = Placement.objects.get(organisation=branch)
    assert (place.parent.code, place.township, place.village) == (
        "11", district.yangliuqing, district.village,
    )  # fmt: skip
    assert branch.period.lower == place.period.lower == ON
    assert branch.name_initials == "yjcdzb"
    entry = AuditEntry.objects.get(object_id=str(branch.pk), act="add_organisation")
    assert entry.after == {"on": ON.isoformat(), "code": "1111", "kind": "branch", "parent": "11"}
    assert entry.school_code == YANGLIUQING


def test_divisions_and_schools_are_founded_alike(district):
    district.found(
        make_table(
            TableKind.DIVISIONS,
            ["code", "name"],
            [f"{DISTRICT}105201", "大杜庄村"],
            [f"{DISTRICT}105", "大寺镇"],
        )
    )
    district.found(
        make_table(
            TableKind.SCHOOLS,
            ["代码", "名称", "街镇代码"],
            [YANGLIUQING, "杨柳青镇党校", f"{YANGLIUQING} {ZHANGJIAWO}"],
        )
    )

    assert Village.objects.get(name="大杜庄村").township == Township.objects.get(name="大寺镇")
    school = School.objects.get()
    assert {area.township for area in school.areas.all()} == {
        district.yangliuqing,
        district.zhangjiawo,
    }
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert {"add_township", "add_village", "open_school", "found_from_table"} <= acts


def test_a_refused_row_stops_the_whole(district):
    with refused(RowsRefusedError) as refusal:
        district.found(tree(COMMITTEE, WRONG))

    assert refusal.value.comparison.counts[LineKind.REFUSED] == 1
    assert not Organisation.objects.filter(code="11").exists()


def test_refused_rows_stay_out_if_somebody_says_so(district):
    below = ["121", "甲党支部", "党支部", "12"]
    district.found(tree(COMMITTEE, WRONG, below), leave_out_refused=True)

    assert set(Organisation.objects.values_list("code", flat=True)) == {TOP, "11"}


def test_a_second_run_founds_nothing_and_leaves_no_entry(district):
    district.found(tree(COMMITTEE))
    entries = AuditEntry.objects.count()

    assert district.found(tree(COMMITTEE)).counts[LineKind.PRESENT] == 1
    assert AuditEntry.objects.count() == entries


def test_what_changed_since_the_preview_is_shown_again(district):
    seen = compare(tree(COMMITTEE, BRANCH), ON)
    district.found(tree(COMMITTEE))

    with refused(RowsRefusedError, match="再看"):
        district.found(tree(COMMITTEE, BRANCH), promised=seen.digest)
    assert not Organisation.objects.filter(code="1111").exists()


def test_an_earlier_year_is_open_until_the_first_member(district):
    day = date(ON.year - 1, 1, 1)
    Placement.objects.update(period=factories.period(day))
    district.found(tree(COMMITTEE), on=day)
    factories.make_member(Organisation.objects.get(code="11"))

    with refused(SchoolsError, match="已经结清"):
        district.found(tree(COMMITTEE, BRANCH), on=day)


def statements_for(district, count: int) -> int:
    rows = [[f"{count}{n:04}", f"支部{n}", "党支部", "11"] for n in range(count)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        district.found(tree(COMMITTEE, *rows))
    return len(queries)


def test_two_thousand_rows_take_as_many_statements_as_two(district):
    district.found(tree(COMMITTEE))

    assert statements_for(district, 2) == statements_for(district, 2_000)
    assert Organisation.objects.count() == 2_004

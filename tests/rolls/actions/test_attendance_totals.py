"""What pages read of attendances is what the marks say, settled or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from classes.models import Roll
from config.lib.periods import at_local
from courses.models import Session, TrainingClass
from hours.actions.balances import settle_balances
from hours.models import BalanceChange
from hours.queries.balances import find_unsettled
from hours.queries.ledger_check import list_findings
from rolls.models import Attendance, AttendanceTotal
from rolls.queries.attendances import ATTENDANCES, attendances_sql, days_of_year
from rolls.wiring import TOTALS
from schools.models import School
from tests import factories
from tests.evidence import NOW, TODAY, clerk_of, hold, merge_rows, part_rows
from trainees.models import MemberMerge

pytestmark = pytest.mark.django_db

YEAR = TODAY.year


class Town:
    """Two schools teach members of two branches, one of whom attends at both."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.other = factories.make_school("120111005", "津门湖街道")
        self.branch = factories.make_organisation(self.school)
        self.elsewhere = factories.make_organisation(self.other)
        self.everywhere, self.late, self.absent = (
            factories.make_member(self.branch, name) for name in ("张伟", "王芳", "李静")
        )
        self.neighbour = factories.make_member(self.elsewhere, "赵军")
        self.training_class = factories.make_class(self.school)
        self.session = hold(
            self.training_class,
            {self.everywhere: "present", self.late: "late", self.absent: "absent"},
            on=date(YEAR, 5, 4),
        )
        hold(
            factories.make_class(self.other, "夜校"),
            {self.everywhere: "present", self.neighbour: "present"},
            on=date(YEAR, 5, 5),
        )

    @property
    def mark(self) -> Attendance:
        return Attendance.objects.get(session=self.session, member=self.late)

    def hold(self, on: date, **marks: str) -> Session:
        return hold(
            self.training_class,
            {getattr(self, name): status for name, status in marks.items()},
            on=on,
        )

    def correct(self, status: str) -> None:
        factories.correct_mark(
            self.mark, status, by=factories.acting(clerk_of(self.school)), at=self.session.ends_at
        )

    def merge(self) -> MemberMerge:
        return merge_rows(self.everywhere, self.neighbour)


def read(rows: str, **values: object) -> list[tuple]:
    statement = f"""
        SELECT school_id, organisation_id, member_id, sum(times) FROM {rows}
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
    schools = list(School.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(statement, days_of_year(YEAR) | {"schools": schools, **values})
        return cursor.fetchall()


def as_read() -> list[tuple]:
    """The attendances as figures read them."""
    unsettled = find_unsettled(YEAR, TODAY)
    assert not unsettled.everybody
    rows = attendances_sql(unsettled, is_whole_year=True)
    assert "rolls_attendancetotal" in rows
    return read(rows, members=unsettled.members)


def as_marked() -> list[tuple]:
    return read(f"(SELECT *, 1 AS times FROM ({ATTENDANCES}) live) mark")


def kept() -> list[tuple]:
    rows = AttendanceTotal.objects.filter(year=YEAR)
    return sorted(rows.values_list("school", "organisation", "member", "times"))


@pytest.fixture
def settled() -> Town:
    town = Town()
    settle_balances(on=TODAY)
    assert not BalanceChange.objects.exists()
    return town


ACTS: dict[str, Callable[[Town], object]] = {
    "a roll": lambda town: town.hold(date(YEAR, 6, 1), everywhere="present", absent="present"),
    "a roll of nobody": lambda town: town.hold(date(YEAR, 6, 1), absent="absent"),
    "a roll of no hours": lambda town: hold(
        factories.make_class(town.school, "晚间课堂"),
        {town.everywhere: "present"},
        on=town.session.held_on,
        hour=9,
    ),
    "a roll of last year": lambda town: town.hold(date(YEAR - 1, 6, 1), late="present"),
    "a mark that was late and is absent": lambda town: town.correct("absent"),
    "a mark that was late and is present": lambda town: town.correct("present"),
    "a mark changed": lambda town: Attendance.objects.filter(member=town.absent).update(
        status="present"
    ),
    "a roll that is a draft": lambda town: Roll.objects.filter(session=town.session).update(
        state="draft", submitted_at=None, submitted_by=None
    ),
    "a day moved to last year": lambda town: Session.objects.filter(pk=town.session.pk).update(
        held_on=date(YEAR - 1, 12, 30),
        starts_at=at_local(date(YEAR - 1, 12, 30), 9),
        ends_at=at_local(date(YEAR - 1, 12, 30), 12),
    ),
    "a class of another school": lambda town: TrainingClass.objects.filter(
        pk=town.training_class.pk
    ).update(school=town.other),
    "a merge": lambda town: town.merge(),
    "a merge undone": lambda town: part_rows(town.merge()),
    "a merge that a closed year keeps": lambda town: (
        part_rows(town.merge()),
        MemberMerge.objects.update(first_year=YEAR, until_year=YEAR + 1),
    ),
}


class TestEveryChange:
    @pytest.mark.parametrize("name", ACTS)
    def test_is_read_before_it_is_settled_and_after(self, settled, name):
        before = as_read()
        assert before == as_marked() == kept() != []

        ACTS[name](settled)

        assert as_read() == as_marked()
        settle_balances(on=TODAY)
        assert not find_unsettled(YEAR, TODAY).members
        assert as_read() == as_marked() == kept()

    def test_of_a_roll_of_a_row_given_up_is_read_of_the_row_that_remains(self, settled):
        settled.merge()
        settle_balances(on=TODAY)
        Attendance.objects.filter(member=settled.neighbour).update(status="absent")

        assert as_read() == as_marked()
        settle_balances(on=TODAY)
        assert as_read() == as_marked() == kept()

    def test_of_a_draft_writes_nothing(self, settled):
        session = hold(
            settled.training_class,
            {settled.late: "present"},
            on=TODAY - timedelta(days=3),
            submitted=False,
        )
        Attendance.objects.create(
            session=session,
            member=settled.late,
            organisation=settled.branch,
            status="present",
            marked_at=NOW,
            marked_by=clerk_of(settled.school),
        )

        assert not BalanceChange.objects.exists()


class TestCheck:
    def findings(self) -> dict[str, list[int]]:
        return {finding.check: finding.examples for finding in list_findings()}

    def test_finds_nothing_wrong_with_changes_that_wait(self, settled):
        settled.hold(date(YEAR, 6, 1), everywhere="present")

        assert self.findings() == {}

    def test_names_members_of_whom_a_total_is_wrong_missing_or_too_much(self, settled):
        AttendanceTotal.objects.filter(member=settled.everywhere).update(times=7)
        AttendanceTotal.objects.filter(member=settled.late).delete()
        AttendanceTotal.objects.create(
            year=YEAR,
            school=settled.school,
            organisation=settled.branch,
            member=settled.absent,
            times=1,
        )

        wrong = sorted([settled.everywhere.pk, settled.late.pk, settled.absent.pk])
        assert self.findings() == {TOTALS: wrong}
        call_command("rebuild_balances", YEAR)
        assert self.findings() == {}
        assert kept() == as_marked()

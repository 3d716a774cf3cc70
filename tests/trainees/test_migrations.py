"""Migrations of a filled ledger, back to the time before records of study and forward again.

What the former portal had no word for goes on the way back. Hours stay, and the ledger holds.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from config.lib.periods import at_local
from tests import factories
from tests.factories import DAY, NOON, ClassWorld, StudyWorld
from tests.trainees.actions.test_member_merges import LATER, Twice
from trainees.actions.attendance import submit_roll, withdraw_roll
from trainees.actions.member_merges import undo_merge
from trainees.actions.study_reviews import withdraw_study
from trainees.enums import StudyKind, StudyState
from trainees.models import Assessment, Attendance, CreditEntry, CreditRule, CreditStep, Study
from trainees.queries.ledger_check import list_findings

pytestmark = pytest.mark.django_db(transaction=True)

UNFINISHED = (StudyState.DRAFT, StudyState.SUBMITTED, StudyState.CHECKED)
BEFORE_STUDY_RECORDS = "0006_register_import"
NEXT_DAY = at_local(DAY + timedelta(days=1), 21)
NEXT_WEEK = at_local(DAY + timedelta(days=10), 8)


@pytest.fixture
def go_back_and_forth():
    """Migrate back and forward again; whatever fails, the tables end as the models have them."""

    def go() -> None:
        call_command("migrate", "trainees", BEFORE_STUDY_RECORDS, verbosity=0)
        call_command("migrate", "trainees", verbosity=0)

    caps = dict(CreditRule.objects.values_list("category", "half_day_cap"))
    yield go
    call_command("migrate", "trainees", verbosity=0)
    for category, cap in caps.items():  # the cap is for empty ledgers, and rules outlast a test
        CreditRule.objects.filter(category=category).update(half_day_cap=cap)


class Rolls(ClassWorld):
    """A roll with a late mark under a full day and a corrected one; another, taken back."""

    def __init__(self) -> None:
        super().__init__(size=3)
        self.session.delete()
        self.session = factories.make_session(self.training_class, hours="10")
        self.submit("late", "present", "absent")
        mark = Attendance.objects.get(member=self.members[1])
        factories.correct_mark(mark, "on_leave", by=self.by, at=NEXT_DAY)
        tomorrow = at_local(DAY + timedelta(days=1), 9)
        self.session = factories.make_session(self.training_class, starts_at=tomorrow)
        self.submit("present", "absent")
        at = NEXT_DAY + timedelta(hours=1)
        withdraw_roll(session_id=self.session.pk, reason="班次有误", by=self.by, at=at)

    def submit(self, *statuses: str) -> None:
        marks = self.marks(*statuses)
        submit_roll(session_id=self.session.pk, marks=marks, seen={}, by=self.by, at=NEXT_DAY)


class Studies(StudyWorld):
    """A study that counts, one that was taken back, a visit, a draft, and one that was returned.

    And what had no place before: training over some days, some of it taken back, and two short
    studies of one kind on a day.
    """

    def __init__(self) -> None:
        super().__init__(school="120111102")
        self.stands, self.taken_back, self.visit, self.draft, self.returned = (
            self.record(kind=kind, members=self.members[:size])
            for kind, size in (
                (StudyKind.THEMED_DAY, 3),
                (StudyKind.PARTY_LESSON, 3),
                (StudyKind.OUTREACH_VISIT, 1),
                (StudyKind.GROUP_MEETING, 3),
                (StudyKind.BRANCH_MEETING, 3),
            )
        )
        self.approve(self.stands)
        self.approve(self.taken_back)
        self.submit(self.visit)
        self.review(self.visit, self.clerk)
        self.take_back(self.taken_back)
        self.submit(self.returned)
        self.review(self.returned, self.commissioner, reason="照片不清")
        self.declare(StudyKind.OUTSIDE_TRAINING, held_on=DAY + timedelta(days=3), days=3)
        self.taken_apart = self.declare(
            StudyKind.OUTSIDE_TRAINING, held_on=DAY + timedelta(days=7), days=2
        )
        self.take_back(self.taken_apart)
        for _ in range(2):
            self.declare(StudyKind.ONLINE_STUDY, minutes=10)

    def declare(self, kind: StudyKind, **how) -> Study:
        member = self.member_with_account()
        at = NEXT_WEEK + timedelta(hours=self.organisation.studies.count())
        study = self.record(kind=kind, members=[member], by=member.user, at=at, **how)
        self.submit(study, at=at)
        self.review(study, self.clerk, at=at)
        return study

    def take_back(self, study: Study) -> None:
        withdraw_study(
            study_id=study.pk,
            seen_version=Study.objects.get(pk=study.pk).version,
            reason="未开展",
            by=factories.acting(self.clerk),
            at=NEXT_WEEK,
        )


def lines() -> list[tuple]:
    columns = ("member", "version", "gross_hours", "own_cut", "own_reason", "cap_cut", "cause")
    return list(Assessment.objects.order_by("pk").values_list(*columns, "reason"))


def test_a_filled_ledger_comes_back_as_it_was(go_back_and_forth):
    Rolls()
    studies = Studies()
    before, hours = lines(), CreditEntry.objects.sum_hours()
    studies_before = set(Study.objects.values_list("pk", "state", "days"))

    go_back_and_forth()

    assert (lines(), CreditEntry.objects.sum_hours()) == (before, hours)
    assert not list_findings()
    # What never counted goes, rather than stand as approved; what was taken back stays so.
    assert set(Study.objects.values_list("pk", "state", "days")) == {
        (pk, state, days) for pk, state, days in studies_before if state not in UNFINISHED
    }
    assert studies.stands.participants.count() == studies.taken_back.participants.count() == 3
    # The rules in use stay, the others come anew, each with its steps.
    assert CreditRule.objects.count() == 6
    assert CreditStep.objects.filter(rule__category="online").count() == 3


def test_a_merge_that_was_taken_apart_gets_its_decision_back_from_the_trail():
    """It was once overwritten by whoever took the rows apart, and when, and why."""
    twice = Twice()
    merge, _ = twice.merge()
    apart_at = LATER + timedelta(days=1)
    undo_merge(merge_id=merge.pk, reason="两个人", by=twice.officers[0], at=apart_at)
    try:
        call_command("migrate", "trainees", "0051", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT decided_at, answer FROM trainees_membermerge")
            assert cursor.fetchall() == [(apart_at, "两个人")]
    finally:
        call_command("migrate", verbosity=0)

    merge.refresh_from_db()
    assert (merge.proposed_at, merge.decided_at, merge.undone_at) == (NOON, LATER, apart_at)
    assert (merge.decided_by, merge.answer) == (twice.officers[1].user, "")
    assert (merge.undone_by, merge.undo_reason) == (twice.officers[0].user, "两个人")

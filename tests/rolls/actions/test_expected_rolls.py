"""Intensive classes: everyone is expected, and only deviations are marked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from classes.actions.enrolments import withdraw_member
from classes.actions.leaves import answer_leave, ask_leave
from classes.enums import LeaveAnswer
from classes.models import LeaveRequest
from config.lib.periods import at_local
from courses.enums import Format
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import record_attendance, submit_roll
from rolls.errors import RollConflictError, RollIncompleteError
from rolls.models import Attendance
from tests import factories
from tests.factories import DAY, NOON, ClassWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db
AFTERNOON, EVENING = at_local(DAY, 14), at_local(DAY, 18)
BEFORE = at_local(DAY, 7)


@pytest.fixture
def world():
    world = ClassWorld(size=3)
    world.training_class.format = Format.INTENSIVE
    world.training_class.save()
    world.afternoon = factories.make_session(world.training_class, starts_at=AFTERNOON)
    return world


def submit(world, *statuses, session=None, at=NOON, seen=None):
    return submit_roll(
        session_id=(session or world.session).pk,
        marks=world.marks(*statuses),
        seen=seen or {},
        by=world.by,
        at=at,
    )


def marks(session):
    return list(
        Attendance.objects.filter(session=session).order_by("member").values_list("status", flat=1)
    )


def test_the_person_who_is_not_marked_was_there(world):
    submit(world, "", "late", "")

    assert marks(world.session) == ["present", "late", "present"]


def test_nothing_counts_and_nobody_else_is_marked_before_it_is_submitted(world):
    record_attendance(
        session_id=world.session.pk,
        marks=world.marks("", "absent", ""),
        seen={},
        by=world.by,
        at=NOON,
    )

    assert marks(world.session) == ["absent"]
    assert not CreditEntry.objects.exists()


def test_each_half_day_credits_its_own_hours(world):
    submit(world, "")
    morning = CreditEntry.objects.sum_hours()
    submit(world, "", "absent", "", session=world.afternoon, at=EVENING)

    assert (morning, CreditEntry.objects.sum_hours()) == (Decimal(12), Decimal(20))
    by_session = CreditEntry.objects.filter(assessment__source__roll__session=world.afternoon)
    assert by_session.sum_hours() == Decimal(8)
    assert not list_findings()


def test_leave_that_was_accepted_stands(world):
    member = world.members[2]
    member.user = factories.make_user()
    member.save()
    asked = ask_leave(
        session_id=world.session.pk, reason="值班", by=factories.acting(member.user), at=BEFORE
    )
    answer_leave(leave_id=asked.pk, answer=LeaveAnswer.ACCEPTED, word="", by=world.by, at=BEFORE)
    submit(world, "")

    assert marks(world.session) == ["present", "present", "on_leave"]


def test_a_deviation_that_somebody_else_marked_is_seen_before_it_counts(world):
    other = factories.acting(factories.make_clerk(world.school))
    record_attendance(
        session_id=world.session.pk, marks=world.marks("absent", "", ""), seen={}, by=other, at=NOON
    )

    with refused(RollConflictError):
        submit(world, "")
    assert not CreditEntry.objects.exists()


def test_in_other_classes_not_taken_is_still_not_present(world):
    world.training_class.format = Format.PACK
    world.training_class.save()

    with refused(RollIncompleteError, "未记录"):
        submit(world, "", "late", "")


def test_leave_ends_with_the_place_on_the_roster(world):
    member = world.members[0]
    LeaveRequest.objects.create(
        session=world.afternoon, member=member, reason="值班", asked_at=BEFORE
    )
    withdraw_member(
        training_class_id=world.training_class.pk,
        member_id=member.pk,
        reason="调离",
        by=world.by,
        at=NOON,
    )

    assert not LeaveRequest.objects.current().exists()

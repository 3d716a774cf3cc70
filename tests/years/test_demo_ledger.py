"""The demo posts as the online path does: the same marks give the same hours and reasons."""

from itertools import product

import pytest
from django.db import transaction

from classes.models import Roll
from config.lib.periods import at_local
from hours.models import Assessment, CreditEntry
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from tests.factories import DAY, NOON, ClassWorld, enrol, make_class, make_session, make_source
from years.demo.ledger import post_ledger

STATUSES = ("present", "late", "on_leave", "absent")
EVENING = at_local(DAY, 22)


@pytest.fixture
def day(db):
    """One member for each way to spend a day of three sessions: 4, 4 and 2 hours."""
    world = ClassWorld(size=len(STATUSES) ** 3)
    sessions = [world.session]
    for hour, worth in ((13, 4), (18, 2)):
        training_class = make_class(world.school)
        enrol(training_class, *world.members)
        sessions.append(
            make_session(training_class, starts_at=at_local(DAY, hour), hours=str(worth))
        )
    return world, sessions


def marks_of(world, number):
    """What the roll of the session in this place says of each member."""
    ways = product(STATUSES, repeat=3)
    return {m.pk: way[number] for m, way in zip(world.members, ways, strict=True)}


def posted():
    """Everything that was decided and posted, without ids."""
    assessments = Assessment.objects.order_by("member", "source__roll__session").values_list(
        "member", "source__roll__session", "version", "credit_year", "occurred_on", "category",
        "gross_hours", "own_cut", "own_reason", "overlap_cut", "cap_cut", "cap_reason",
        "rule", "assessed_at", "assessed_by",
    )  # fmt: skip
    session = "assessment__source__roll__session"
    entries = CreditEntry.objects.order_by("member", session).values_list(
        "member", session, "school", "organisation", "credit_year",
        "category", "occurred_on", "hours", "reverses", "reason", "posted_at", "posted_by",
    )  # fmt: skip
    return list(assessments), list(entries)


def test_three_sessions_of_a_day_are_cut_as_online(day):
    world, sessions = day
    with transaction.atomic():
        for number, session in enumerate(sessions):
            marks = marks_of(world, number)
            submit_roll(session_id=session.pk, marks=marks, seen={}, by=world.by, at=EVENING)
        online = posted()
        transaction.set_rollback(True)
    for number, session in enumerate(sessions):
        marks = marks_of(world, number)
        Attendance.objects.bulk_create(
            Attendance(
                session=session,
                member=member,
                organisation=world.organisation,
                status=marks[member.pk],
                marked_at=NOON,
                marked_by=world.clerk,
            )
            for member in world.members
        )
        Roll.objects.create(
            session=session,
            state="submitted",
            submitted_at=EVENING,
            submitted_by=world.clerk,
            source=make_source(),
        )
    post_ledger([], DAY, DAY.replace(day=DAY.day + 1))
    assert posted() == online
    reasons = set(Assessment.objects.values_list("own_reason", "cap_reason"))
    assert reasons == {
        ("none", "none"),
        ("none", "day"),
        ("late", "none"),
        ("late", "day"),
        ("on_leave", "none"),
        ("absent", "none"),
    }
    keys = CreditEntry.objects.values_list("source_key", "assessment__source", "member")
    assert all(key == f"{source}:{member}:{DAY:%Y%m%d}:1" for key, source, member in keys)


def test_rolls_not_submitted_and_other_days_are_left_alone(day):
    world, (first, second, _) = day
    for session, state in ((first, "draft"), (second, "submitted")):
        Attendance.objects.create(
            session=session,
            member=world.members[0],
            organisation=world.organisation,
            status="present",
            marked_at=NOON,
            marked_by=world.clerk,
        )
        signed = {"submitted_at": EVENING, "submitted_by": world.clerk, "source": make_source()}
        Roll.objects.create(session=session, state=state, **(signed if state != "draft" else {}))
    post_ledger([], DAY.replace(day=1), DAY)
    assert not Assessment.objects.exists()
    post_ledger([], DAY, DAY.replace(day=DAY.day + 1))
    assert [a.source.roll.session for a in Assessment.objects.all()] == [second]

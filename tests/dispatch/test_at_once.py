"""Two people at once: one wins, and the other reads why."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from accounts.records import RecordError, lock_row
from classes.actions.calling_off import call_off_class, change_session
from courses.models import Session
from courses.records import save_session
from dispatch.actions.letters import cancel_letter, confirm_letter
from dispatch.actions.proposals import decline_engagement
from dispatch.errors import BookingError, EngagementError
from dispatch.models import Engagement, PlanVersion
from tests import factories
from tests.connections import PATIENCE, together
from tests.dispatch.world import LATER, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def answered(call, *errors: type[Exception]):
    """The call, whose refusal is its answer."""

    def run() -> object:
        try:
            return call()
        except errors as error:
            return error

    return run


def outreach(world: BookingWorld, place: str):
    """A scheduled letter for the wished day, away from the school's venue."""
    letter = world.submit(venue=None, place=place, mode="outreach")
    world.schedule(letter)
    return letter


def test_two_officers_engage_one_lecturer(world):
    letters = [outreach(world, "东街广场"), outreach(world, "西街广场")]

    answers = together(
        *(answered(lambda one=one: world.engage(one), EngagementError) for one in letters)
    )

    refused = [one for one in answers if isinstance(one, EngagementError)]
    assert len(refused) == 1
    assert refused[0].message
    assert Engagement.objects.live().filter(instructor=world.lecturer).count() == 1


def test_two_officers_schedule_into_one_venue(world):
    letters = [world.submit(), world.submit()]

    answers = together(
        *(
            answered(lambda one=one: world.schedule(one), BookingError, EngagementError)
            for one in letters
        )
    )

    assert sum(isinstance(one, Exception) for one in answers) == 1
    assert Engagement.objects.live().filter(venue=world.venue).count() == 1


def test_a_class_is_planned_while_its_lecturer_is_engaged(world):
    letter = outreach(world, "东街广场")
    starts_at = letter.engagements.get().starts_at
    session = factories.make_session(
        factories.make_class(world.school), starts_at=starts_at + timedelta(days=30)
    )

    def move() -> bool:
        session.instructor = world.lecturer
        session.starts_at, session.ends_at = starts_at, starts_at + timedelta(hours=3)
        fields = ["instructor", "starts_at", "ends_at"]
        return save_session(obj=session, by=acting(world.clerk), at=LATER, fields=fields)

    answers = together(
        answered(move, RecordError), answered(lambda: world.engage(letter), EngagementError)
    )

    assert sum(isinstance(one, Exception) for one in answers) == 1
    engaged = Engagement.objects.live().filter(instructor=world.lecturer, starts_at=starts_at)
    taught = Session.objects.filter(instructor=world.lecturer, starts_at=starts_at)
    assert engaged.count() + taught.count() == 1


def behind(row: Model, *calls: Callable[[], Any]) -> list[Any]:
    """Do the calls while `row` is locked, each once the one before waits; then let all go on."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        with transaction.atomic():
            lock_row(row)
            done = []
            for number, call in enumerate(calls, start=1):
                done.append(pool.submit(run, call))
                wait_for_waiting(number)
        return [one.result(PATIENCE) for one in done]


def wait_for_waiting(number: int) -> None:
    """Wait until so many connections to this database wait for a lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            # Within a transaction the view stays as it was first read.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= number:
                return
        time.sleep(0.02)
    raise AssertionError(f"{number} do not wait.")


def moved(world: BookingWorld, session: Session) -> Callable[[], object]:
    def move() -> object:
        one = Session.objects.get(pk=session.pk)
        one.starts_at += timedelta(hours=1)
        one.ends_at += timedelta(hours=1)
        return change_session(
            obj=one, by=acting(world.clerk), at=LATER, fields=["starts_at", "ends_at"]
        )

    return move


def test_a_lecturer_declines_while_the_session_is_moved(world):
    letter = world.confirm()
    engagement = letter.engagements.get()

    def decline() -> Engagement:
        by = acting(world.lecturer.user)
        return decline_engagement(engagement_id=engagement.pk, reason="出差", by=by, at=LATER)

    behind(letter.training_class, moved(world, engagement.session), decline)

    engagement.refresh_from_db()
    session = letter.training_class.sessions.get()
    assert (engagement.state, session.instructor) == ("declined", None)
    assert session.starts_at == engagement.starts_at


def test_another_lecturer_is_found_while_the_session_is_moved(world):
    letter = world.confirm()
    other = world.make_lecturer("钱伟")
    session = letter.training_class.sessions.get()

    behind(letter.training_class, moved(world, session), lambda: world.engage(letter, other))

    engagement = letter.engagements.live().get()
    assert engagement.instructor == other
    assert Session.objects.get().starts_at == engagement.starts_at


def test_a_letter_is_cancelled_while_its_class_is_called_off(world):
    letter = world.confirm()
    facts = {"reason": "场地停用", "by": acting(world.clerk), "at": LATER}

    def call_off() -> object:
        return call_off_class(training_class_id=letter.training_class_id, **facts)

    def cancel() -> object:
        return cancel_letter(letter_id=letter.pk, **facts)

    session = letter.training_class.sessions.get()
    _called_off, refused = behind(session, call_off, answered(cancel, BookingError))

    letter.refresh_from_db()
    assert letter.stage == "cancelled"
    assert isinstance(refused, BookingError)


def test_a_plan_is_released_once(world):
    letter = outreach(world, "东街广场")
    world.engage(letter)

    answers = together(*[answered(world.release, BookingError)] * 2)

    assert sum(isinstance(one, BookingError) for one in answers) == 1
    assert PlanVersion.objects.count() == 1


def test_a_school_agrees_once(world):
    engagement = world.propose(outreach(world, "东街广场"))
    world.accept(engagement)

    def agree():
        return confirm_letter(letter_id=engagement.letter_id, by=acting(world.clerk), at=LATER)

    answers = together(*[answered(agree, BookingError)] * 2)

    assert sum(isinstance(one, BookingError) for one in answers) == 1
    assert Session.objects.filter(engagements=engagement).count() == 1

"""Two people at once: one wins, and the other reads why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.records import RecordError
from courses.models import Session
from courses.records import save_session
from dispatch.actions.letters import confirm_letter
from dispatch.errors import BookingError, EngagementError
from dispatch.models import Engagement, PlanVersion
from tests import factories
from tests.connections import together
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

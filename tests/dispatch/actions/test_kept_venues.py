"""A session that lost its lecturer keeps its venue while the desk looks for the next one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from classes.queries.calendar import Subject, list_calendar
from config.lib.weeks import list_days, monday_of
from courses.actions import ClassPlan, plan_class
from courses.enums import Mode, Preset
from courses.errors import CoursesError
from dispatch.actions.desk import decline_letter
from dispatch.actions.letters import cancel_letter
from dispatch.actions.proposals import decline_engagement, lapse_engagements
from dispatch.enums import EngagementState
from dispatch.errors import EngagementError
from dispatch.models import Engagement
from schools.enums import Audience
from tests.dispatch.world import LATER, PORTAL, WISHED, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def lost(world) -> Engagement:
    """The lecturer of a letter that is not agreed to yet declined."""
    engagement = world.propose()
    return decline_engagement(
        engagement_id=engagement.pk, reason="出差", by=acting(world.lecturer.user), at=LATER
    )


def plan_at_the_venue(world: BookingWorld) -> None:
    plan_class(
        plan=ClassPlan(
            school=world.school,
            preset=Preset.PACK,
            title="支部工作法",
            audience=Audience.ORDINARY,
            mode=Mode.ON_SITE,
            courses=[world.course],
            first_day=WISHED,
            venue=world.venue,
        ),
        by=acting(world.clerk),
        at=LATER,
    )


def test_another_letter_does_not_get_it(world, lost):
    with pytest.raises(EngagementError, match="booked for another letter"):
        world.schedule(world.submit())


def test_nor_does_a_class(world, lost):
    with pytest.raises(CoursesError, match=f"taken by “{lost.letter.number}”"):
        plan_at_the_venue(world)


def test_the_same_when_nobody_answered(world):
    engagement = world.propose()

    lapse_engagements(by=PORTAL, at=engagement.answer_by)

    with pytest.raises(CoursesError, match="This venue is taken by"):
        plan_at_the_venue(world)


def test_its_own_letter_goes_on_with_the_next_lecturer(world, lost):
    other = world.make_lecturer("孙立")

    found = world.engage(lost.letter, other)
    world.release(LATER + timedelta(hours=1))
    world.accept(found, user=other.user)

    lost.refresh_from_db()
    found.refresh_from_db()
    assert found.state == EngagementState.ACCEPTED
    assert not lost.holds_venue


def test_its_own_letter_may_overlap_with_another_time(world, lost):
    world.schedule(lost.letter, WISHED + timedelta(days=1))

    plan_at_the_venue(world)


@pytest.mark.parametrize("act", [decline_letter, cancel_letter])
def test_it_is_free_once_the_letter_ends(world, lost, act):
    by = world.officer if act is decline_letter else world.clerk
    act(letter_id=lost.letter_id, reason="改期", by=acting(by), at=LATER)

    plan_at_the_venue(world)


def test_a_class_keeps_its_venue_itself(world):
    letter = world.confirm()

    gone = decline_engagement(
        engagement_id=letter.engagements.get().pk,
        reason="出差",
        by=acting(world.lecturer.user),
        at=LATER,
    )

    assert not gone.holds_venue
    with pytest.raises(CoursesError, match="This venue is taken by"):
        plan_at_the_venue(world)


def test_the_calendar_of_the_venue_shows_it_without_the_lecturer(world, lost):
    days = list_days(monday_of(WISHED))

    of_venue, of_lecturer = (
        [
            item
            for one in list_calendar(world.clerk, subject, days, LATER)
            for item in one.items
            if item.engagement
        ]
        for subject in (Subject(venue=world.venue), Subject(lecturer=world.lecturer))
    )

    assert [(item.engagement, item.lecturer) for item in of_venue] == [(lost, "")]
    assert of_lecturer == []

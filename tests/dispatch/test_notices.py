"""Who is told of what: the other side of a letter, and only the lecturers concerned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backstage.models import Message
from dispatch.actions.desk import ask_school, decline_letter
from dispatch.actions.letters import Wished, cancel_letter
from dispatch.actions.proposals import decline_engagement
from tests.dispatch.world import LATER, WISHED, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def told(user) -> list[str]:
    """The kinds of what a person was told, in order; of steps, the stage."""
    rows = Message.objects.filter(recipient=user).order_by("pk")
    return [row.facts.get("stage", row.kind) for row in rows]


def test_a_letter_tells_the_other_side_each_time(world):
    letter = world.submit()
    ask_school(letter_id=letter.pk, question="下午可以吗？", by=acting(world.officer), at=LATER)
    decline_letter(letter_id=letter.pk, reason="本月已满", by=acting(world.officer), at=LATER)

    assert told(world.officer) == ["submitted"]
    assert told(world.clerk) == ["inquiry", "declined"]


def test_a_draft_that_is_dropped_tells_nobody(world):
    letter = world.write()

    cancel_letter(letter_id=letter.pk, reason="重写", by=acting(world.clerk), at=LATER)

    assert not Message.objects.exists()


def test_a_lecturer_hears_nothing_before_the_release(world):
    letter = world.submit()
    world.schedule(letter)
    world.engage(letter)
    assert told(world.lecturer.user) == []

    world.release()

    assert told(world.lecturer.user) == ["engagement_proposed"]


def test_a_release_tells_only_those_whom_it_concerns(world):
    world.propose()
    other = world.make_lecturer("孙立")
    letter = world.submit(dates=[Wished(WISHED + timedelta(days=7))])
    world.schedule(letter, WISHED + timedelta(days=7))
    world.engage(letter, other)

    world.release(LATER + timedelta(hours=3))

    assert told(world.lecturer.user) == told(other.user) == ["engagement_proposed"]


def test_a_substitution_tells_both_lecturers_and_nobody_else(world):
    engagement = world.propose()
    bystander, other = world.make_lecturer("周静"), world.make_lecturer("孙立")
    world.engage(engagement.letter, other)
    world.release(LATER + timedelta(hours=3))

    assert told(world.lecturer.user) == ["engagement_proposed", "engagement_withdrawn"]
    assert told(other.user) == ["engagement_proposed"]
    assert told(bystander.user) == []


def test_the_desk_hears_of_a_session_without_a_lecturer(world):
    engagement = world.propose()

    decline_engagement(
        engagement_id=engagement.pk, reason="出差", by=acting(world.lecturer.user), at=LATER
    )

    assert told(world.officer) == ["submitted", "session_untaught"]

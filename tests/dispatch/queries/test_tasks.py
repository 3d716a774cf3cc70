"""What waits on the home page for schools, the desk and lecturers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.desk import ask_school
from dispatch.actions.proposals import decline_engagement
from dispatch.queries.tasks import desk_tasks, lecturer_tasks, school_tasks
from tests.dispatch.world import LATER, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def test_a_question_waits_for_the_school(world):
    letter = world.submit()
    assert school_tasks(world.clerk, LATER) == []

    ask_school(letter_id=letter.pk, question="下午？", by=acting(world.officer), at=LATER)

    [task] = school_tasks(world.clerk, LATER)
    assert "letter_stage=inquiry" in task.url
    assert not task.late


def test_an_accepted_schedule_waits_for_the_school_until_its_day(world):
    engagement = world.propose()
    assert school_tasks(world.clerk, LATER) == []

    world.accept(engagement)

    [task] = school_tasks(world.clerk, LATER + timedelta(days=3))
    assert "letter_stage=scheduled" in task.url
    assert not task.late
    [task] = school_tasks(world.clerk, LATER + timedelta(days=4))
    assert task.late


def test_the_desk_has_what_is_not_scheduled_or_lacks_a_lecturer(world):
    letter = world.submit()
    assert len(desk_tasks(world.officer, LATER)) == 1
    world.schedule(letter)
    assert len(desk_tasks(world.officer, LATER)) == 1

    world.engage(letter)

    assert desk_tasks(world.officer, LATER) == []


def test_a_proposal_waits_for_its_lecturer_until_its_day(world):
    engagement = world.propose()
    lecturer = world.lecturer.user

    assert len(lecturer_tasks(lecturer, LATER)) == 1
    assert lecturer_tasks(lecturer, engagement.answer_by) == []


def test_nobody_has_the_tasks_of_others(world):
    world.propose()

    assert school_tasks(world.officer, LATER) == []
    assert desk_tasks(world.clerk, LATER) == []
    assert lecturer_tasks(world.clerk, LATER) == []


def test_a_letter_waits_for_agreement_once_every_session_is_accepted(world):
    letter = world.submit(preset="evening")
    world.schedule(letter)
    other = world.make_lecturer("钱芳")
    first, second = world.engage(letter), world.engage(letter, other, number=2)
    world.release()
    world.accept(first)
    decline_engagement(engagement_id=second.pk, reason="外出", by=acting(other.user), at=LATER)
    assert school_tasks(world.clerk, LATER) == []

    third = world.engage(letter, world.make_lecturer("孙丽"), number=2)
    world.release()
    world.accept(third, user=third.instructor.user)

    [task] = school_tasks(world.clerk, LATER)
    assert "letter_stage=scheduled" in task.url

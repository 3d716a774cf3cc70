"""The board: a week by lecturer or by school."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.lib.periods import local_date
from config.lib.weeks import monday_of
from dispatch.actions.proposals import decline_engagement, lapse_engagements
from dispatch.queries.board import BoardBy, list_board
from tests import factories
from tests.dispatch.world import LATER, PORTAL, WISHED, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db

MONDAY = monday_of(WISHED)


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def test_an_engagement_stands_on_its_day_in_the_line_of_its_lecturer(world):
    engagement = world.propose()

    [line] = list_board(MONDAY, BoardBy.LECTURER)

    assert line.label == world.lecturer.name
    place = (local_date(engagement.starts_at) - MONDAY).days
    assert [len(items) for items in line.days] == [int(day == place) for day in range(7)]
    assert line.days[place][0].engagement == engagement


def test_what_has_no_lecturer_stands_first(world):
    world.propose()
    letter = world.submit(venue=None, place="广场", mode="outreach")
    world.schedule(letter)

    labels = [line.label for line in list_board(MONDAY, BoardBy.LECTURER)]

    assert labels == ["", world.lecturer.name]


@pytest.mark.parametrize("by", BoardBy)
@pytest.mark.parametrize("state", ["declined", "lapsed", "declined after agreement"])
def test_a_session_whose_lecturer_is_lost_stands_first(world, state, by):
    early = world.submit(venue=None, place="广场", mode="outreach")
    world.schedule(early)
    other = world.make_lecturer("孙立")
    held = world.engage(early, other)
    if state == "declined after agreement":
        lost = world.confirm().engagements.get()
    else:
        lost = world.propose()
    world.accept(held, user=other.user)
    if state == "lapsed":
        lapse_engagements(by=PORTAL, at=lost.answer_by)
    else:
        user = world.lecturer.user
        decline_engagement(engagement_id=lost.pk, reason="出差", by=acting(user), at=LATER)

    line = list_board(MONDAY, by)[0]
    item = next(items for items in line.days if items)[0]

    assert item.engagement == lost
    assert item.is_lost
    assert item.lecturer == ""
    assert line.label == ("" if by is BoardBy.LECTURER else world.school.name)


def test_a_session_with_the_next_lecturer_is_not_lost(world):
    lost = world.propose()
    user = world.lecturer.user
    decline_engagement(engagement_id=lost.pk, reason="出差", by=acting(user), at=LATER)
    world.engage(lost.letter, world.make_lecturer("孙立"))

    [line] = list_board(MONDAY, BoardBy.LECTURER)

    assert line.label == "孙立"


def test_a_confirmed_letter_stands_once(world):
    world.confirm()

    [line] = list_board(MONDAY, BoardBy.SCHOOL)

    assert sum(len(items) for items in line.days) == 1


def test_classes_without_a_letter_stand_there_too(world):
    session = factories.make_session(
        factories.make_class(world.school), starts_at=world.propose().starts_at + timedelta(hours=6)
    )

    [line] = list_board(MONDAY, BoardBy.SCHOOL)
    items = [item for items in line.days for item in items]

    assert [item.training_class_id for item in items] == [None, session.training_class_id]


def test_namesakes_have_lines_of_their_own(world):
    begins = world.propose().starts_at
    other = world.make_lecturer(world.lecturer.name)
    factories.make_session(
        factories.make_class(world.school), starts_at=begins + timedelta(hours=6), instructor=other
    )

    assert len(list_board(MONDAY, BoardBy.LECTURER)) == 2


def test_another_week_is_empty(world):
    world.propose()

    assert list_board(MONDAY + timedelta(days=7), BoardBy.LECTURER) == []

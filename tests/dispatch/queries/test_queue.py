"""The queue: how much time is left, and what is urgent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.lib.filters import ListRequest
from config.lib.periods import at_local, local_date
from dispatch.actions.letters import Wished
from dispatch.actions.proposals import decline_engagement
from dispatch.filters import queue_filters
from dispatch.lists import queue
from dispatch.models import BookingLetter
from dispatch.queries.queue import QueueLine
from dispatch.queries.rules import find_booking_rule
from tests.dispatch.world import LATER, WISHED, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def listed(world: BookingWorld, **query: str) -> list[BookingLetter]:
    asked = ListRequest(world.officer, query, LATER)
    return list(queue(asked, queue_filters(asked)))


def line_of(letter: BookingLetter, on: date) -> QueueLine:
    return QueueLine(letter, letter.due_on, on, find_booking_rule(on))


def test_a_letter_is_due_on_its_first_wished_day(world):
    world.submit()
    [letter] = listed(world)
    on = WISHED - timedelta(days=9)

    line = line_of(letter, on)

    assert (line.due_on, line.days_left) == (WISHED, 9)
    assert line.lead_days == find_booking_rule(on).lead_days
    assert line.age == (on - local_date(letter.submitted_at)).days
    assert not line.is_overdue


def test_a_day_that_is_over_is_overdue(world):
    world.submit()
    [letter] = listed(world)

    assert not line_of(letter, WISHED).is_overdue
    assert line_of(letter, WISHED + timedelta(days=1)).is_overdue


def test_time_is_short_once_lecturer_and_school_cannot_take_their_days(world):
    world.submit()
    [letter] = listed(world)
    rule = find_booking_rule(WISHED)
    needed = timedelta(days=rule.answer_days + rule.confirm_days)

    assert not line_of(letter, WISHED - needed).is_short
    assert line_of(letter, WISHED - needed + timedelta(days=1)).is_short


def test_a_lost_session_is_due_when_it_begins_and_comes_before_later_wishes(world):
    confirmed = world.confirm()
    user = world.lecturer.user
    lost = confirmed.engagements.get()
    decline_engagement(engagement_id=lost.pk, reason="出差", by=acting(user), at=LATER)
    wished = WISHED + timedelta(days=1)
    other = world.submit(dates=[Wished(wished)])
    moved = confirmed.dates.get()
    moved.day = WISHED + timedelta(days=30)
    moved.save()

    rows = listed(world)

    assert [(row.pk, row.due_on) for row in rows] == [
        (confirmed.pk, local_date(lost.starts_at)),
        (other.pk, wished),
    ]
    assert line_of(rows[0], WISHED).is_lost


def test_a_session_with_the_next_lecturer_is_no_gap(world):
    lost = world.propose()
    user = world.lecturer.user
    decline_engagement(engagement_id=lost.pk, reason="出差", by=acting(user), at=LATER)
    world.engage(lost.letter, world.make_lecturer("孙立"))

    assert listed(world) == []


def test_filters_by_owner_and_by_what_is_to_do(world):
    mine, nobodys = world.submit(), world.submit(dates=[Wished(WISHED + timedelta(days=7))])
    BookingLetter.objects.filter(pk=mine.pk).update(owner=world.officer)

    assert listed(world, letter_owner="mine") == [mine]
    assert listed(world, letter_owner="none") == [nobodys]
    assert len(listed(world, letter_stage="submitted")) == 2
    assert listed(world, letter_stage="confirmed") == []


def test_offers_only_states_that_wait_at_the_desk(world):
    asked = ListRequest(world.officer, {}, at_local(WISHED, 9))
    field = queue_filters(asked)["letter_stage"].field

    values = [value for value, _label in field.choices]

    assert values == ["", "submitted", "inquiry", "answered", "scheduled", "confirmed"]

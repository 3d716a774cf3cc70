"""One lecturer for several sessions: what speaks against each of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib.periods import local_date
from dispatch.checks import Code
from dispatch.models import BookingRule
from dispatch.queries.series import (
    SeriesCandidate,
    list_series,
    list_sessions_to_come,
    list_to_fill,
)
from instructors.models import Instructor
from tests.dispatch.world import LATER, BookingWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def judge(world: BookingWorld, letter, lecturer: Instructor) -> SeriesCandidate:
    sessions = list_sessions_to_come(letter, LATER)
    return next(one for one in list_series(sessions) if one.instructor == lecturer)


def test_names_the_session_that_is_blocked(world):
    letter = world.submit_evenings()
    last = letter.engagements.order_by("number").last()
    world.go_on_leave(local_date(last.starts_at))

    found = judge(world, letter, world.lecturer)

    assert [(numbers, one.code) for numbers, one in found.findings] == [("2", Code.NOT_FREE)]
    assert found.is_blocked


def test_says_once_what_holds_for_all(world):
    world.course.instructors.add(world.make_lecturer("周静"))
    letter = world.submit_evenings()

    found = judge(world, letter, world.lecturer)

    assert [(numbers, one.code) for numbers, one in found.findings] == [
        ("1、2", Code.TEACHES_OTHERS)
    ]


def test_counts_the_other_sessions_into_the_load(world):
    letter = world.submit_evenings()
    hours = letter.engagements.first().hours
    BookingRule.objects.update(month_hours=hours)

    found = judge(world, letter, world.lecturer)

    assert Code.MONTH_LOAD in {one.code for _numbers, one in found.findings}
    BookingRule.objects.update(month_hours=2 * hours)
    assert not judge(world, letter, world.lecturer).findings


def test_covers_what_nobody_is_engaged_for_or_else_all(world):
    letter = world.submit_evenings()
    sessions = list_sessions_to_come(letter, LATER)
    assert [row.number for row in list_to_fill(sessions)] == [1, 2]

    world.engage(letter, number=1)
    assert [row.number for row in list_to_fill(list_sessions_to_come(letter, LATER))] == [2]

    world.engage(letter, number=2)
    assert [row.number for row in list_to_fill(list_sessions_to_come(letter, LATER))] == [1, 2]


def test_costs_the_same_for_one_lecturer_and_for_many(world):
    sessions = list_sessions_to_come(world.submit_evenings(), LATER)
    counts = []
    for count in (1, 12):
        for place in range(count):
            world.make_lecturer(f"讲师{count}{place}")
        with CaptureQueriesContext(connection) as statements:
            list_series(sessions)
        counts.append(len(statements))

    assert counts[0] == counts[1]

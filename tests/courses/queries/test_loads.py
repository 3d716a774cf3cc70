"""The load of lecturers, against sessions counted one by one in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib.hours import ZERO
from config.lib.periods import at_local
from courses.models import Session
from courses.queries.loads import Hours, Load, sum_loads
from instructors.models import Instructor
from rolls.actions.attendance import submit_roll, withdraw_roll
from tests import factories

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture
def world():
    return factories.ClassWorld(size=1)


def hold(world, lecturer, day, hours="4", **fields):
    return factories.make_session(
        world.training_class,
        starts_at=at_local(day, 9),
        hours=hours,
        instructor=lecturer,
        **fields,
    )


def submit(world, session):
    submit_roll(
        session_id=session.pk,
        marks={member.pk: "present" for member in world.members},
        seen={},
        by=factories.acting(world.clerk),
        at=session.ends_at,
    )


def call_off(world, session):
    Session.objects.filter(pk=session.pk).update(
        called_off_at=session.starts_at - timedelta(days=1),
        called_off_by=world.clerk,
        called_off_because="台风",
    )


def test_planned_are_sessions_not_called_off_and_taught_those_with_a_roll(world):
    lecturer = factories.make_lecturer(world.school)
    submit(world, hold(world, lecturer, date(YEAR, 3, 2)))
    hold(world, lecturer, date(YEAR, 3, 3), "2")
    hold(world, lecturer, date(YEAR, 12, 31), "0.25")
    call_off(world, hold(world, lecturer, date(YEAR, 3, 4)))
    for day in (date(YEAR - 1, 12, 31), date(YEAR + 1, 1, 1)):
        hold(world, lecturer, day)
    hold(world, None, date(YEAR, 3, 5))

    load = sum_loads([lecturer.pk], YEAR)[lecturer.pk]

    assert load.month(3) == Hours(2, Decimal(6), Decimal(4))
    assert load.month(12) == Hours(1, Decimal("0.25"), ZERO)
    assert load.month(4) == Hours()
    assert load.year == Hours(3, Decimal("6.25"), Decimal(4))


def test_a_roll_that_is_taken_back_is_taught_no_more(world):
    lecturer = factories.make_lecturer(world.school)
    session = hold(world, lecturer, date(YEAR, 3, 2))
    submit(world, session)
    withdraw_roll(
        session_id=session.pk,
        reason="名单有误",
        by=factories.acting(world.clerk),
        at=session.ends_at,
    )

    assert sum_loads([lecturer.pk], YEAR)[lecturer.pk].year == Hours(1, Decimal(4), ZERO)


def test_who_teaches_nothing_has_an_empty_load(world):
    lecturer = factories.make_lecturer(world.school)

    assert sum_loads([lecturer.pk], YEAR) == {lecturer.pk: Load()}
    assert sum_loads([], YEAR) == {}


def test_the_sessions_that_count_may_be_fewer(world):
    lecturer = factories.make_lecturer(world.school)
    elsewhere = factories.make_class(factories.make_school("120111005", "津门湖街道"))
    hold(world, lecturer, date(YEAR, 3, 2))
    factories.make_session(elsewhere, starts_at=at_local(date(YEAR, 3, 3), 9), instructor=lecturer)
    here = Session.objects.filter(training_class__school=world.school)

    assert sum_loads([lecturer.pk], YEAR)[lecturer.pk].year.planned == 8
    assert sum_loads([lecturer.pk], YEAR, here)[lecturer.pk].year.planned == 4


def test_one_statement_for_one_and_for_all_lecturers_and_the_sums_are_right(world):
    lecturers = Instructor.objects.bulk_create(
        Instructor(name=f"讲师{n}", corps="professional", employer="区委党校") for n in range(240)
    )
    planned: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for turn in range(60):
        lecturer, day = lecturers[turn * 7 % 50], date(YEAR, 1 + turn % 12, 1 + turn // 3)
        Session.objects.create(
            training_class=world.training_class,
            number=1000 + turn,
            course=world.session.course,
            instructor=lecturer,
            place="村委会",
            starts_at=at_local(day, 6),
            ends_at=at_local(day, 7),
            held_on=day,
            hours=Decimal(2),
        )
        planned[lecturer.pk, day.month] += 2
    keys = [lecturer.pk for lecturer in lecturers]

    for some in (keys[:1], keys):
        with CaptureQueriesContext(connection) as caught:
            loads = sum_loads(some, YEAR)
        assert len(caught) == 1
    assert len(loads) == 240
    assert {
        (key, month): load.month(month).planned
        for key, load in loads.items()
        for month in range(1, 13)
        if load.month(month).sessions
    } == planned

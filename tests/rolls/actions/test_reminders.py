"""Clerks are reminded of rolls: once a day, by people above, and only of what is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import Role
from accounts.models import AuditEntry
from rolls.actions.attendance import submit_roll
from rolls.actions.reminders import remind_of_rolls
from rolls.models import RollReminder
from rolls.queries.tasks import roll_tasks
from tests import factories
from tests.connections import together
from tests.factories import NOON, ClassWorld, acting

pytestmark = pytest.mark.django_db

AFTER = NOON + timedelta(hours=6)


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.officer = factories.make_user(display_name="刘洋")
    factories.grant(world.officer, Role.ORGANISATION_DEPARTMENT)
    return world


def remind(world, by=None, at=AFTER, session=None):
    keys = [(session or world.session).pk]
    return remind_of_rolls(session_ids=keys, by=acting(by or world.officer), at=at)


def test_a_reminder_stands_in_the_clerks_task(world):
    assert "刘洋" not in roll_tasks(world.clerk, AFTER + timedelta(days=1))[0].detail
    assert remind(world) == 1

    assert "刘洋" in roll_tasks(world.clerk, AFTER + timedelta(days=1))[0].detail
    entry = AuditEntry.objects.get(act="remind_of_roll")
    assert (entry.actor, entry.object_id) == (world.officer, str(world.session.pk))


def test_it_is_sent_once_a_day_in_all(world):
    other = factories.make_user()
    factories.grant(other, Role.DISTRICT_SCHOOL)
    assert [remind(world), remind(world), remind(world, other)] == [1, 0, 0]
    assert remind(world, at=AFTER + timedelta(days=1)) == 1

    assert RollReminder.objects.count() == 2


def test_it_is_for_rolls_that_are_due_and_seen(world):
    elsewhere = factories.make_school("120111005", "津门湖街道")
    session = factories.make_session(factories.make_class(elsewhere))
    leader = factories.make_user()
    factories.grant(leader, Role.SCHOOL_LEADER, elsewhere)

    assert remind(world, leader) == 0
    assert remind(world, leader, session=session) == 1
    assert remind(world, at=world.session.starts_at) == 0
    submit_roll(
        session_id=world.session.pk, marks=world.marks("present"), seen={}, by=world.by, at=AFTER
    )
    assert remind(world) == 0


@pytest.mark.parametrize("who", ["clerk", "nobody"])
def test_clerks_and_strangers_remind_nobody(world, who):
    with pytest.raises(PermissionDenied):
        remind(world, world.clerk if who == "clerk" else factories.make_user())


@pytest.mark.django_db(transaction=True)
def test_two_at_once_send_one(world):
    assert sorted(together(lambda: remind(world), lambda: remind(world))) == [0, 1]

"""Clerks are told that a roll is asked for, and what became of a request to reopen one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from rolls.actions.attendance import submit_roll
from rolls.actions.reminders import remind_of_rolls
from rolls.actions.roll_stages import answer_reopening, ask_reopening, close_rolls
from rolls.enums import ReopeningAnswer
from tests import factories
from tests.factories import NOON, ClassWorld, acting
from tests.rolls.actions.test_roll_stages import CLOSING, PORTAL
from tests.told import addresses, told

pytestmark = pytest.mark.django_db
AFTER = NOON + timedelta(hours=6)


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.officer = factories.make_user(display_name="刘洋")
    factories.grant(world.officer, Role.DISTRICT_SCHOOL)
    return world


def remind(world, at=AFTER):
    return remind_of_rolls(session_ids=[world.session.pk], by=acting(world.officer), at=at)


def test_each_clerk_of_the_school_is_told_once_a_day(world):
    colleague = factories.make_clerk(world.school)
    elsewhere = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
    leader = factories.make_user()
    factories.grant(leader, Role.SCHOOL_LEADER, world.school)

    assert [remind(world), remind(world), remind(world, AFTER + timedelta(days=1))] == [1, 0, 1]

    assert [len(told(one)) for one in (world.clerk, colleague, elsewhere, leader)] == [2, 2, 0, 0]
    title, _text = told(world.clerk)[0]
    assert title.startswith(f"刘洋 asks for the roll of {world.session} ")
    assert addresses(world.clerk)[0] == reverse("rolls:roll", args=[world.session.pk])


@pytest.mark.parametrize(
    ("answer", "word", "ends"),
    [
        (ReopeningAnswer.GRANTED, "", "is reopened"),
        (ReopeningAnswer.REFUSED, "无误", "stays closed"),
    ],
)
def test_who_asked_to_reopen_a_roll_is_told_the_answer(world, answer, word, ends):
    colleague = factories.make_clerk(world.school)
    marks = world.marks("present")
    submit_roll(session_id=world.session.pk, marks=marks, seen={}, by=world.by, at=NOON)
    close_rolls(by=PORTAL, at=CLOSING)
    asked = ask_reopening(session_id=world.session.pk, reason="点错", by=world.by, at=CLOSING)
    answer_reopening(
        reopening_id=asked.pk, answer=answer, word=word, by=acting(world.officer), at=CLOSING
    )

    [(title, text)] = told(world.clerk)
    assert title.endswith(ends)
    assert text == word
    assert told(colleague) == []

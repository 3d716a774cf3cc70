"""Members are told of the notices of their classes and of the answer to their request for leave."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classes.actions.calling_off import call_off_session
from classes.actions.class_notices import post_notice, take_notice_down
from classes.actions.leaves import answer_leave, ask_leave
from classes.enums import LeaveAnswer
from classes.models import ClassNotice
from tests import factories
from tests.browsers import browser_of
from tests.factories import MORNING, ClassWorld, acting
from tests.told import addresses, told

pytestmark = pytest.mark.django_db
BEFORE = MORNING - timedelta(days=2)


@pytest.fixture
def world():
    world = ClassWorld(size=3)
    world.users = [factories.make_user() for _ in range(2)]
    for member, user in zip(world.members, world.users, strict=False):
        member.user = user
        member.save()
    return world


def post(world, text="请带笔记本"):
    return post_notice(training_class_id=world.training_class.pk, text=text, by=world.by, at=BEFORE)


def test_a_notice_reaches_each_member_of_the_class_that_has_an_account(world):
    outside = factories.make_member(world.organisation)
    outside.user = factories.make_user()
    outside.save()
    withdrawn = world.members[1].enrolments.get()
    withdrawn.sessions = (1, 1)
    withdrawn.save()

    post(world)

    title = f"Notice of the class {world.training_class.title}"
    assert told(world.users[0]) == [(title, "请带笔记本")]
    assert told(world.users[1]) == told(outside.user) == told(world.clerk) == []


def test_for_a_large_class_it_takes_as_many_statements(world, django_assert_num_queries):
    post(world)  # the roles of the clerk are read once
    with CaptureQueriesContext(connection) as few:
        post(world)
    for _ in range(20):
        member = factories.make_member(world.organisation)
        member.user = factories.make_user()
        member.save()
        factories.enrol(world.training_class, member)

    with django_assert_num_queries(len(few)):
        post(world)

    assert len(told(member.user)) == 1


def test_one_that_is_taken_down_is_a_message_no_longer(world):
    first, second = post(world), post(world, "带身份证件")
    take_notice_down(
        training_class_id=world.training_class.pk, notice_id=first.pk, by=world.by, at=BEFORE
    )

    assert [text for _title, text in told(world.users[0])] == [second.text]


def test_members_are_told_that_a_session_is_called_off(world):
    call_off_session(session_id=world.session.pk, reason="讲师生病", by=world.by, at=BEFORE)

    [(_title, text)] = told(world.users[0])
    assert text == ClassNotice.objects.get().text
    assert "讲师生病" in text
    assert addresses(world.users[0]) == [reverse("classes:my_timetable")]


@pytest.mark.parametrize(
    ("answer", "word", "begins"),
    [(LeaveAnswer.ACCEPTED, "", "You are on leave"), (LeaveAnswer.REFUSED, "人手不足", "Leave ")],
)
def test_the_answer_to_leave_is_told_with_its_word(world, answer, word, begins):
    user = world.users[0]
    leave = ask_leave(session_id=world.session.pk, reason="值班", by=acting(user), at=BEFORE)
    answer_leave(leave_id=leave.pk, answer=answer, word=word, by=world.by, at=BEFORE)

    [(title, text)] = told(user)
    assert title.startswith(begins)
    assert text == word
    [address] = addresses(user)
    assert browser_of(user).get(address).status_code == 200
    assert told(world.users[1]) == []

"""Closed and reopened rolls, and overdue ones, as pages show them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import ActorChannel, Role
from accounts.origin import Actor
from rolls.actions.attendance import submit_roll
from rolls.actions.roll_stages import close_rolls
from rolls.models import Attendance, RollReopening
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.roll_url = reverse("rolls:roll", args=[world.session.pk])
    return world


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk)


@pytest.fixture
def officer():
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    return browser_of(officer)


def send(client, name, key, **values):
    url = reverse(f"rolls:{name}", args=[key])
    return client.post(url, {"idempotency_key": uuid4(), **values}, follow=True)


def close(world):
    at = timezone.now()
    submit_roll(
        session_id=world.session.pk,
        marks=world.marks("present"),
        seen={},
        by=world.by,
        at=at - MONTH,
    )
    assert close_rolls(by=Actor(None, ActorChannel.TASK), at=at) == 1


class TestAClosedRoll:
    def test_is_reopened_by_request(self, world, clerk, officer):
        close(world)
        page = clerk.get(world.roll_url).text
        assert "Closed at" in page
        assert "Take the roll back" not in page

        asked = send(clerk, "ask_reopening", world.session.pk, reason="One name is wrong")
        assert "waits for the district school" in asked.text
        assert "One name is wrong" in officer.get(reverse("home")).text

        key = RollReopening.objects.get().pk
        done = send(officer, "answer_reopening", key, answer="granted")
        assert "Reopened at" in clerk.get(world.roll_url).text
        assert done.status_code == 200
        assert "Correct 1 reopened roll" in clerk.get(reverse("home")).text

    def test_stays_closed_for_who_only_reads_it(self, world):
        close(world)
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)

        answer = send(browser_of(leader), "ask_reopening", world.session.pk, reason="x")
        assert answer.status_code == 403
        assert not RollReopening.objects.exists()

    def test_is_not_refused_without_a_word(self, world, clerk, officer):
        close(world)
        send(clerk, "ask_reopening", world.session.pk, reason="One name is wrong")

        answer = send(officer, "answer_reopening", RollReopening.objects.get().pk, answer="refused")

        assert "Say why the roll stays closed." in answer.text
        assert RollReopening.objects.get().answer == ""

    def test_leads_back_from_a_correction(self, world, clerk):
        close(world)
        mark = Attendance.objects.first()

        answer = clerk.get(reverse("rolls:correction", args=[mark.pk]))
        assert answer.url == world.roll_url

    def test_takes_no_id_number_as_a_reason(self, world, clerk):
        close(world)

        answer = send(clerk, "ask_reopening", world.session.pk, reason="11010519491231002X")
        assert answer.status_code == 422
        assert not RollReopening.objects.exists()


def test_an_overdue_roll_is_named_on_home_overview_and_list(world, clerk, officer):
    for client in (clerk, officer):
        home = client.get(reverse("home")).text
        assert "1 is past its deadline." in home
        assert f"{world.training_class.title} · 1" in home
        assert world.roll_url in client.get(reverse("years:overview")).text
        listed = client.get(reverse("rolls:sessions"), {"due": "overdue"}).context["page_obj"]
        assert [session.pk for session in listed] == [world.session.pk]
    close(world)

    assert "past its deadline" not in clerk.get(reverse("home")).text
    closed = clerk.get(reverse("rolls:sessions"), {"due": "closed"}).context["page_obj"]
    assert [session.pk for session in closed] == [world.session.pk]

"""Closed and reopened rolls, overdue ones, and sessions called off, as pages show them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import ActorChannel, Role
from accounts.origin import Actor
from classes.models import Roll
from courses.enums import Format
from courses.models import Session
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


class TestAnIntensiveClass:
    @pytest.fixture(autouse=True)
    def _intensive(self, world):
        world.training_class.format = Format.INTENSIVE
        world.training_class.save()

    def test_is_submitted_without_script_with_deviations_alone(self, world, clerk):
        page = clerk.get(world.roll_url)
        assert "Everyone is expected." in page.text
        assert page.context["counts"][0] == ("", "expected", 2)

        first, second = world.members
        answer = clerk.post(
            world.roll_url,
            {
                "idempotency_key": uuid4(),
                "act": "submit",
                f"mark-{first.pk}": "",
                f"seen-{first.pk}": "",
                f"mark-{second.pk}": "absent",
                f"seen-{second.pk}": "",
            },
        )

        assert answer.status_code == 302
        statuses = dict(Attendance.objects.values_list("member", "status"))
        assert statuses == {first.pk: "present", second.pk: "absent"}

    def test_shows_what_somebody_else_marked_before_it_is_submitted(self, world, clerk):
        first, second = world.members
        Roll.objects.create(session=world.session, state="draft")
        Attendance.objects.create(
            session=world.session,
            member=first,
            organisation=world.organisation,
            status="absent",
            marked_at=timezone.now(),
            marked_by=factories.make_user(display_name="王丽"),
        )
        body = {"act": "submit"} | {
            f"{name}-{member.pk}": "" for name in ("mark", "seen") for member in (first, second)
        }
        answer = clerk.post(world.roll_url, {"idempotency_key": uuid4()} | body)

        assert answer.status_code == 409
        assert "you say expected, 王丽 said absent" in answer.text
        [row] = [row for row in answer.context["rows"] if row["conflict"]]
        assert (row["chosen"], row["seen"]) == ("absent", "absent")


class TestASessionThatIsCalledOff:
    @pytest.fixture
    def ahead(self, world):
        return factories.make_session(
            world.training_class, starts_at=timezone.now() + timedelta(days=3)
        )

    def test_is_shown_first_and_then_stands_everywhere(self, world, clerk, ahead):
        member = world.members[0]
        member.user = factories.make_user()
        member.save()
        url = reverse("classes:call_off_session", args=[ahead.pk])
        key = uuid4()
        body = {"idempotency_key": key, "reason": "Snow storm"}

        check = clerk.post(url, body | {"step": "check"})
        assert "2 trainees read it" in check.text
        assert not Session.objects.filter(called_off_at__isnull=False).exists()
        clerk.post(url, body | {"step": "do"})

        for client, name, arguments in (
            (clerk, "classes:training_class", [world.training_class.pk]),
            (clerk, "rolls:roll", [ahead.pk]),
            (browser_of(member.user), "classes:my_timetable", []),
        ):
            page = client.get(reverse(name, args=arguments)).text
            assert "called" in page
            assert "Snow storm" in page
        listed = clerk.get(reverse("rolls:sessions"), {"due": "called_off"}).context["page_obj"]
        assert [session.pk for session in listed] == [ahead.pk]

    def test_with_its_class_leaves_what_was_held(self, world, clerk, ahead):
        url = reverse("classes:call_off_class", args=[world.training_class.pk])
        clerk.post(url, {"idempotency_key": uuid4(), "reason": "Snow storm", "step": "do"})

        called_off = Session.objects.filter(called_off_at__isnull=False)
        assert [session.pk for session in called_off] == [ahead.pk]
        assert clerk.get(url).status_code == 302

"""Where the marks of a device arrive: what is answered, and to whom."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.lib.periods import at_local, today
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance, MarkReceipt
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = ClassWorld(size=3)
    world.session = factories.make_session(world.training_class, starts_at=at_local(today(), 0))
    return world


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk)


def mark(member, status="present", **other) -> dict:
    return {
        "id": str(uuid4()),
        "member": member.pk,
        "status": status,
        "seen": "",
        "made_at": "2026-05-20T01:00:00.000Z",
    } | other


def send(client, session, *marks, person=None):
    """Send marks as the device of the person who is signed in, or of `person`."""
    url = reverse("rolls:receive_marks", args=[session.pk])
    account = int(client.session.get("_auth_user_id", 0))
    body = {"person": account if person is None else person, "marks": list(marks)}
    return client.post(url, body, content_type="application/json")


class TestTheAnswer:
    def test_names_each_mark_and_says_how_the_roll_stands(self, world, clerk):
        other = factories.make_clerk(world.school, display_name="王丽")
        theirs = browser_of(other, None)
        send(theirs, world.session, mark(world.members[1], "late"))
        stranger = factories.make_member(world.organisation)
        marks = [mark(world.members[0]), mark(world.members[1], "absent"), mark(stranger)]

        reply = send(clerk, world.session, *marks)

        answer = reply.json()
        assert reply.status_code == 200
        assert answer["acknowledged"] == [marks[0]["id"]]
        [conflict] = answer["conflicts"]
        assert (conflict["id"], conflict["member"]) == (marks[1]["id"], world.members[1].pk)
        assert (conflict["theirs"], conflict["by"]) == ("late", "王丽")
        assert conflict["text"].startswith("王丽 said late at ")
        [refusal] = answer["refused"]
        assert (refusal["id"], refusal["reason"]) == (marks[2]["id"], "not_on_roster")
        stands = ["present", "late", ""]
        assert answer["marks"] == {
            str(member.pk): status for member, status in zip(world.members, stands, strict=True)
        }

    def test_says_who_submitted_the_roll_also_where_no_mark_is_sent(self, world, clerk):
        assert send(clerk, world.session).json()["submitted"] == ""
        other = factories.make_clerk(world.school, display_name="王丽")
        kwargs = {"by": factories.acting(other), "at": timezone.now()}
        submit_roll(session_id=world.session.pk, marks=world.marks("present"), seen={}, **kwargs)

        answer = send(clerk, world.session).json()

        assert answer["submitted"].startswith("王丽 submitted this roll at ")
        assert not MarkReceipt.objects.exists()

    def test_is_kept_by_no_cache(self, world, clerk):
        for reply in (
            send(clerk, world.session, mark(world.members[0])),
            send(Client(), world.session),
        ):
            assert "no-store" in reply.headers["Cache-Control"]


class TestTheSender:
    def test_who_is_signed_out_is_told_so_and_not_led_away(self, world):
        reply = send(Client(), world.session, mark(world.members[0]))

        assert (reply.status_code, reply.headers["Content-Type"]) == (401, "application/json")
        assert not MarkReceipt.objects.exists()

    def test_whose_session_ran_out_is_told_so(self, world, clerk, settings):
        session = clerk.session
        session["seen"] = time.time() - (settings.IDLE_MINUTES + 1) * 60
        session.save()

        assert send(clerk, world.session, mark(world.members[0])).status_code == 401

    def test_of_another_school_finds_no_session(self, world):
        school = factories.make_school("120111005", "津门湖街道")
        other = browser_of(factories.make_clerk(school), None)
        other.get(reverse("home"))  # the refusal would undo what the session notes

        assert send(other, world.session, mark(world.members[0])).status_code == 404

    def test_of_marks_that_somebody_else_made_is_told_so_and_keeps_them(self, world, clerk):
        other = factories.make_clerk(world.school)

        reply = send(clerk, world.session, mark(world.members[0]), person=other.pk)

        assert reply.status_code == 409
        assert not Attendance.objects.exists()
        assert not MarkReceipt.objects.exists()

    def test_needs_the_token_of_the_page(self, world, clerk):
        clerk.handler.enforce_csrf_checks = True

        assert send(clerk, world.session, mark(world.members[0])).status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [
            {"id": "no key"},
            {"id": None},
            {"member": "1"},
            {"member": True},
            {"member": 2**63},
            {"status": ""},
            {"status": "perhaps"},
            {"seen": "perhaps"},
            {"made_at": "2026-05-20T01:00:00"},
            {"made_at": "0001-01-01T00:00:00+14:00"},
            {"made_at": 5},
        ],
    )
    def test_of_a_mark_that_is_none_writes_nothing(self, world, clerk, wrong):
        good = mark(world.members[0])

        assert send(clerk, world.session, good, good | wrong).status_code == 422
        assert not Attendance.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "[]",
            "{}",
            '{"marks": []}',
            '{"person": "1", "marks": []}',
            '{"person": 1, "marks": {}}',
            '{"person": 1, "marks": [1]}',
            "[" * 9999,
        ],
    )
    def test_of_no_marks_at_all_is_told_so(self, world, clerk, body):
        url = reverse("rolls:receive_marks", args=[world.session.pk])

        assert clerk.post(url, body, content_type="application/json").status_code == 422

    def test_of_too_many_at_once_is_told_so(self, world, clerk):
        marks = [mark(world.members[0]) for _ in range(501)]

        assert send(clerk, world.session, *marks).status_code == 422


class TestTheWorker:
    def test_is_a_script_for_the_addresses_of_sessions_and_asked_for_anew_each_time(self, client):
        reply = client.get("/roll-worker.js")

        assert reply.headers["Content-Type"] == "text/javascript"
        assert reply.headers["Service-Worker-Allowed"] == "/sessions/"
        assert "no-cache" in reply.headers["Cache-Control"]

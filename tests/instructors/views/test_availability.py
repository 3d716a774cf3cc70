"""The pages of a lecturer's days."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from config.lib.periods import at_local, today
from dispatch.enums import EngagementState
from instructors.models import AvailabilityException, LecturerLeave, WeeklySlot
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld
from tests.factories import make_lecturer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def lecturer(user):
    return make_lecturer(factories.make_school(), user=user)


def url(name, row):
    return reverse(f"instructors:{name}", args=[row.pk])


def key(**more):
    return {"idempotency_key": str(uuid4()), **more}


def test_a_lecturer_enters_the_week(lecturer, user):
    page = browser_of(user)
    assert page.get(reverse("instructors:my_availability")).url == url("availability", lecturer)

    sent = key(slots=["1-morning", "3-evening"], on=today().isoformat())
    done = page.post(url("change_week", lecturer), sent, follow=True)

    assert "Mon · morning" in done.text
    assert WeeklySlot.objects.count() == 2
    form = page.get(url("change_week", lecturer)).text
    assert form.count("checked") == 2


def test_leave_and_single_days_are_entered_and_taken_back(lecturer, user):
    page, tomorrow = browser_of(user), today() + timedelta(days=1)
    days = {"first_day": tomorrow.isoformat(), "last_day": tomorrow.isoformat()}
    text = page.post(url("add_leave", lecturer), key(kind="study", **days), follow=True).text
    assert "own training" in text
    assert text.count("on leave") == 3
    sent = key(day=tomorrow.isoformat(), part="morning", is_free="yes")
    text = page.post(url("add_exception", lecturer), sent, follow=True).text
    assert text.count("on leave") == 2

    page.post(url("end_leave", LecturerLeave.objects.get()), key())
    page.post(url("remove_exception", AvailabilityException.objects.get()), key())

    assert not LecturerLeave.objects.exists()
    assert not AvailabilityException.objects.exists()


def test_who_enters_leave_reads_what_is_still_to_be_taught_then():
    world = BookingWorld()
    tomorrow = today() + timedelta(days=1)
    factories.make_session(
        factories.make_class(world.school, "青年夜校"),
        starts_at=at_local(tomorrow, 9),
        ends_at=at_local(tomorrow, 11),
        instructor=world.lecturer,
    )
    page = browser_of(world.lecturer.user, "en")
    days = {"first_day": tomorrow.isoformat(), "last_day": tomorrow.isoformat()}
    part = {"day": tomorrow.isoformat(), "is_free": "no"}

    def say(name, **sent):
        reply = page.post(url(name, world.lecturer), key(**sent), follow=True)
        return [str(one) for one in reply.context["messages"]]

    for said in (
        say("add_exception", part="morning", **part),
        say("add_leave", kind="duty", **days),
    ):
        assert "青年夜校" in said[1]
    assert len(say("add_exception", part="evening", **part)) == 1
    later = {name: (tomorrow + timedelta(days=9)).isoformat() for name in days}
    assert len(say("add_leave", kind="duty", **later)) == 1


def test_a_day_of_the_past_is_refused_at_its_field(lecturer, user):
    sent = key(slots=[], on=(today() - timedelta(days=1)).isoformat())

    answer = browser_of(user).post(url("change_week", lecturer), sent)

    assert answer.status_code == 422
    assert "This day is past" in answer.text


def test_sent_twice_it_is_entered_once(lecturer, user):
    page, day = browser_of(user), today().isoformat()
    sent = key(kind="duty", first_day=day, last_day=day)

    for _ in range(2):
        assert page.post(url("add_leave", lecturer), sent).status_code == 302
    assert LecturerLeave.objects.count() == 1


def test_where_they_teach_and_are_engaged_stands_beside_the_days():
    world = BookingWorld()
    tomorrow = today() + timedelta(days=1)
    factories.make_session(
        factories.make_class(world.school, "青年夜校"),
        starts_at=at_local(tomorrow, 9),
        ends_at=at_local(tomorrow, 13),
        instructor=world.lecturer,
    )
    engagement = factories.make_engagement(
        factories.make_booking_letter(world.school),
        world.lecturer,
        starts_at=at_local(tomorrow + timedelta(days=30), 9),
        state=EngagementState.PROPOSED,
    )

    page = browser_of(world.lecturer.user).get(url("availability", world.lecturer))

    (first, *_), shown = page.context["days"], [*page.context["days"], *page.context["later"]]
    assert not any(one.teaching for one in first.parts)
    (day,) = [one for one in shown if one.day == tomorrow]
    assert [bool(one.teaching) for one in day.parts] == [True, True, False]
    taught = {session.where for one in shown for part in one.parts for session in part.teaching}
    assert taught == {f"{world.school} · 青年夜校", f"{world.school} · {engagement.letter.title}"}
    assert len(shown) == 84

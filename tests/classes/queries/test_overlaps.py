"""The person who is enrolled in two classes at the same time is named; nobody is refused for it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.queries.overlaps import list_overlaps
from config.lib.periods import at_local, local_date
from courses.models import Session
from schools.enums import Audience
from tests import factories
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db
AHEAD = timedelta(days=3)


@pytest.fixture
def world():
    """Its members are in a class, at three in three days, and may come to `other` an hour later."""
    world = ClassWorld(size=2)
    world.session.delete()
    at = at_local(local_date(timezone.now()) + AHEAD, 15)
    factories.make_session(world.training_class, starts_at=at)
    world.other = factories.make_class(world.school, "党务培训班")
    factories.make_session(world.other, starts_at=at + timedelta(hours=1))
    return world


def overlaps(world):
    return [
        overlap.title for overlap in list_overlaps(world.other.pk, [m.pk for m in world.members])
    ]


def test_names_the_other_class(world):
    factories.enrol(world.other, world.members[0])

    assert overlaps(world) == [world.training_class.title]


@pytest.mark.parametrize(
    "change",
    [
        {"called_off_at": timezone.now(), "called_off_because": "暴雪"},
        {"starts_at": timezone.now() + timedelta(hours=1)},
    ],
    ids=["called off", "at another time"],
)
def test_names_none_that_is_not_held_then(world, change):
    factories.enrol(world.other, world.members[0])
    session = Session.objects.get(training_class=world.training_class)
    for name, value in change.items():
        setattr(session, name, value)
    if session.called_off_at:
        session.called_off_by = world.clerk
    session.ends_at = session.starts_at + timedelta(hours=3)
    session.held_on = timezone.localdate(session.starts_at)
    session.save()

    assert overlaps(world) == []


def test_is_told_to_the_clerk_who_enrols(world, client):
    client.force_login(world.clerk, "accounts.backends.PhoneOrNumberBackend")
    client.cookies["language"] = "en"
    url = reverse("classes:enrol_guest", args=[world.other.pk])

    body = {"idempotency_key": uuid4(), "number": world.members[0].number}
    body["name"] = world.members[0].name
    page = client.post(url, body, follow=True).text

    assert "1 of them is in another class at the same time" in page
    assert world.other.enrolments.count() == 1


def test_is_told_to_the_member_who_joins(world, client):
    member = world.members[0]
    member.user = factories.make_user()
    member.save()
    world.other.is_open, world.other.audience = True, Audience.ORDINARY
    world.other.save()
    client.force_login(member.user, "accounts.backends.PhoneOrNumberBackend")
    client.cookies["language"] = "en"

    url = reverse("classes:enrol_self", args=[world.other.pk])
    page = client.post(url, {"idempotency_key": uuid4(), "clash": "accepted"}, follow=True).text

    assert f"you are in “{world.training_class.title}” at the same time" in page
    assert world.other.enrolments.count() == 1


def move(client, world, later, **changes):
    """The page after a clerk moved the session of `other`, three hours long, so far ahead."""
    session = world.other.sessions.get()
    starts = timezone.localtime(session.starts_at + timedelta(hours=later))
    client.force_login(world.clerk, "accounts.backends.PhoneOrNumberBackend")
    client.cookies["language"] = "en"
    url = reverse("classes:change_session", args=[session.pk])
    form = client.get(url).context["form"]
    body = {name: form[name].value() or "" for name in form.fields} | changes
    body["starts_at"] = f"{starts:%Y-%m-%dT%H:%M}"
    body["ends_at"] = f"{starts + timedelta(hours=3):%Y-%m-%dT%H:%M}"
    page = client.post(url, body, follow=True)
    assert page.redirect_chain
    return page.text


def test_is_told_to_the_clerk_who_moves_a_session(world, client):
    for member in world.members:
        factories.enrol(world.other, member)

    page = move(client, world, 1)

    assert "2 trainees of session 1 are in another class at its new time" in page
    assert f"{world.members[0].name} (“{world.training_class.title}”" in page
    assert "in another class" not in move(client, world, 4)


def test_is_told_of_a_move_alone(world, client):
    factories.enrol(world.other, world.members[0])
    move(client, world, 1)

    assert "in another class" not in move(client, world, 0, hours="2")

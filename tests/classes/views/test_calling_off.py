"""Sessions and classes that are called off: looked at first, then shown everywhere."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Session
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return ClassWorld(size=2)


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk)


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

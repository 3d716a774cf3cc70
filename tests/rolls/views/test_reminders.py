"""The list of sessions names whom to ask for a roll, and reminds them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from rolls.models import RollReminder
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db

LIST = "/sessions/?due=missing"


@pytest.fixture
def world():
    world = ClassWorld(size=1)
    world.officer = factories.make_user()
    factories.grant(world.officer, Role.ORGANISATION_DEPARTMENT)
    world.clerk.display_name, world.clerk.phone = "王经办", "13900000001"
    world.clerk.save()
    add_session(world, 10)
    return world


def add_session(world, days):
    start = timezone.now() - timedelta(days=days)
    return factories.make_session(world.training_class, starts_at=start)


def test_a_row_that_can_be_chased_names_the_clerk_and_reminds_in_one_act(world):
    client = browser_of(world.officer)
    page = client.get(LIST).content.decode()
    for text in ("王经办", "13900000001", 'form="remind"'):
        assert text in page
    reply = client.post(
        f"{reverse('rolls:remind')}?due=missing", {"session": str(world.session.pk)}, follow=True
    )

    assert reply.redirect_chain[-1][0] == LIST
    assert "reminded of 1 roll" in reply.content.decode()
    assert RollReminder.objects.get().session == world.session


def test_all_of_a_page_are_reminded_of_and_the_button_is_gone(world):
    client = browser_of(world.officer)
    keys = ",".join(str(session.pk) for session in world.training_class.sessions.all())
    page = client.get(LIST).content.decode()
    assert page.count('name="session"') == 3
    page = client.post(reverse("rolls:remind"), {"session": keys}, follow=True).content.decode()

    assert RollReminder.objects.count() == 2
    assert 'name="session"' not in page


@pytest.mark.parametrize("sent", ["", "x", "0", "9" * 30, "1,,2"])
def test_what_is_no_session_reminds_nobody(world, sent):
    reply = browser_of(world.officer).post(reverse("rolls:remind"), {"session": sent}, follow=True)

    assert "Nobody was reminded" in reply.content.decode()


def test_a_clerk_reads_who_asked_and_reminds_nobody(world):
    browser_of(world.officer).post(reverse("rolls:remind"), {"session": str(world.session.pk)})
    client = browser_of(world.clerk)

    page = client.get(LIST).content.decode()
    assert world.officer.display_name in page
    assert 'form="remind"' not in page
    assert client.post(reverse("rolls:remind"), {"session": "1"}).status_code == 403


def test_the_page_of_the_roll_says_whom_to_ask_as_well(world):
    browser_of(world.officer).post(reverse("rolls:remind"), {"session": str(world.session.pk)})
    roll = reverse("rolls:roll", args=[world.session.pk])

    asked = browser_of(world.officer).get(roll).content.decode()
    assert "王经办" in asked
    assert "13900000001" in asked
    own = browser_of(world.clerk).get(roll).content.decode()
    assert f"{world.officer.display_name} asked for it on" in own
    assert "13900000001" not in own


def test_the_list_costs_the_same_for_two_rows_and_twenty(world):
    client = browser_of(world.officer)
    client.get(LIST)

    def count():
        with CaptureQueriesContext(connection) as caught:
            client.get(LIST)
        return len(caught)

    few = count()
    for days in range(11, 29):
        add_session(world, days)
    assert count() == few

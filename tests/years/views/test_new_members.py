"""The form that adds one member: what it says will happen, and what it keeps of what was typed."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import AuditEntry
from backstage.models import IdempotencyKey
from config.lib.periods import today
from tests import factories
from tests.admin_pages import filled, make_officer
from tests.browsers import browser_of
from tests.factories import make_member, make_organisation
from tests.trainees.actions.test_register import resident_id
from trainees.models import Member

pytestmark = pytest.mark.django_db

URL = "/members/add/"


class World:
    def __init__(self) -> None:
        self.school = factories.make_school()
        self.here = make_organisation(self.school)
        self.office = browser_of(make_officer(Role.ORGANISATION_DEPARTMENT))

    def send(self, step="do", **typed):
        form = self.office.get(URL).context["form"]
        facts = {
            "name": "周涛",
            "resident_id": resident_id(12),
            "phone": "138 0000 0001",
            "organisation": self.here.code,
            "on": today().isoformat(),
        }
        return self.office.post(URL, filled(form, **facts | typed) | {"step": step})


@pytest.fixture
def world() -> World:
    return World()


def test_is_reached_from_the_members_and_from_an_organisation(world):
    organisation = reverse("trainees:organisation", args=[world.here.pk])
    page = world.office.get(f"{URL}?organisation={world.here.code}")

    assert f'"{URL}"' in world.office.get(reverse("years:members")).text
    assert f'"{URL}?organisation={world.here.code}"' in world.office.get(organisation).text
    assert f'value="{world.here.code}"' in page.text


def test_asks_for_the_day_from_which_they_belong_last(world):
    page = world.office.get(URL)

    assert [*page.context["form"].fields][-1] == "on"
    assert "Belongs here from" in page.text


def test_the_check_page_says_number_day_school_and_debt(world):
    # Who belongs from a later day of December on owes nothing of this year.
    page = world.send("check", on=date(today().year, 1, 1).isoformat())

    assert page.status_code == 200
    assert f"gets the member number {world.school.code[-3:]}0000001" in page.text
    assert f"They study at {world.school.name}" in page.text
    assert "The year then says" in page.text
    assert "credit hours owed this year" in page.text
    assert "no account yet" in page.text
    assert not Member.objects.exists()


def test_the_card_of_the_new_member_follows_also_the_second_time(world):
    form = world.office.get(URL).context["form"]
    facts = {"name": "周涛", "resident_id": resident_id(12), "organisation": world.here.code}
    body = filled(form, **facts, on=today().isoformat()) | {"step": "do"}

    first, second = (world.office.post(URL, body) for _ in range(2))

    card = reverse("trainees:member", args=[Member.objects.get().pk])
    assert first.url == second.url == card
    assert world.office.get(card).status_code == 200


def test_no_page_and_no_row_shows_the_id_number_afterwards(world):
    answer = world.send()

    assert resident_id(12) not in world.office.get(answer.url).text
    assert resident_id(12) not in str(list(AuditEntry.objects.values_list("before", "after")))
    assert resident_id(12) not in str(list(IdempotencyKey.objects.values()))


def test_an_error_stands_at_its_field_and_keeps_what_was_typed(world):
    make_member(world.here)
    page = world.send(resident_id=resident_id(12)[:-1] + "X", phone="1")

    assert page.status_code == 422
    assert {*page.context["form"].errors} == {"resident_id", "phone"}
    assert 'value="周涛"' in page.text


def test_a_known_id_number_is_refused_without_saying_whose(world):
    world.send(name="郑重其")

    page = world.send(name="另一人")

    assert page.status_code == 422
    assert "on the register already" in page.text
    assert "郑重其" not in page.text


def test_outside_every_area_it_says_so(world):
    page = world.send("check", organisation=factories.make_top().code)

    assert "they count outside every school&#x27;s area" in page.text

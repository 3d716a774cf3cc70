"""What a field that names an organisation offers: the first that fit, in sight, as of a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from config.lib.periods import inclusive_period, period, today
from schools.models import Organisation
from schools.queries.finding import SHOWN, find_organisations, typed_as
from tests import factories
from tests.browsers import browser_of
from tests.factories import START, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def officer():
    user = factories.make_user()
    factories.grant(user, Role.ORGANISATION_DEPARTMENT)
    return user


def ask(user, text: str, **query: str) -> dict:
    return browser_of(user).get(reverse("schools:find_organisations"), {"q": text, **query}).json()


def test_offers_name_and_code_and_what_the_field_is_filled_with(school, officer):
    second = make_organisation(school, "第二党支部")
    make_organisation(school)

    for text in ("第二", "dedzb", second.code):
        assert ask(officer, text) == {
            "hits": [
                {
                    "value": f"{second.name} · {second.code}",
                    "text": second.name,
                    "why": second.code,
                }
            ],
            "more": False,
        }
    assert ask(officer, "") == {"hits": [], "more": False}


def test_what_is_filled_in_names_exactly_that_organisation(school, officer):
    first = make_organisation(school)
    make_organisation(school)
    days = inclusive_period(today(), today())

    assert find_organisations(officer, typed_as(first), days, today()).shown == [first]
    assert len(find_organisations(officer, first.name, days, today()).shown) == 2
    # A name that holds the sign itself is no code.
    Organisation.objects.filter(pk=first.pk).update(name="一分厂 · 车间党支部")
    assert find_organisations(officer, "一分厂 · 车间", days, today()).shown[0].pk == first.pk


def test_offers_no_more_than_a_page_of_them(school, officer):
    for number in range(SHOWN + 1):
        make_organisation(school, f"第{number}党支部")

    answer = ask(officer, "党支部")

    assert (len(answer["hits"]), answer["more"]) == (SHOWN, True)


def test_a_clerk_gets_those_of_the_own_school_and_a_member_none(school):
    make_organisation(school)
    other = factories.make_school("120111005", "津门湖街道")
    make_organisation(other)

    assert len(ask(factories.make_clerk(other), "党支部")["hits"]) == 1
    assert ask(factories.make_user(), "党支部")["hits"] == []


def test_offers_what_exists_on_the_day_of_the_form(school, officer):
    branch = make_organisation(school)
    day = today() - timedelta(days=1)
    Organisation.objects.filter(pk=branch.pk).update(period=period(START, today()))

    assert ask(officer, "党支部")["hits"] == []
    assert len(ask(officer, "党支部", on=day.isoformat())["hits"]) == 1
    assert ask(officer, "党支部", on="soon")["hits"] == []

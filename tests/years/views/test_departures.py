"""The pages of members who leave, their list, and those of taking it back and coming again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from config.lib.periods import today
from tests import factories
from tests.admin_pages import filled, make_officer
from tests.browsers import browser_of
from tests.evidence import study
from tests.factories import make_leader, make_member, make_organisation
from trainees.models import Departure
from years.actions.documents import issue_document
from years.enums import DocumentKind

pytestmark = pytest.mark.django_db


class World:
    def __init__(self) -> None:
        self.school = factories.make_school()
        self.here = make_organisation(self.school)
        self.member = make_member(self.here, "周涛")
        self.officer = make_officer(Role.ORGANISATION_DEPARTMENT)
        self.office = browser_of(self.officer)
        self.clerk = browser_of(factories.make_clerk(self.school))

    def url(self, name, key=None):
        return reverse(f"years:{name}", args=[key or self.member.pk])

    def send(self, url, step="do", **typed):
        form = self.office.get(url).context["form"]
        return self.office.post(url, filled(form, **typed) | {"step": step})

    def leave(self, step="do", **typed):
        facts = {"kind": "death", "on": today().isoformat()}
        return self.send(self.url("record_departure"), step, **facts | typed)

    @property
    def card(self):
        return reverse("trainees:member", args=[self.member.pk])


@pytest.fixture
def world() -> World:
    return World()


class TestRecordingIt:
    def test_is_offered_on_the_card_to_the_department(self, world):
        address = world.url("record_departure")

        assert address in world.office.get(world.card).text
        assert address not in world.clerk.get(world.card).text

    def test_says_what_becomes_of_debt_and_denominator(self, world):
        page = world.leave("check")

        assert f"{world.school.name} counts one member fewer" in page.text
        assert "is not judged" in page.text
        assert not Departure.objects.exists()

    def test_says_that_a_number_stays_where_they_did_not_count(self, world):
        factories.exempt(world.member)

        assert "so that number stays" in world.leave("check").text

    def test_says_what_ends(self, world):
        world.member = make_leader(world.here)
        world.member.user = factories.make_user()
        world.member.save()
        page = world.leave("check")

        assert "1 post ends on that day" in page.text
        assert "The account is disabled" in page.text

    def test_leads_to_the_card_which_the_district_still_opens(self, world):
        answer = world.leave(kind="transfer_out", document="介绍信第12号")

        assert answer.url == world.card
        page = world.office.get(world.card)
        assert "transfer out of the district" in page.text
        assert "介绍信第12号" in page.text
        assert world.clerk.get(world.card).status_code == 404
        hours = world.office.get(reverse("years:member_hours", args=[world.member.pk]))
        assert "is not judged" in hours.text

    def test_keeps_what_was_typed_and_refuses_an_id_number(self, world):
        page = world.leave(document="120000197001010121")

        assert page.status_code == 422
        assert {*page.context["form"].errors} == {"document"}
        assert 'value="death"' in page.text

    def test_leaves_hours_and_allows_the_department_to_issue_the_year_record(self, world):
        study(world.here, world.member, on=today(), school=world.school)
        assert "2 credit hours are of that day or later" in world.leave("check").text
        world.leave()

        document = issue_document(
            member_id=world.member.pk,
            kind=DocumentKind.YEAR_RECORD,
            year=today().year,
            check_address="https://xuetang.example/check/",
            by=factories.acting(world.officer),
            at=timezone.now(),
        )

        assert document.pk


class TestTakingItBack:
    def test_is_offered_on_the_card_and_restores_it(self, world):
        world.leave()
        url = world.url("take_back_departure", Departure.objects.get().pk)
        assert url in world.office.get(world.card).text

        check = world.send(url, "check", reason="登记错了人")
        assert "as if they had not left" in check.text
        assert world.send(url, reason="登记错了人").url == world.card

        page = world.office.get(world.card)
        assert "登记错了人" in page.text
        assert page.context["present"].organisation == world.here
        assert world.clerk.get(world.card).status_code == 200


class TestComingBack:
    def test_begins_a_membership(self, world):
        world.leave(on=(today() - timedelta(days=1)).isoformat())
        url = world.url("return_member")
        assert url in world.office.get(world.card).text

        page = world.send(url, "check", organisation=world.here.code)
        assert f"They study at {world.school.name}" in page.text
        assert world.send(url, organisation=world.here.code).url == world.card
        assert world.clerk.get(world.card).status_code == 200


class TestTheList:
    def names(self, browser, **query):
        page = browser.get(reverse("years:departures"), query)
        return [row.member.name for row in page.context["page_obj"]]

    def test_has_who_left_in_the_year_by_reason_and_name(self, world):
        world.leave()

        assert self.names(world.office) == ["周涛"]
        assert self.names(world.office, leaving="death", q="zt") == ["周涛"]
        assert self.names(world.office, leaving="removal") == []
        assert self.names(world.office, q="没有") == []
        assert self.names(world.office, year=today().year - 1) == []

    def test_opens_cards_for_the_district_alone(self, world):
        world.leave()
        elsewhere = factories.make_school("120111005", "津门湖街道")

        assert world.card in world.office.get(reverse("years:departures")).text
        assert self.names(world.clerk) == ["周涛"]
        assert world.card not in world.clerk.get(reverse("years:departures")).text
        assert self.names(browser_of(factories.make_clerk(elsewhere))) == []

    def test_takes_as_many_statements_for_three_as_for_two(self, world):
        taken = []
        for _ in range(3):
            world.leave()
            world.member = make_member(world.here)
            with CaptureQueriesContext(connection) as caught:
                world.office.get(reverse("years:departures"))
            taken.append(len(caught))
        assert taken[1] == taken[2]

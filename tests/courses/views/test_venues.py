"""The pages of venues: added with their equipment, changed, and open while they are used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import period
from courses.models import Equipment, Venue
from schools.models import School
from tests import factories
from tests.schools.views.test_schools import browser, errors_of, send


@pytest.fixture(autouse=True)
def _english():
    """The words of a refusal, whatever the catalogue holds."""
    with translation.override("en"):
        yield


@pytest.fixture
def school(db) -> School:
    return factories.make_school()


@pytest.fixture
def office(db) -> Client:
    return browser(Role.ORGANISATION_DEPARTMENT)


class TestVenues:
    def url(self, school: School) -> str:
        return reverse("courses:venue_add", args=[school.pk])

    def typed(self, **fields: Any) -> dict[str, Any]:
        given = {
            "name": "烈士陵园现场教学点",
            "kind": "teaching_point",
            "capacity": "80",
            "first_day": "2026-01-01",
            "equipment_flag": "1",
        }
        return given | fields

    def test_the_clerk_adds_one_with_its_equipment(self, school):
        clerk = browser(Role.SCHOOL_CLERK, school)

        assert send(clerk, self.url(school), **self.typed()).status_code == 302

        venue = Venue.objects.get()
        assert (venue.school, venue.kind) == (school, "teaching_point")
        assert venue.period == period(date(2026, 1, 1))
        assert list(Equipment.objects.values_list("kind", "count")) == [("flag", 1)]

    def test_a_second_one_of_its_name_is_refused_in_a_sentence(self, office, school):
        for _turn in range(2):
            page = send(office, self.url(school), **self.typed())

        assert "This school has a venue of this name already." in errors_of(page)

    @pytest.mark.parametrize("last_day", ["2101-01-01", "9999-12-31"])
    def test_a_last_day_out_of_reach_is_said_at_its_field(self, school, last_day):
        page = send(
            browser(Role.SCHOOL_CLERK, school), self.url(school), **self.typed(last_day=last_day)
        )

        assert page.status_code == 422
        assert list(page.context["form"].errors) == ["last_day"]

    def test_a_wrong_count_says_of_what(self, office, school):
        page = send(office, self.url(school), **self.typed(equipment_books="-1"))

        assert list(page.context["form"].errors) == ["equipment"]
        assert "books and magazines: " in errors_of(page)
        assert 'href="#id_equipment_video_conferencing"' in page.text

    def test_equipment_alone_may_change_and_is_in_the_trail(self, office, school):
        send(office, self.url(school), **self.typed())
        url = reverse("courses:venue", args=[Venue.objects.get().pk])

        assert send(office, url, equipment_flag="0", equipment_oath="2").status_code == 302

        assert list(Equipment.objects.values_list("kind", "count")) == [("oath", 2)]
        entry = AuditEntry.objects.filter(act="change_record").get()
        assert entry.after == {"equipment": {"oath": 2}}

    def test_the_same_name_twice_is_refused(self, office, school):
        send(office, self.url(school), **self.typed())

        response = send(office, self.url(school), **self.typed())

        assert response.status_code == 422
        assert Venue.objects.count() == 1

    def test_stays_open_for_the_sessions_planned_there(self, office, school):
        session = factories.make_session(factories.make_class(school))
        url = reverse("courses:venue", args=[session.venue.pk])
        last = session.held_on - timedelta(days=1)

        response = send(office, url, last_day=last.isoformat())

        assert response.context["form"].errors["last_day"]
        assert send(office, url, last_day=session.held_on.isoformat()).status_code == 302

    def test_ends_after_it_begins(self, office, school):
        response = send(office, self.url(school), **self.typed(last_day="2025-12-31"))

        assert response.context["form"].errors["last_day"]

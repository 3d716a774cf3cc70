"""Lecturers are nominated and appointed as the regulation says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import last_day, today
from instructors.models import AppointmentLetter, Instructor
from tests import factories
from tests.admin_pages import (
    add,
    change,
    errors_of,
    form_of,
    make_officer,
    page_url,
    signed_in,
)

BACKBONE = {"name": "李", "corps": "backbone", "title": "none", "employer": "镇政府"}


@pytest.fixture
def academic(db):
    return signed_in(make_officer(Role.DISTRICT_SCHOOL))


@pytest.fixture
def office(db):
    return signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))


class TestLecturers:
    def test_a_backbone_lecturer_names_the_nominating_school(self, academic):
        school = factories.make_school()

        assert errors_of(add(academic, Instructor, **BACKBONE))
        assert errors_of(add(academic, Instructor, **BACKBONE, nominated_by=school.pk)) == ""
        assert AuditEntry.objects.get(act="add_record").after["nominated_by_id"] == school.pk


class TestLetters:
    @pytest.fixture
    def lecturer(self, db):
        return Instructor.objects.create(name="李", corps="professional", employer="区委党校")

    def typed(self, lecturer, number):
        return {
            "number": number,
            "instructor": lecturer.pk,
            "period": ("2026-01-01", "2028-12-31"),
            "signed_on": "2025-12-20",
        }

    def test_a_lecturer_holds_one_letter_at_a_time(self, office, lecturer):
        assert errors_of(add(office, AppointmentLetter, **self.typed(lecturer, "001"))) == ""
        assert errors_of(add(office, AppointmentLetter, **self.typed(lecturer, "002")))

    def test_a_letter_is_not_signed_in_the_future(self, office, lecturer):
        typed = self.typed(lecturer, "001")
        tomorrow = today() + timedelta(days=1)

        assert (
            "signed_on"
            in form_of(
                add(office, AppointmentLetter, **typed | {"signed_on": tomorrow.isoformat()})
            ).errors
        )
        signed = {"signed_on": today().isoformat()}
        assert errors_of(add(office, AppointmentLetter, **typed | signed)) == ""

    def test_a_lecturer_is_chosen_by_name_and_corps(self, office, lecturer):
        page = office.get(page_url(AppointmentLetter, "add")).text

        assert f"{lecturer.name} · {lecturer.get_corps_display()}" in page

    def test_of_a_signed_letter_only_the_term_is_cut(self, office, lecturer):
        add(office, AppointmentLetter, **self.typed(lecturer, "001"))
        letter = AppointmentLetter.objects.get()

        response = change(office, letter, number="009", period=("2026-01-01", "2026-06-30"))

        assert errors_of(response) == ""
        letter.refresh_from_db()
        assert letter.number == "001"
        assert last_day(letter.period).isoformat() == "2026-06-30"

"""Lecturers in the forms of a class say why they are not free: on the page, and asked again."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.lib.periods import at_local, inclusive_period, today
from courses.models import Course, Session
from instructors.models import Instructor, LecturerLeave
from tests import factories
from tests.browsers import browser_of
from tests.dispatch.world import BookingWorld

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOT_FREE = '<optgroup label="Not free">'


class World(BookingWorld):
    """A class of next week at nine; 赵敏 teaches another one at that time, elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.day = today() + 7 * DAY
        self.session = factories.make_session(
            factories.make_class(self.school), starts_at=at_local(self.day, 9)
        )
        there = factories.make_school("120111005", "津门湖街道")
        self.elsewhere = factories.make_session(
            factories.make_class(there, "青年夜校"),
            starts_at=at_local(self.day, 9),
            instructor=self.lecturer,
        )

    @property
    def change(self) -> str:
        return reverse("classes:change_session", args=[self.session.pk])

    @property
    def lecturers(self) -> str:
        return reverse("classes:lecturers_for_session", args=[self.session.pk])

    def plan(self, **changes: object) -> dict[str, object]:
        """What the form to plan a class has so far."""
        return {
            "school": self.school.pk,
            "preset": "pack",
            "course": self.course.pk,
            "first_day": self.day.isoformat(),
            "begins_at": "09:00",
        } | changes


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk)


class TestOfASession:
    def test_the_page_says_it_without_script(self, world, clerk):
        page = clerk.get(world.change).text

        why = page.partition(NOT_FREE)[2].partition("</optgroup>")[0]
        assert "赵敏" in why
        assert "another school" in why
        assert "disabled" in why

    def test_who_is_free_is_in_the_first_group(self, world, clerk):
        Session.objects.filter(pk=world.elsewhere.pk).delete()

        page = clerk.get(world.change).text

        assert NOT_FREE not in page
        assert "赵敏" in page.partition('<optgroup label="Free at that time">')[2]

    def test_is_asked_again_for_the_time_that_was_typed(self, world, clerk):
        times = {"course": world.course.pk, "hours": "4"}
        morning = {
            "starts_at": f"{world.day}T09:00",
            "ends_at": f"{world.day}T11:00",
        }
        evening = {"starts_at": f"{world.day}T19:00", "ends_at": f"{world.day}T21:00"}

        assert NOT_FREE in clerk.get(world.lecturers, times | morning).text
        options = clerk.get(world.lecturers, times | evening).text
        assert NOT_FREE not in options
        assert options.lstrip().startswith('<option value=""')

    def test_a_time_that_cannot_be_read_says_nothing(self, world, clerk):
        for typed in (
            {"starts_at": "soon", "ends_at": f"{world.day}T11:00"},
            {"starts_at": f"{world.day}T11:00", "ends_at": f"{world.day}T09:00"},
        ):
            options = clerk.get(world.lecturers, typed).text

            assert "赵敏" in options
            assert "optgroup" not in options

    def test_what_is_chosen_stays_chosen(self, world, clerk):
        typed = {"starts_at": f"{world.day}T09:00", "ends_at": f"{world.day}T11:00"}

        options = clerk.get(world.lecturers, typed | {"instructor": world.lecturer.pk}).text

        assert f'<option value="{world.lecturer.pk}" selected' in options
        assert "disabled" not in options

    def test_of_another_school_is_not_found(self, world, clerk):
        address = reverse("classes:lecturers_for_session", args=[world.elsewhere.pk])

        assert clerk.get(address).status_code == 404

    def test_costs_the_same_for_40_lecturers(self, world, clerk):
        def count() -> int:
            with CaptureQueriesContext(connection) as statements:
                clerk.get(world.change)
            return len(statements)

        count()
        for_one = count()
        for number in range(40):
            Instructor.objects.create(name=f"钱{number}", corps="professional", employer="党校")

        assert count() == for_one


class TestOfAPlan:
    address = "/classes/plan/lecturers/"

    def test_is_asked_for_the_sessions_that_the_form_would_make(self, world, clerk):
        why = clerk.get(self.address, world.plan()).text.partition(NOT_FREE)[2]
        assert "another school" in why
        assert "disabled" in why

        for other in ({"begins_at": "14:00"}, {"first_day": (world.day + DAY).isoformat()}):
            assert NOT_FREE not in clerk.get(self.address, world.plan(**other)).text

    def test_a_course_need_not_be_chosen_yet(self, world, clerk):
        assert NOT_FREE in clerk.get(self.address, world.plan(course="")).text

    def test_without_a_day_nobody_is_called_free(self, world, clerk):
        for other in ({"first_day": ""}, {"preset": "x"}, {"begins_at": "23:30"}):
            options = clerk.get(self.address, world.plan(**other)).text

            assert "赵敏" in options
            assert "optgroup" not in options

    def test_a_form_that_comes_back_says_it_without_script(self, world, clerk):
        page = clerk.post(reverse("classes:plan_class"), world.plan())

        assert page.status_code == 422
        assert "another school" in page.text.partition(NOT_FREE)[2]

    def test_leave_is_said_and_would_be_refused(self, world, clerk):
        world.elsewhere.delete()
        LecturerLeave.objects.create(
            instructor=world.lecturer, kind="duty", period=inclusive_period(world.day, world.day)
        )

        why = clerk.get(self.address, world.plan()).text.partition(NOT_FREE)[2]

        assert "Is on leave" in why
        assert "disabled" in why

    def test_weighs_little_with_all_lecturers_and_a_long_menu(self, world, clerk):
        """Staff pages weigh 150 kB compressed at most; style and scripts take two thirds of it."""
        Instructor.objects.bulk_create(
            Instructor(name=f"欧阳{number}", corps="professional", employer=f"第{number}街道机关")
            for number in range(240)
        )
        Course.objects.bulk_create(
            Course(
                code=f"K{number}",
                title=f"第{number}讲：基层治理的经验与方法",
                module=world.course.module,
                strand="practice",
                hours=4,
            )
            for number in range(100)
        )
        world.day += 7 * DAY  # nobody teaches, and everybody lacks a letter

        page = clerk.post(reverse("classes:plan_class"), world.plan())

        assert page.text.count("data-why") == 240
        assert len(gzip.compress(page.content)) < 40_000

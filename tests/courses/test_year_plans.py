"""A school's plan of a year: courses by month, set one by one or copied from last year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, period, today
from courses.enums import Strand
from courses.errors import CoursesError
from courses.mix import Verdict
from courses.models import Course, Module, PlannedCourse, Session
from courses.plan_actions import (
    Wish,
    copy_year_plan,
    drop_planned_course,
    move_planned_course,
    plan_course,
)
from courses.queries.year_plans import list_plan_lines, list_planned_mixes
from tests import factories
from tests.refusals import refused
from tests.schools.views.test_schools import browser, send

pytestmark = pytest.mark.django_db
YEAR = 2026
NOW = at_local(date(YEAR, 1, 12), 9)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def clerk(school):
    return factories.acting(factories.make_clerk(school))


def make_course(code: str, strand: Strand = Strand.PRACTICE, **fields) -> Course:
    facts = {"title": f"课程{code}", "hours": Decimal(4), "strand": strand}
    return Course.objects.create(
        code=code, module=Module.objects.get(code="governance"), **facts | fields
    )


def plan(school, clerk, course, month=3, *, year=YEAR, audience="ordinary", times=1):
    wish = Wish(month, course, audience, times)
    return plan_course(school=school, year=year, wish=wish, by=clerk, at=NOW)


def planned(school, year=YEAR):
    rows = school.planned_courses.filter(year=year)
    return [(row.month, row.course.code, row.audience, row.times) for row in rows]


class TestPlanning:
    def test_a_course_is_planned_for_a_month_and_in_the_trail(self, school, clerk):
        plan(school, clerk, make_course("A"), 3, times=2)

        assert planned(school) == [(3, "A", "ordinary", 2)]
        entry = AuditEntry.objects.get(act="add_record")
        assert entry.after["times"] == 2
        assert entry.school_code == school.code

    def test_planned_again_it_is_taught_as_often_as_said_last(self, school, clerk):
        course = make_course("A")
        for times in (2, 5):
            plan(school, clerk, course, times=times)

        assert planned(school) == [(3, "A", "ordinary", 5)]

    def test_a_course_is_offered_on_some_day_of_its_month(self, school, clerk):
        course = make_course("A", period=period(date(2019, 1, 1), date(YEAR, 3, 2)))

        plan(school, clerk, course, 3)
        with refused(CoursesError, "not offered in this month") as caught:
            plan(school, clerk, course, 4)

        assert caught.value.field == "month"

    @pytest.mark.parametrize("year", [YEAR - 1, YEAR + 2])
    def test_this_year_and_the_next_are_planned(self, school, clerk, year):
        with refused(CoursesError, "This year and the next"):
            plan(school, clerk, make_course("A"), year=year)

    def test_is_for_those_who_plan_its_classes(self, school, clerk):
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, school)
        row = plan(school, clerk, make_course("A"))

        for act in (
            lambda by: plan(school, by, make_course("B")),
            lambda by: copy_year_plan(school=school, year=YEAR, by=by, at=NOW),
            lambda by: drop_planned_course(planned=row, by=by, at=NOW),
        ):
            with refused(PermissionDenied):
                act(factories.acting(leader))

    def test_taken_out_twice_it_is_gone_once(self, school, clerk):
        row = plan(school, clerk, make_course("A"))

        for _turn in range(2):
            drop_planned_course(planned=PlannedCourse(pk=row.pk, school=school, year=YEAR),
                                by=clerk, at=NOW)  # fmt: skip

        assert planned(school) == []
        assert AuditEntry.objects.filter(act="delete_record").count() == 1


class TestMoving:
    def move(self, row, month, by):
        return move_planned_course(planned=row, month=month, by=by, at=NOW)

    def test_to_another_month_it_keeps_its_times(self, school, clerk):
        row = plan(school, clerk, make_course("A"), 3, times=2)

        self.move(row, 5, clerk)

        assert planned(school) == [(5, "A", "ordinary", 2)]
        entry = AuditEntry.objects.get(act="change_record")
        assert (entry.before["month"], entry.after["month"]) == (3, 5)

    def test_what_stands_there_gains_its_times(self, school, clerk):
        course = make_course("A")
        row = plan(school, clerk, course, 3, times=2)
        plan(school, clerk, course, 5, times=4)
        plan(school, clerk, course, 5, audience="secretaries")

        self.move(row, 5, clerk)

        assert planned(school) == [(5, "A", "ordinary", 6), (5, "A", "secretaries", 1)]

    def test_not_beyond_the_most(self, school, clerk):
        course = make_course("A")
        row = plan(school, clerk, course, 3, times=50)
        plan(school, clerk, course, 5, times=50)

        with refused(CoursesError, "100 times in this month; 99 is the most"):
            self.move(row, 5, clerk)

        assert planned(school) == [(3, "A", "ordinary", 50), (5, "A", "ordinary", 50)]

    def test_to_a_month_in_which_it_is_offered(self, school, clerk):
        row = plan(
            school, clerk, make_course("A", period=period(date(2019, 1, 1), date(YEAR, 3, 2))), 3
        )
        with refused(CoursesError, "not offered in this month"):
            self.move(row, 4, clerk)

    def test_to_its_own_month_nothing_changes(self, school, clerk):
        row = plan(school, clerk, make_course("A"), 3)
        before = AuditEntry.objects.count()

        self.move(row, 3, clerk)

        assert AuditEntry.objects.count() == before

    def test_taken_out_meanwhile_it_is_not_moved(self, school, clerk):
        row = plan(school, clerk, make_course("A"), 3)
        PlannedCourse.objects.all().delete()
        with refused(CoursesError, "taken out of the plan meanwhile"):
            self.move(row, 4, clerk)

    def test_is_for_those_who_plan_its_classes(self, school, clerk):
        row = plan(school, clerk, make_course("A"), 3)
        with refused(PermissionDenied):
            self.move(row, 4, factories.acting(factories.make_user()))


class TestCopying:
    def test_brings_last_years_plan_and_leaves_what_is_there(self, school, clerk):
        first, second = make_course("A"), make_course("B")
        for month, course, times in ((3, first, 2), (5, second, 1)):
            PlannedCourse.objects.create(
                school=school, year=YEAR - 1, month=month, course=course,
                audience="ordinary", times=times,
            )  # fmt: skip
        plan(school, clerk, first, 3, times=7)

        assert copy_year_plan(school=school, year=YEAR, by=clerk, at=NOW) == 1

        assert planned(school) == [(3, "A", "ordinary", 7), (5, "B", "ordinary", 1)]
        entry = AuditEntry.objects.get(act="copy_year_plan")
        assert entry.after == {"year": YEAR, "copied": 1}

    def test_copied_twice_it_adds_nothing(self, school, clerk):
        PlannedCourse.objects.create(
            school=school, year=YEAR - 1, month=3, course=make_course("A"), audience="ordinary"
        )
        counts = [copy_year_plan(school=school, year=YEAR, by=clerk, at=NOW) for _turn in range(2)]

        assert counts == [1, 0]
        assert AuditEntry.objects.filter(act="copy_year_plan").count() == 1

    def test_leaves_out_what_is_retired(self, school, clerk):
        retired = make_course("A", period=period(date(2019, 1, 1), date(YEAR, 1, 1)))
        PlannedCourse.objects.create(
            school=school, year=YEAR - 1, month=3, course=retired, audience="ordinary"
        )

        assert copy_year_plan(school=school, year=YEAR, by=clerk, at=NOW) == 0

    def test_without_a_plan_brings_the_sessions_that_were_held(self, school, clerk):
        training_class = factories.make_class(school)
        other = factories.make_class(factories.make_school("120111005", "津门湖街道"))
        for owner, days in ((training_class, (2, 9, 16)), (other, (2,))):
            for day in days:
                factories.make_session(owner, starts_at=at_local(date(YEAR - 1, 6, day), 9))
        off = training_class.sessions.last()
        Session.objects.filter(pk=off.pk).update(
            called_off_at=NOW.replace(year=YEAR - 1), called_off_by=clerk.user,
            called_off_because="暴雪",
        )  # fmt: skip

        copy_year_plan(school=school, year=YEAR, by=clerk, at=NOW)

        assert planned(school) == [(6, "G-01", "ordinary", 2)]


class TestWhatThePlanGives:
    def test_hours_are_those_of_all_its_times(self, school, clerk):
        plan(school, clerk, make_course("A"), times=3)
        plan(school, clerk, make_course("B", Strand.THEORY), times=3)
        plan(school, clerk, make_course("C", Strand.ROLE_MODELS, hours=Decimal(2)), times=3)

        (mix,) = list_planned_mixes(list_plan_lines(school, YEAR), YEAR, NOW.date())

        assert mix.gauge.hours == {
            Strand.THEORY: 12, Strand.PRACTICE: 12, Strand.ROLE_MODELS: 6
        }  # fmt: skip
        assert mix.gauge.verdict is Verdict.INSIDE
        assert mix.changes == []

    def test_what_lacks_is_advised_from_the_menu(self, school, clerk):
        for code, strand in (("A", Strand.PRACTICE), ("B", Strand.THEORY)):
            plan(school, clerk, make_course(code, strand), times=2)
        story = make_course("C", Strand.ROLE_MODELS)

        (mix,) = list_planned_mixes(list_plan_lines(school, YEAR), YEAR, NOW.date())

        (step,) = mix.changes[0].steps
        assert (step.count, step.courses) == (1, [story])

    def test_a_line_says_how_many_sessions_teach_it(self, school, clerk):
        training_class = factories.make_class(school)
        session = factories.make_session(training_class, starts_at=at_local(date(YEAR, 3, 9), 9))
        factories.make_session(training_class, starts_at=at_local(date(YEAR, 4, 9), 9))
        plan(school, clerk, session.course, 3, times=2)

        (line,) = list_plan_lines(school, YEAR)

        assert (line.planned.times, line.sessions) == (2, 1)


class TestThePage:
    def url(self, school, name="year_plan"):
        return f"{reverse(f'courses:{name}', args=[school.pk])}?year={today().year}"

    def test_a_clerk_adds_a_course_and_takes_it_out(self, school):
        course = make_course("A")
        client = browser(Role.SCHOOL_CLERK, school)

        reply = send(client, self.url(school), month="12", course=str(course.pk), times="2")

        assert reply.status_code == 302
        assert planned(school, today().year) == [(12, "A", "ordinary", 2)]
        page = client.get(self.url(school))
        assert course.title in page.content.decode()
        client.post(reverse("courses:year_plan_drop", args=[PlannedCourse.objects.get().pk]))
        assert planned(school, today().year) == []

    def test_it_is_moved_by_a_form(self, school):
        row = PlannedCourse.objects.create(
            school=school, year=today().year, month=3, course=make_course("A"),
            audience="ordinary",
        )  # fmt: skip
        client = browser(Role.SCHOOL_CLERK, school)
        url = reverse("courses:year_plan_move", args=[row.pk])
        assert url in client.get(self.url(school)).content.decode()

        assert client.post(url, {"month": "12"}).url == self.url(school)

        assert planned(school, today().year) == [(12, "A", "ordinary", 1)]

    def test_why_it_is_not_moved_is_said_on_the_page(self, school):
        course = make_course("A", period=period(today().replace(month=12, day=1)))
        row = PlannedCourse.objects.create(
            school=school, year=today().year, month=12, course=course, audience="ordinary"
        )
        client = browser(Role.SCHOOL_CLERK, school)
        url = reverse("courses:year_plan_move", args=[row.pk])

        for month, said in (("1", "not offered in this month"), ("13", "Choose the month")):
            page = client.post(url, {"month": month}, follow=True).content.decode()
            assert said in page

        assert planned(school, today().year) == [(12, "A", "ordinary", 1)]

    def test_a_refusal_is_said_at_its_field(self, school):
        course = make_course("A", period=period(today().replace(month=12, day=1)))
        client = browser(Role.SCHOOL_CLERK, school)

        reply = send(client, self.url(school), month="1", course=str(course.pk))

        assert reply.status_code == 422
        assert list(reply.context["form"].errors) == ["month"]

    def test_it_is_copied_by_a_button(self, school):
        PlannedCourse.objects.create(
            school=school, year=today().year - 1, month=3, course=make_course("A"),
            audience="ordinary",
        )  # fmt: skip
        client = browser(Role.SCHOOL_CLERK, school)

        client.post(self.url(school, "year_plan_copy"))

        assert len(planned(school, today().year)) == 1

    def test_a_leader_reads_and_plans_nothing(self, school):
        client = browser(Role.SCHOOL_LEADER, school)

        assert client.get(self.url(school)).context["form"] is None
        assert client.post(self.url(school), {"month": "3"}).status_code == 403

    def test_an_unknown_year_is_this_one(self, school):
        client = browser(Role.SCHOOL_CLERK, school)
        url = reverse("courses:year_plan", args=[school.pk])

        for asked in ("x", "1999", "99999999", ""):
            assert client.get(url, {"year": asked}).context["year"] == timezone.localdate().year

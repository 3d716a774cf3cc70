"""A school's plan of a year: courses by month, set one by one or copied from last year."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal
from random import Random

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
    change_planned_course,
    copy_year_plan,
    drop_planned_course,
    follow_advice,
    plan_course,
)
from courses.queries.year_plans import list_plan_lines, list_year_mixes
from rolls.actions.attendance import submit_roll
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
        code=code, **{"module": Module.objects.get(code="governance")} | facts | fields
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

    def test_planned_again_it_gains_the_times(self, school, clerk):
        course = make_course("A")
        for times in (30, 2):
            plan(school, clerk, course, times=times)

        assert planned(school) == [(3, "A", "ordinary", 32)]

    def test_not_beyond_the_most(self, school, clerk):
        course = make_course("A")
        plan(school, clerk, course, times=98)

        with refused(CoursesError, "100 times in this month; 99 is the most") as caught:
            plan(school, clerk, course, times=2)

        assert caught.value.field == "times"
        assert planned(school) == [(3, "A", "ordinary", 98)]

    def test_a_month_that_is_over_is_refused(self, school, clerk):
        course, wish = make_course("A"), Wish(2, make_course("B"), "ordinary")
        spring = at_local(date(YEAR, 3, 1), 9)
        plan(school, clerk, course, 2)
        row = plan(school, clerk, course, 3)

        with refused(CoursesError, "This month is over"):
            plan_course(school=school, year=YEAR, wish=wish, by=clerk, at=spring)
        with refused(CoursesError, "This month is over"):
            change_planned_course(planned=row, month=2, by=clerk, at=spring)
        plan_course(school=school, year=YEAR + 1, wish=wish, by=clerk, at=spring)

        assert planned(school) == [(2, "A", "ordinary", 1), (3, "A", "ordinary", 1)]

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
        return change_planned_course(planned=row, month=month, by=by, at=NOW)

    def test_to_another_month_it_keeps_its_times(self, school, clerk):
        row = plan(school, clerk, make_course("A"), 3, times=2)

        self.move(row, 5, clerk)

        assert planned(school) == [(5, "A", "ordinary", 2)]
        entry = AuditEntry.objects.get(act="change_record")
        assert (entry.before["month"], entry.after["month"]) == (3, 5)

    def test_its_times_are_changed(self, school, clerk):
        row = plan(school, clerk, make_course("A"), 3, times=2)

        change_planned_course(planned=row, month=4, times=5, by=clerk, at=NOW)

        assert planned(school) == [(4, "A", "ordinary", 5)]

    def test_in_a_month_that_is_over_it_may_be_taught_less_often_alone(self, school, clerk):
        row = plan(school, clerk, make_course("A"), 3, times=5)
        later = at_local(date(YEAR, 6, 1), 9)

        change_planned_course(planned=row, month=3, times=2, by=clerk, at=later)
        with refused(CoursesError, "This month is over"):
            change_planned_course(planned=row, month=3, times=3, by=clerk, at=later)

        assert planned(school) == [(3, "A", "ordinary", 2)]

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

    def test_leaves_out_months_that_are_over(self, school, clerk):
        for month in (5, 6):
            PlannedCourse.objects.create(
                school=school, year=YEAR - 1, month=month, course=make_course(f"A{month}"),
                audience="ordinary",
            )  # fmt: skip

        copy_year_plan(school=school, year=YEAR, by=clerk, at=at_local(date(YEAR, 6, 30), 9))

        assert planned(school) == [(6, "A6", "ordinary", 1)]

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


def mixes(school, on=date(YEAR, 1, 12), year=YEAR):
    return list_year_mixes(school, list_plan_lines(school, year), year, today=on)


class TestWhatThePlanGives:
    def test_hours_are_those_of_all_its_times(self, school, clerk):
        plan(school, clerk, make_course("A"), times=3)
        plan(school, clerk, make_course("B", Strand.THEORY), times=3)
        plan(school, clerk, make_course("C", Strand.ROLE_MODELS, hours=Decimal(2)), times=3)

        (mix,) = mixes(school)

        assert mix.intended.hours == {
            Strand.THEORY: 12, Strand.PRACTICE: 12, Strand.ROLE_MODELS: 6
        }  # fmt: skip
        assert mix.intended.verdict is Verdict.INSIDE
        assert mix.changes == []

    def test_sessions_and_what_was_delivered_stand_beside_it(self):
        world = factories.ClassWorld(size=1)
        course = world.session.course
        plan(world.school, factories.acting(world.clerk), course, 3, times=3)
        factories.make_session(world.training_class, starts_at=at_local(date(YEAR, 9, 1), 9))
        submit_roll(
            session_id=world.session.pk,
            marks={world.members[0].pk: "present"},
            seen={},
            by=factories.acting(world.clerk),
            at=world.session.ends_at,
        )

        (mix,) = mixes(world.school, year=world.session.held_on.year)

        shown = {name: getattr(mix, name).whole for name in ("intended", "planned", "delivered")}
        assert shown == {"intended": 12, "planned": 8, "delivered": 4}
        ordinary = mix.by_audience[world.training_class.audience]
        assert [gauge.whole for gauge in ordinary] == [12, 8, 4]

    def test_what_lacks_is_advised_from_the_menu(self, school, clerk):
        for code, strand in (("A", Strand.PRACTICE), ("B", Strand.THEORY)):
            plan(school, clerk, make_course(code, strand), times=2)
        story = make_course("C", Strand.ROLE_MODELS)

        (mix,) = mixes(school)

        (step,) = mix.changes[0].steps
        assert (step.count, step.courses) == (1, [story])

    def test_what_is_planned_is_swapped_where_that_takes_fewer_acts(self, school, clerk):
        theory, practice = make_course("A", Strand.THEORY), make_course("B")
        story = make_course("C", Strand.ROLE_MODELS)
        plan(school, clerk, theory, 5, times=1)
        row = plan(school, clerk, theory, 7, times=2)
        plan(school, clerk, practice, times=1)
        plan(school, clerk, story, times=1)

        (mix,) = mixes(school)

        (step,) = mix.changes[0].steps
        assert (step.step.instead_of, step.step.strand, step.count) == (
            Strand.THEORY, Strand.PRACTICE, 1
        )  # fmt: skip
        assert (step.courses, step.planned) == ([practice], [(row, 1)])

    def test_what_is_over_or_has_its_sessions_stays(self, school, clerk):
        theory = make_course("A", Strand.THEORY)
        plan(school, clerk, theory, 3, times=10)
        session = factories.make_session(
            factories.make_class(school), starts_at=at_local(date(YEAR, 8, 9), 9)
        )
        Session.objects.filter(pk=session.pk).update(course=theory)
        plan(school, clerk, theory, 8, times=1)
        make_course("B"), make_course("C", Strand.ROLE_MODELS)

        (mix,) = mixes(school, on=date(YEAR, 6, 1))

        assert mix.changes
        assert not any(step.planned for change in mix.changes for step in change.steps)

    def test_only_what_its_audiences_and_months_take_is_advised(self, school, clerk):
        for code, strand in (("A", Strand.PRACTICE), ("B", Strand.THEORY)):
            plan(school, clerk, make_course(code, strand), times=2)
        make_course("C", Strand.ROLE_MODELS, audiences=["secretaries"])
        make_course("D", Strand.ROLE_MODELS, period=period(NOW.date(), date(YEAR, 12, 1)))

        (mix,) = mixes(school)

        assert mix.changes == []

    def test_a_year_that_is_over_is_told_nothing(self, school, clerk):
        plan(school, clerk, make_course("A"), times=3)
        make_course("B", Strand.THEORY), make_course("C", Strand.ROLE_MODELS)

        (mix,) = mixes(school, on=date(YEAR + 1, 1, 1))

        assert mix.intended.verdict is Verdict.OUTSIDE
        assert mix.changes == []

    def test_a_line_says_how_many_sessions_teach_it(self, school, clerk):
        training_class = factories.make_class(school)
        session = factories.make_session(training_class, starts_at=at_local(date(YEAR, 3, 9), 9))
        factories.make_session(training_class, starts_at=at_local(date(YEAR, 4, 9), 9))
        plan(school, clerk, session.course, 3, times=2)

        (line,) = list_plan_lines(school, YEAR)

        assert (line.planned.times, line.sessions, line.delivered, line.left) == (2, 1, 0, 1)


@pytest.mark.parametrize("seed", range(25))
def test_the_advice_brings_every_module_inside_or_says_that_it_cannot(school, clerk, seed):
    rng = Random(seed)
    courses = [
        make_course(f"{module.code[:3]}-{strand[:4]}-{number}", strand, module=module,
                    hours=rng.choice([Decimal("0.25"), Decimal(2), Decimal(4)]))
        for module in Module.objects.all()
        for strand in Strand
        for number in range(rng.randrange(0, 3))
    ]  # fmt: skip
    for course in courses:
        for month in rng.sample(range(1, 13), rng.randrange(0, 3)):
            plan(school, clerk, course, month, times=rng.randrange(1, 6))

    advised = mixes(school)
    for mix in advised:
        for change in mix.changes[:1]:
            follow_advice(school=school, year=YEAR, advice=change.token, by=clerk, at=NOW)

    after = {mix.module: mix for mix in mixes(school)}
    for mix in advised:
        told = bool(mix.changes) or mix.intended.verdict is not Verdict.OUTSIDE
        assert (after[mix.module].intended.verdict is not Verdict.OUTSIDE) is told


class TestFollowingAdvice:
    def test_what_is_swapped_is_taught_in_its_month_to_its_audience(self, school, clerk):
        theory, practice = make_course("A", Strand.THEORY), make_course("B")
        story = make_course("C", Strand.ROLE_MODELS)
        plan(school, clerk, theory, 7, audience="secretaries", times=3)
        plan(school, clerk, practice, times=1)
        plan(school, clerk, story, times=1)
        (change, *_others) = mixes(school)[0].changes

        follow_advice(school=school, year=YEAR, advice=change.token, by=clerk, at=NOW)

        assert [str(act) for act in change.acts] == [
            "July “课程A”, secretary: −1 ×",
            "July “课程B”, secretary: +1 ×",
        ]
        assert planned(school) == [
            (3, "B", "ordinary", 1), (3, "C", "ordinary", 1),
            (7, "A", "secretaries", 2), (7, "B", "secretaries", 1),
        ]  # fmt: skip

    def test_something_else_is_not_carried_out(self, school, clerk):
        for code, strand in (("A", Strand.PRACTICE), ("B", Strand.THEORY)):
            plan(school, clerk, make_course(code, strand), times=2)
        make_course("C", Strand.ROLE_MODELS)
        (change, *_others) = mixes(school)[0].changes
        facts = {"school": school, "year": YEAR, "advice": change.token, "by": clerk, "at": NOW}
        follow_advice(**facts)
        before = planned(school)

        with refused(CoursesError, "has changed meanwhile"):
            follow_advice(**facts)

        assert planned(school) == before

    def test_is_for_those_who_plan_its_classes(self, school):
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, school)

        with refused(PermissionDenied):
            follow_advice(school=school, year=YEAR, advice="", by=factories.acting(leader), at=NOW)


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

    def test_planned_again_it_says_how_often_it_is_taught_now(self, school):
        course = make_course("A")
        client = browser(Role.SCHOOL_CLERK, school)
        for times in ("30", "2"):
            send(client, self.url(school), month="12", course=str(course.pk), times=times)

        page = client.get(self.url(school)).content.decode()

        assert f"{course.title} is in the plan of December, 32 × in all." in page

    def test_it_is_moved_by_a_form(self, school):
        row = PlannedCourse.objects.create(
            school=school, year=today().year, month=3, course=make_course("A"),
            audience="ordinary",
        )  # fmt: skip
        client = browser(Role.SCHOOL_CLERK, school)
        url = reverse("courses:year_plan_change", args=[row.pk])
        assert url in client.get(self.url(school)).content.decode()

        assert client.post(url, {"month": "12"}).url == (
            f"{self.url(school)}&month=12#plan-{row.pk}"
        )

        assert planned(school, today().year) == [(12, "A", "ordinary", 1)]
        page = client.get(self.url(school)).content.decode()
        assert "is in the plan of December, 1 × in all." in page

    def test_its_times_are_changed_at_the_card(self, school):
        row = PlannedCourse.objects.create(
            school=school, year=today().year, month=12, course=make_course("A"),
            audience="ordinary",
        )  # fmt: skip
        client = browser(Role.SCHOOL_CLERK, school)
        url = reverse("courses:year_plan_change", args=[row.pk])

        client.post(url, {"month": "12", "times": "4"})
        page = client.post(url, {"month": "12", "times": "0"}, follow=True).content.decode()

        assert planned(school, today().year) == [(12, "A", "ordinary", 4)]
        assert "greater than or equal to 1" in page

    def test_a_line_leads_to_a_booking_letter_with_its_course(self, school):
        course = make_course("A")
        PlannedCourse.objects.create(
            school=school, year=today().year, month=12, course=course, audience="secretaries"
        )
        client = browser(Role.SCHOOL_CLERK, school)
        page = client.get(self.url(school)).content.decode()
        (address,) = re.findall(r'href="([^"]*course_1=[^"]*)"', page)

        form = client.get(html.unescape(address)).context["form"]

        assert form["course_1"].value() == course.pk
        assert form["audience"].value() == "secretaries"
        officer = browser(Role.DISTRICT_SCHOOL).get(self.url(school)).content.decode()
        assert "course_1=" not in officer

    def test_a_button_carries_the_advice_out_once(self, school):
        make_course("C", Strand.ROLE_MODELS)
        for code, strand in (("A", Strand.PRACTICE), ("B", Strand.THEORY)):
            PlannedCourse.objects.create(
                school=school, year=today().year, month=12, course=make_course(code, strand),
                audience="ordinary", times=2,
            )  # fmt: skip
        client = browser(Role.SCHOOL_CLERK, school)
        page = client.get(self.url(school)).content.decode()
        sent = {
            name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]
            for name in ("idempotency_key", "advice")
        }
        url = self.url(school, "year_plan_follow")

        for _turn in range(2):
            page = client.post(url, sent, follow=True).content.decode()
            assert "The change is in the plan." in page
        other = client.post(url, sent | {"advice": "0"})

        assert (12, "C", "ordinary", 1) in planned(school, today().year)
        assert other.status_code == 409
        wrong = client.post(url, {}, follow=True).content.decode()
        assert "Choose one of the changes" in wrong

    def test_the_current_month_and_the_one_that_changed_are_unfolded(self, school):
        client = browser(Role.SCHOOL_CLERK, school)
        url = f"{reverse('courses:year_plan', args=[school.pk])}?year={today().year + 1}"

        page = client.get(f"{url}&month=5").content.decode()

        folds = re.findall(r'id="month-(\d+)"[^>]*>\s*<details class="folded"( open)?>', page)
        assert [number for number, is_open in folds if is_open] == ["1", "5"]
        assert len(folds) == 12

    def test_what_no_change_mends_is_said(self, school):
        PlannedCourse.objects.create(
            school=school, year=today().year, month=12, course=make_course("A"),
            audience="ordinary",
        )  # fmt: skip

        page = browser(Role.SCHOOL_CLERK, school).get(self.url(school)).content.decode()

        assert "do not bring the plan inside" in page

    def test_why_it_is_not_moved_is_said_on_the_page(self, school):
        course = make_course("A", period=period(today().replace(month=12, day=1)))
        row = PlannedCourse.objects.create(
            school=school, year=today().year, month=12, course=course, audience="ordinary"
        )
        client = browser(Role.SCHOOL_CLERK, school)
        url = reverse("courses:year_plan_change", args=[row.pk])

        for month, said in (("1", "This month is over"), ("13", "Choose the month")):
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
            school=school, year=today().year - 1, month=12, course=make_course("A"),
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

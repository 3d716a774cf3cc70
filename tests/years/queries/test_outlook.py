"""Where the pace of a year leads, and which classes would help."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from config.lib.periods import at_local, local_date
from courses.enums import Strand
from courses.models import Course, Session, TrainingClass, Venue
from hours.forecast import forecast_hours
from schools.enums import Audience
from tests import factories
from tests.browsers import browser_of
from tests.evidence import NOW, TODAY, hold
from years.queries.outlook import list_helping, list_joinable

LEFT = Decimal(8)


@pytest.mark.parametrize(
    ("done", "on", "ahead"),
    [
        ("16", date(2026, 7, 2), "31.75"),
        ("0", date(2026, 7, 2), "0"),
        ("8", date(2026, 2, 28), None),
        ("8", date(2026, 3, 1), "48.5"),
        ("32", date(2026, 12, 31), "32"),
        ("10", date(2028, 12, 31), "10"),
    ],
)
def test_a_forecast_goes_on_at_the_pace_so_far(done, on, ahead):
    assert forecast_hours(Decimal(done), on) == (Decimal(ahead) if ahead else None)


class Town:
    def __init__(self):
        self.school = factories.make_school()
        self.other = factories.make_school("120111005", "津门湖街道")
        self.branch = factories.make_organisation(self.school)
        self.user = factories.make_user()
        self.member = factories.make_member(self.branch, user=self.user)

    def plan(self, title, days=3, *, school=None, audience=Audience.ORDINARY, hours=("4",)):
        """A class whose sessions begin so many days from now, one a day."""
        training_class = factories.make_class(school or self.school, title)
        training_class.audience = audience
        training_class.save()
        for n, worth in enumerate(hours):
            starts_at = at_local(TODAY + timedelta(days=days + n), 9)
            factories.make_session(training_class, starts_at=starts_at, hours=worth)
        return training_class

    def titles(self):
        classes = list_joinable(self.member, self.school.pk, LEFT, NOW)
        return [coming.training_class.title for coming in classes]


@pytest.fixture
def town(db):
    return Town()


class TestJoinable:
    def test_are_ahead_and_of_this_year(self, town):
        town.plan("昨天", -1)
        town.plan("明年", 60)
        town.plan("后天", 2)

        assert town.titles() == ["后天"]

    def test_fit_the_audience(self, town):
        town.plan("书记班", audience=Audience.SECRETARIES)
        town.plan("党员班")
        assert town.titles() == ["党员班"]

        factories.make_leader(town.branch)
        secretary = factories.make_leader(town.branch)
        classes = list_joinable(secretary, town.school.pk, LEFT, NOW)
        assert [coming.training_class.title for coming in classes] == ["书记班"]

    def test_are_not_those_that_one_is_in(self, town):
        factories.enrol(town.plan("已报名"), town.member)

        assert town.titles() == []

    def test_begin_with_the_own_school_and_what_closes_the_gap(self, town):
        town.plan("外校", 1, school=town.other, hours=("4", "4"))
        town.plan("短", 2)
        town.plan("长", 5, hours=("4", "4"))

        assert town.titles() == ["长", "短", "外校"]
        long = list_joinable(town.member, town.school.pk, LEFT, NOW)[0]
        assert (long.sessions, long.hours, long.closes_gap) == (2, 8, True)

    def test_tell_what_one_has_had_least_of(self, town):
        hold(factories.make_class(town.school), {town.member: "present"}, on=date(2026, 5, 20))
        theory = town.plan("理论", 4)
        theory.sessions.update(
            course=Course.objects.create(
                code="T-01",
                title="理论课",
                module=theory.module,
                strand=Strand.THEORY,
                hours=4,
            )
        )
        town.plan("实务", 2)

        classes = list_joinable(town.member, town.school.pk, LEFT, NOW)
        assert [(coming.training_class.title, coming.fits_strand) for coming in classes] == [
            ("理论", True),
            ("实务", False),
        ]

    def test_say_how_many_places_are_left(self, town):
        training_class = town.plan("小班")
        Venue.objects.filter(school=town.school).update(capacity=3)
        factories.enrol(training_class, *(factories.make_member(town.branch) for _ in range(2)))

        assert list_joinable(town.member, town.school.pk, LEFT, NOW)[0].places == 1

    def test_leave_out_what_is_full(self, town):
        full = town.plan("满员班")
        town.plan("有余位", 4)
        Venue.objects.filter(school=town.school).update(capacity=1)
        factories.enrol(full, factories.make_member(town.branch))

        assert town.titles() == ["有余位"]
        helping = list_helping([town.school], "", "", NOW)
        assert [coming.training_class.title for coming in helping] == ["有余位"]

    def test_of_other_schools_take_no_place_of_the_own(self, town, monkeypatch):
        monkeypatch.setattr("years.queries.outlook.CLASSES_SHOWN", 2)
        for n in range(12):
            town.plan(f"外校{n}", 1, school=town.other, hours=("4", "4"))
        town.plan("本校", 9)

        assert town.titles() == ["本校", "外校0"]

    def test_cost_the_same_statements_for_one_and_for_many(self, town, django_assert_num_queries):
        town.plan("一")
        for n in range(5):
            town.plan(f"又{n}")
        with django_assert_num_queries(6):
            assert len(town.titles()) == 6


def test_classes_that_help_a_school_are_its_own(town):
    town.plan("外校", 1, school=town.other)
    town.plan("本校", 2)
    town.plan("书记", 3, audience=Audience.SECRETARIES)

    def titles(audience="", rule=""):
        classes = list_helping([town.school], audience, rule, NOW)
        return [coming.training_class.title for coming in classes]

    assert titles() == ["本校", "书记"]
    assert titles(Audience.SECRETARIES) == ["书记"]
    assert titles(rule="leading_post") == ["书记"]
    assert titles(rule="every_member") == ["本校"]
    assert titles(Audience.ORDINARY, "leading_post") == []


def test_the_page_of_a_member_leads_to_them(town, on_that_day):
    town.plan("冬训班", 2)
    browser = browser_of(town.user)

    page = browser.get(reverse("years:my_hours"))
    assert "At this pace you end the year at about 0 of 32 credit hours." in page.text
    assert reverse("years:my_classes") in page.text
    assert "冬训班" in browser.get(reverse("years:my_classes")).text


def test_the_list_of_those_who_are_short_names_classes(town, on_that_day):
    town.plan("冬训班", 2)
    browser = browser_of(factories.make_clerk(town.school))
    url = reverse("years:members")

    assert "冬训班" in browser.get(url, {"outcome": "short"}).text
    assert "冬训班" not in browser.get(url).text
    assert "冬训班" not in browser.get(url, {"outcome": "short", "year": 2025}).text


def test_each_class_of_that_list_leads_to_its_own_page(town, on_that_day):
    """The list names classes of schools in sight alone, so its reader may open them all."""
    own_class, foreign = town.plan("冬训班", 2), town.plan("湖畔讲堂", 2, school=town.other)
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)

    for user, shown in (
        (factories.make_clerk(town.school), {own_class: True, foreign: False}),
        (officer, {own_class: True, foreign: True}),
    ):
        browser = browser_of(user)
        page = browser.get(reverse("years:members"), {"outcome": "short"})
        for training_class, is_shown in shown.items():
            address = reverse("classes:training_class", args=[training_class.pk])
            assert (f'<a href="{address}">{training_class.title}</a>' in page.text) == is_shown
            assert browser.get(address).status_code == (200 if is_shown else 404)


def test_the_list_of_members_narrows_to_a_rule(town, on_that_day):
    leader = factories.make_leader(town.branch)
    browser = browser_of(factories.make_clerk(town.school))

    page = browser.get(reverse("years:members"), {"rule": "leading_post"}).context["page_obj"]

    assert [row.member_id for row in page] == [leader.pk]


class TestClashes:
    def plan_twice(self, town):
        """The member is in one class; another one is at once with it, and a third is not."""
        own = town.plan("已报名", 3)
        factories.enrol(own, town.member)
        return town.plan("同时", 3), town.plan("错开", 5)

    def joinable(self, town):
        return list_joinable(town.member, town.school.pk, LEFT, NOW)

    def test_are_said_before_joining_and_come_last(self, town):
        self.plan_twice(town)
        free, clashing = self.joinable(town)

        assert (free.training_class.title, free.clash) == ("错开", "")
        assert clashing.training_class.title == "同时"
        assert "已报名" in clashing.clash

    def offered(self, town):
        clashing = self.joinable(town)[-1]
        assert clashing.clash
        return [(session.training_class.title, session.number) for session in clashing.instead]

    def teach_another(self, *sessions):
        module = sessions[0].training_class.module
        facts = {"module": module, "strand": Strand.PRACTICE, "hours": Decimal(4)}
        other, _ = Course.objects.get_or_create(code="G-02", title="信访工作", defaults=facts)
        Session.objects.filter(pk__in=[session.pk for session in sessions]).update(course=other)

    def test_offer_the_other_sessions_of_the_course(self, town):
        at_once, apart = self.plan_twice(town)
        assert self.offered(town) == [("错开", 1)]

        self.teach_another(at_once.sessions.get())
        assert self.offered(town) == []

        later = apart.sessions.get().starts_at + timedelta(days=1)
        self.teach_another(factories.make_session(apart, starts_at=later))
        assert self.offered(town) == [("错开", 2)]

    def test_offer_no_session_of_a_class_that_clashes_itself(self, town):
        _at_once, apart = self.plan_twice(town)
        own = TrainingClass.objects.get(title="已报名").sessions.get()
        later = own.starts_at + timedelta(hours=1)
        factories.make_session(apart, starts_at=later)

        assert self.offered(town) == []

    def test_offer_few_sessions_and_the_first_ones(self, town):
        _at_once, apart = self.plan_twice(town)
        for day in range(1, 5):
            starts_at = apart.sessions.first().starts_at + timedelta(days=day)
            factories.make_session(apart, starts_at=starts_at)

        assert self.offered(town) == [("错开", 1), ("错开", 2), ("错开", 3)]

    def test_end_at_the_minute_at_which_the_other_begins(self, town):
        at_once, _apart = self.plan_twice(town)
        ends_at = at_once.sessions.get().ends_at
        at_once.sessions.update(starts_at=ends_at, ends_at=ends_at + timedelta(hours=3))

        assert all(not coming.clash for coming in self.joinable(town))

    def test_are_read_before_the_button_says_all_the_same(self, town):
        self.plan_twice(town)
        starts_at = timezone.now() + timedelta(minutes=5)
        Session.objects.filter(training_class__title__in=("已报名", "同时")).update(
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            held_on=local_date(starts_at),
        )
        TrainingClass.objects.update(is_open=True)
        browser = browser_of(town.user)
        page = browser.get(reverse("years:my_classes")).text
        assert "Enrol all the same" in page
        other = TrainingClass.objects.get(title="同时")
        address = reverse("classes:enrol_self", args=[other.pk])
        body = {"idempotency_key": str(uuid4())}

        page = browser.post(address, body, follow=True).text
        assert "You are not enrolled yet. On" in page
        assert not other.enrolments.exists()
        browser.post(address, body | {"clash": "accepted"})
        assert other.enrolments.get().member == town.member

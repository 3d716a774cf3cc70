"""The mix as the page counts it, against sessions counted one by one in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from config.lib.filters import ListRequest
from config.lib.periods import at_local, period
from courses.enums import Strand
from courses.filters import mix_filters
from courses.mix import Target, Verdict
from courses.models import Course, Module, PlannedCourse, Session, StrandShare
from courses.queries.mix import list_mix_rows, list_mixes, sessions_of
from rolls.actions.attendance import submit_roll, withdraw_roll
from schools.enums import Audience
from tests import factories

pytestmark = pytest.mark.django_db
NOW = at_local(date(2026, 6, 30), 12)
FIRST = date(2026, 3, 2)


def make_courses() -> list[Course]:
    """A course of each strand of two modules, of 4, 2 and 0.25 hours."""
    return [
        Course.objects.create(
            code=f"{module.code[:2]}-{strand.value}-{hours}",
            title=f"{module} {strand.label} {hours}",
            module=module,
            strand=strand,
            hours=Decimal(hours),
        )
        for module in Module.objects.filter(code__in=["governance", "rural"])
        for strand in Strand
        for hours in ("4", "2", "0.25")
    ]


class Season:
    """Two schools, two audiences: sessions with and without a roll, called off, and to come."""

    def __init__(self) -> None:
        self.here = factories.ClassWorld(size=1)
        self.there = factories.make_school("120111005", "津门湖街道")
        self.guest = factories.make_member(factories.make_organisation(self.there))
        self.clerks = {self.here.school.pk: self.here.clerk}
        self.clerks[self.there.pk] = factories.make_clerk(self.there)
        self.officer = factories.make_user()
        factories.grant(self.officer, Role.DISTRICT_SCHOOL)
        self.submitted: list[Session] = []
        courses = cycle(make_courses())
        day = FIRST
        for school, member in ((self.here.school, self.here.members[0]), (self.there, self.guest)):
            for audience in (Audience.ORDINARY, Audience.SECRETARIES):
                training_class = factories.make_class(school)
                training_class.audience = audience
                training_class.save()
                factories.enrol(training_class, member)
                for turn in range(11):
                    day += timedelta(days=1)
                    self._hold(training_class, member, next(courses), day, turn)
        for year in (2025, 2027):
            factories.make_session(training_class, starts_at=at_local(date(year, 4, 1), 9))
        for month in range(1, 13):
            for school in (self.here.school, self.there):
                course = next(courses)
                for audience in (Audience.ORDINARY, Audience.AFFAIRS_WORKERS):
                    PlannedCourse.objects.create(
                        school=school, year=2026 + month % 2, month=month, course=course,
                        audience=audience, times=month,
                    )  # fmt: skip

    def _hold(self, training_class: Any, member: Any, course: Course, day: date, turn: int) -> None:
        to_come = timedelta(days=200 if turn % 4 == 3 else 0)
        session = factories.make_session(
            training_class, starts_at=at_local(day + to_come, 9), hours=course.hours
        )
        session.course = course
        if turn % 4 == 2:
            session.called_off_at = session.starts_at - timedelta(days=1)
            session.called_off_by, session.called_off_because = self.officer, "暴雪"
        session.save()
        if turn % 4 == 0:
            by = factories.acting(self.clerks[training_class.school_id])
            submit_roll(
                session_id=session.pk,
                marks={member.pk: "present"},
                seen={},
                by=by,
                at=session.ends_at,
            )
            self.submitted.append(session)

    def asked(self, **query: str) -> ListRequest:
        return ListRequest(self.officer, query, NOW)

    def mixes(self, **query: str) -> Any:
        asked = self.asked(**query)
        return list_mixes(asked, mix_filters(asked))


@pytest.fixture
def season() -> Season:
    return Season()


def recount(year: int, submitted: set[int], **only: Any) -> dict[tuple, list[Decimal]]:
    """Intended, planned and delivered hours by module and strand, from plans and sessions."""
    sums: dict[tuple, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in PlannedCourse.objects.all():
        facts = {"school": row.school_id, "audience": row.audience}
        if row.year == year and all(facts[name] == value for name, value in only.items()):
            sums[row.course.module_id, row.course.strand][0] += row.course.hours * row.times
    for session in Session.objects.all():
        training_class = session.training_class
        facts = {"school": training_class.school_id, "audience": training_class.audience}
        if session.called_off_at or session.starts_at.year != year:
            continue
        if any(facts[name] != value for name, value in only.items()):
            continue
        counted = sums[session.course.module_id, session.course.strand]
        counted[1] += session.hours
        if session.pk in submitted:
            counted[2] += session.hours
    return dict(sums)


def counted(mixes: Any) -> dict[tuple, list[Decimal]]:
    """The same from the page's query, without what is nothing."""
    return {
        (mix.module.pk, strand.value): [gauge.hours[strand] for gauge in mix.gauges]
        for mix in mixes
        for strand in Strand
        if any(gauge.hours[strand] for gauge in mix.gauges)
    }


class TestTheRecount:
    def test_agrees_for_the_district(self, season):
        submitted = {session.pk for session in season.submitted}

        assert len(submitted) > 9
        assert counted(season.mixes()) == recount(2026, submitted)

    @pytest.mark.parametrize("audience", Audience.values)
    def test_agrees_for_each_school_and_audience(self, season, audience):
        submitted = {session.pk for session in season.submitted}
        for school in (season.here.school, season.there):
            shown = season.mixes(school=str(school.pk), audience=audience)

            assert counted(shown) == recount(2026, submitted, school=school.pk, audience=audience)

    def test_schools_and_audiences_add_up_to_the_module(self, season):
        for mix in season.mixes():
            for groups in (mix.by_school, mix.by_audience):
                for index, whole in enumerate(mix.gauges):
                    parts = sum(gauges[index].whole for gauges in groups.values())
                    assert parts == whole.whole

    def test_each_school_and_audience_has_its_three_figures(self, season):
        submitted = {session.pk for session in season.submitted}
        mixes = season.mixes()
        schools = {
            school.pk: {"school": school.pk} for school in (season.here.school, season.there)
        }
        audiences = {audience.value: {"audience": audience.value} for audience in Audience}
        assert PlannedCourse.objects.filter(year=2026).count() == 24
        for groups, name in ((schools, "by_school"), (audiences, "by_audience")):
            for key, only in groups.items():
                shown = {
                    (mix.module.pk, strand.value): [gauge.hours[strand] for gauge in gauges]
                    for mix in mixes
                    for strand in Strand
                    if (gauges := getattr(mix, name).get(key)) is not None
                }
                expected = recount(2026, submitted, **only)
                assert {kind: row for kind, row in shown.items() if any(row)} == expected

    @pytest.mark.parametrize("year", ["2025", "2027"])
    def test_another_year_has_its_own_sessions(self, season, year):
        shown = counted(season.mixes(year=year))

        assert shown == recount(int(year), set())
        assert sum(planned for _intended, planned, _delivered in shown.values()) == 4

    def test_a_roll_that_is_taken_back_delivers_nothing(self, season):
        before = sum(delivered for _, _, delivered in counted(season.mixes()).values())
        session = season.submitted[0]
        by = factories.acting(season.clerks[session.training_class.school_id])
        withdraw_roll(session_id=session.pk, reason="误提交", by=by, at=session.ends_at)

        after = sum(delivered for _, _, delivered in counted(season.mixes()).values())

        assert before - after == session.hours

    def test_a_school_counts_its_own_alone(self, season):
        asked = ListRequest(season.clerks[season.there.pk], {}, NOW)

        shown = counted(list_mixes(asked, mix_filters(asked)))

        submitted = {session.pk for session in season.submitted}
        assert shown == recount(2026, submitted, school=season.there.pk)

    def test_costs_the_same_for_more_sessions(self, season):
        def count() -> int:
            asked = season.asked()
            filters = mix_filters(asked)
            with CaptureQueriesContext(connection) as statements:
                list_mixes(asked, filters)
            return len(statements)

        before = count()
        training_class = season.here.training_class
        for number in range(20):
            factories.make_session(
                training_class, starts_at=at_local(FIRST + timedelta(days=200 + number), 9)
            )

        assert count() == before


class TestTheRuleOfAYear:
    def test_is_the_one_in_force_at_its_end_or_today(self, season):
        module = Module.objects.get(code="governance")
        StrandShare.objects.filter(module=module).update(
            period=period(date(2019, 1, 1), date(2026, 7, 1))
        )
        StrandShare.objects.create(
            module=module,
            strand="theory",
            percent=100,
            tolerance=0,
            period=period(date(2026, 7, 1)),
        )

        def rule(year: str) -> Any:
            asked = season.asked(year=year)
            mixes = list_mixes(asked, mix_filters(asked))
            return next(mix.targets for mix in mixes if mix.module == module)

        assert rule("2026")[Strand.THEORY] == Target(Decimal(40), Decimal(5))
        assert rule("2027") == {Strand.THEORY: Target(Decimal(100), Decimal(0))}


class TestWhatWouldHelp:
    @pytest.fixture
    def plan(self):
        """A plan of theory and practice alone, with sessions to come."""
        world = factories.ClassWorld(size=1)
        module = world.training_class.module
        Course.objects.create(
            code="G-T", title="理论", module=module, strand=Strand.THEORY, hours=4
        )
        for number, code in enumerate(["G-01", "G-T", "G-T"], start=1):
            session = factories.make_session(
                world.training_class, starts_at=at_local(date(2026, 9, number), 9)
            )
            session.course = Course.objects.get(code=code)
            session.save()
        return world

    def mix(self, world: Any, now: Any = NOW, **query: str) -> Any:
        asked = ListRequest(world.clerk, query, now)
        mixes = list_mixes(asked, mix_filters(asked))
        return next(mix for mix in mixes if mix.module == world.training_class.module)

    def test_names_courses_of_the_menu_that_bring_it_inside(self, plan):
        story = Course.objects.create(
            code="G-R", title="身边的榜样", module=plan.training_class.module,
            strand=Strand.ROLE_MODELS, hours=4,
        )  # fmt: skip
        mix = self.mix(plan)

        assert mix.planned.verdict is Verdict.OUTSIDE
        (step,) = mix.changes[0].steps
        assert (step.step.instead_of, step.count, step.courses) == (None, 1, [story])

    def test_names_no_course_that_is_retired_or_for_others(self, plan):
        facts = {"module": plan.training_class.module, "strand": Strand.ROLE_MODELS, "hours": 4}
        Course.objects.create(
            code="R1", title="停开", period=period(date(2019, 1, 1), NOW.date()), **facts
        )
        Course.objects.create(code="R2", title="书记", audiences=["secretaries"], **facts)

        assert self.mix(plan, audience="ordinary").changes == []
        assert self.mix(plan).changes[0].steps[0].courses[0].code == "R2"

    def test_a_session_to_come_may_teach_another_course(self, plan):
        Course.objects.create(
            code="G-R", title="身边的榜样", module=plan.training_class.module,
            strand=Strand.ROLE_MODELS, hours=4,
        )  # fmt: skip
        theory = Course.objects.get(code="G-T")
        for number in (10, 11):
            session = factories.make_session(
                plan.training_class, starts_at=at_local(date(2026, 9, number), 9)
            )
            session.course = theory
            session.save()

        swaps = [
            step
            for change in self.mix(plan).changes
            for step in change.steps
            if step.step.instead_of is Strand.THEORY
        ]

        assert swaps
        assert all(session.course == theory for step in swaps for session in step.sessions)
        assert all(session.starts_at > NOW for step in swaps for session in step.sessions)

    def test_a_year_that_is_over_is_told_nothing(self, plan):
        mix = self.mix(plan, at_local(date(2027, 1, 5), 9), year="2026")

        assert mix.planned.verdict is Verdict.OUTSIDE
        assert mix.changes == []


def test_a_session_is_counted_once_whatever_its_roll(season):
    asked = season.asked()
    rows = list_mix_rows(sessions_of(asked, mix_filters(asked)))

    assert all(Decimal(0) <= row.delivered <= row.planned for row in rows)
    assert len(rows) == len({(r.module_id, r.school_id, r.audience, r.strand) for r in rows})

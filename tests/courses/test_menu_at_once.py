"""A course is retired while somebody plans with it: on real connections."""

from __future__ import annotations

from functools import partial

import pytest

from accounts.enums import Role
from config.lib.periods import at_local, day_before
from courses.actions import ClassPlan, plan_class
from courses.enums import Mode, Preset
from courses.errors import CoursesError
from courses.menu_actions import retire_course
from courses.models import Course, Session, Venue
from schools.enums import Audience
from tests import factories
from tests.connections import overlapping
from tests.factories import DAY

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = at_local(DAY, 7)


class TestOneOfTwoWins:
    @pytest.fixture
    def acts(self):
        """Planning with a course on a day, and retiring it the day before."""
        school = factories.make_school()
        factories.make_session(factories.make_class(school), starts_at=at_local(DAY, 19))
        Session.objects.all().delete()
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)
        by = factories.acting(officer)
        plan = ClassPlan(
            school=school,
            preset=Preset.PACK,
            title="冬季加油包",
            audience=Audience.ORDINARY,
            mode=Mode.ON_SITE,
            courses=[Course.objects.get()],
            first_day=DAY,
            venue=Venue.objects.get(),
        )
        return (
            partial(self.told, plan_class, plan=plan, by=by, at=MORNING),
            partial(
                self.told,
                retire_course,
                course_id=plan.courses[0].pk,
                last_day=day_before(DAY),
                by=by,
                at=MORNING,
            ),
        )

    @staticmethod
    def told(act, **facts):
        try:
            return act(**facts)
        except CoursesError as error:
            return error

    def test_planned_first_it_is_not_retired(self, acts):
        planning, retiring = acts

        _planned, refusal = overlapping(planning, retiring)

        assert isinstance(refusal, CoursesError)
        assert refusal.field == "last_day"
        assert Course.objects.get().period.upper is None

    def test_retired_first_it_is_not_planned(self, acts):
        planning, retiring = acts

        _retired, refusal = overlapping(retiring, planning)

        assert isinstance(refusal, CoursesError)
        assert refusal.field == "course"
        assert not Session.objects.exists()

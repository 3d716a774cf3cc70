"""The menu: what is taught stays in its place, and what is retired is not planned any more."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import RecordError
from backstage.files import read_file
from backstage.models import StoredFile
from config.lib.periods import at_local, period
from courses import menu_actions
from courses.enums import Strand
from courses.errors import CoursesError
from courses.menu_actions import (
    add_course_material,
    offer_course_again,
    remove_course_material,
    retire_course,
)
from courses.models import Course, Module
from courses.records import save_course, save_session
from tests import factories
from tests.refusals import refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)
MORNING = at_local(DAY, 9)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def officer():
    user = factories.make_user()
    factories.grant(user, Role.DISTRICT_SCHOOL)
    return factories.acting(user)


@pytest.fixture
def session():
    training_class = factories.make_class(factories.make_school())
    return factories.make_session(training_class, starts_at=MORNING)


def make_course(**fields) -> Course:
    facts = {
        "code": "G-09",
        "title": "矛盾纠纷调解",
        "strand": Strand.PRACTICE,
        "hours": Decimal(4),
    }
    return Course.objects.create(module=Module.objects.get(code="governance"), **facts | fields)


class TestACourseThatIsTaught:
    @pytest.mark.parametrize("name", ["module", "strand"])
    def test_keeps_its_place_in_the_mix(self, session, officer, name):
        course = session.course
        course.module = Module.objects.get(code="rural")
        course.strand = Strand.THEORY

        with refused(RecordError, "module and strand stay") as caught:
            save_course(obj=course, by=officer, fields=[name])

        assert caught.value.field == "module"

    def test_may_change_its_hours(self, session, officer):
        session.course.hours = Decimal(2)

        assert save_course(obj=session.course, by=officer, fields=["hours"])

        session.refresh_from_db()
        assert session.hours == Decimal(4)

    def test_moves_once_its_sessions_are_called_off(self, session, officer):
        session.called_off_at = MORNING - timedelta(days=1)
        session.called_off_by, session.called_off_because = officer.user, "暴雪"
        session.save()
        session.course.strand = Strand.THEORY

        assert save_course(obj=session.course, by=officer, fields=["strand"])

    def test_begins_no_later_than_its_first_session(self, session, officer):
        session.course.period = period(DAY + timedelta(days=1))

        with refused(RecordError, "A session teaches this course") as caught:
            save_course(obj=session.course, by=officer, fields=["period"])

        assert caught.value.field == "first_day"


class TestRetiring:
    def test_ends_with_its_last_day_and_is_in_the_trail(self, officer):
        course = make_course()

        retire_course(course_id=course.pk, last_day=DAY, by=officer, at=MORNING)

        assert not Course.objects.offered(DAY + timedelta(days=1)).exists()
        assert Course.objects.offered(DAY).get() == course
        entry = AuditEntry.objects.get(act="retire_course")
        assert entry.object_id == str(course.pk)
        assert str(DAY + timedelta(days=1)) in str(entry.after["period"])

    def test_is_taken_back(self, officer):
        course = make_course(period=period(date(2020, 1, 1), DAY))

        offer_course_again(course_id=course.pk, by=officer, at=MORNING)

        course.refresh_from_db()
        assert course.period == period(date(2020, 1, 1))
        assert AuditEntry.objects.filter(act="offer_course_again").count() == 1

    def test_what_changes_nothing_leaves_no_entry(self, officer):
        offer_course_again(course_id=make_course().pk, by=officer, at=MORNING)

        assert not AuditEntry.objects.filter(act="offer_course_again").exists()

    def test_waits_for_the_last_session(self, session, officer):
        day_before = DAY - timedelta(days=1)

        with refused(CoursesError, "A session teaches this course") as caught:
            retire_course(course_id=session.course_id, last_day=day_before, by=officer, at=MORNING)
        assert caught.value.field == "last_day"

        retire_course(course_id=session.course_id, last_day=DAY, by=officer, at=MORNING)

    def test_lies_within_its_days(self, officer):
        course = make_course(period=period(DAY))

        with refused(CoursesError, "offered from"):
            retire_course(
                course_id=course.pk, last_day=DAY - timedelta(days=1), by=officer, at=MORNING
            )

    @pytest.mark.parametrize("role", [Role.ORGANISATION_DEPARTMENT, Role.SCHOOL_CLERK])
    def test_is_the_academic_officers_alone(self, session, role):
        user = factories.make_user()
        factories.grant(
            user, role, session.training_class.school if role == Role.SCHOOL_CLERK else None
        )

        with refused(PermissionDenied):
            retire_course(
                course_id=session.course_id,
                last_day=DAY,
                by=factories.acting(user),
                at=MORNING,
            )


class TestPlanning:
    def test_a_session_takes_no_course_that_is_not_offered_on_its_day(self, session, officer):
        session.course = make_course(period=period(date(2020, 1, 1), DAY))

        with refused(RecordError, "not offered on this day") as caught:
            save_session(obj=session, by=officer, at=MORNING - timedelta(days=1), fields=["course"])

        assert caught.value.field == "course"

    def test_nor_is_it_moved_past_the_last_day(self, session, officer):
        retire_course(course_id=session.course_id, last_day=DAY, by=officer, at=MORNING)
        session.starts_at += timedelta(days=1)
        session.ends_at += timedelta(days=1)

        with refused(RecordError, "not offered on this day"):
            save_session(
                obj=session,
                by=officer,
                at=MORNING - timedelta(days=1),
                fields=["starts_at", "ends_at"],
            )


class TestWhoItIsFor:
    def test_a_course_without_audiences_is_for_everybody(self):
        make_course()

        assert Course.objects.meant_for("secretaries").exists()

    def test_one_with_some_is_for_them_alone(self):
        make_course(audiences=["secretaries"])

        assert Course.objects.meant_for("secretaries").exists()
        assert not Course.objects.meant_for("ordinary").exists()

    def test_who_sees_no_school_sees_no_course(self, officer):
        make_course()

        assert Course.objects.visible_to(officer.user, DAY).exists()
        assert not Course.objects.visible_to(factories.make_user(), DAY).exists()


class TestMaterials:
    def add(self, officer, course, **fields):
        facts = {"title": "", "data": factories.make_pdf(), "name": "调解提纲.pdf"} | fields
        return add_course_material(course_id=course.pk, by=officer, at=MORNING, **facts)

    def test_a_file_is_kept_and_in_the_trail(self, officer):
        course = make_course()

        material = self.add(officer, course)

        assert (material.title, material.ending) == ("调解提纲", "pdf")
        assert read_file(material.file).startswith(b"%PDF")
        assert AuditEntry.objects.get(act="add_course_material").after["title"] == "调解提纲"

    def test_what_is_no_material_is_refused_at_its_field(self, officer):
        with refused(CoursesError, "no PDF") as caught:
            self.add(officer, make_course(), data=b"plain")

        assert caught.value.field == "upload"

    def test_a_course_has_no_more_than_its_limit(self, officer, monkeypatch):
        monkeypatch.setattr(menu_actions, "MOST_MATERIALS", 1)
        course = make_course()
        self.add(officer, course)

        with refused(CoursesError, "no more than 1"):
            self.add(officer, course)

    def test_one_is_taken_off_with_its_file_and_a_reason(self, officer):
        course = make_course()
        material = self.add(officer, course)
        facts = {"course_id": course.pk, "material_id": material.pk, "by": officer, "at": MORNING}

        with refused(CoursesError, "Say why"):
            remove_course_material(reason=" ", **facts)
        remove_course_material(reason="旧版", **facts)

        assert not StoredFile.objects.filter(pk=material.file_id).exists()
        entry = AuditEntry.objects.get(act="remove_course_material")
        assert (entry.before["title"], entry.after["reason"]) == ("调解提纲", "旧版")

    def test_a_clerk_keeps_none(self, officer):
        clerk = factories.acting(factories.make_clerk(factories.make_school()))

        with refused(PermissionDenied):
            self.add(clerk, make_course())

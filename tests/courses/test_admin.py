"""The menu and the timetable, and what a roll stands on."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import RecordError
from config.lib.periods import at_local, period, today
from courses.models import Course, Module, Session, StrandShare, Venue
from courses.records import save_session
from courses.signals import session_changing
from instructors.models import Instructor
from rolls.actions.attendance import submit_roll
from schools.models import School
from tests import factories
from tests.admin_pages import (
    add,
    change,
    change_url,
    errors_of,
    form_of,
    make_officer,
    page_url,
    signed_in,
)
from tests.factories import NOON, START
from tests.refusals import refused

# No session is moved to a year that is over.
YEAR = today().year


@pytest.fixture
def client(db):
    return signed_in(make_officer(Role.DISTRICT_SCHOOL))


@pytest.fixture
def world(db):
    return factories.ClassWorld()


def take_roll(world):
    submit_roll(
        session_id=world.session.pk,
        marks=world.marks("present"),
        seen={},
        by=world.by,
        at=NOON,
    )


class TestSessions:
    def test_the_date_follows_from_the_start_in_shanghai(self, client, world):
        response = add(
            client,
            Session,
            training_class=world.training_class.code,
            number=2,
            course="G-01",
            venue=Venue.objects.get().pk,
            starts_at=f"{YEAR}-12-31T23:30",
            ends_at=f"{YEAR + 1}-01-01T01:30",
            hours="2",
        )

        assert errors_of(response) == ""
        session = Session.objects.get(number=2)
        assert session.held_on == date(YEAR, 12, 31)
        assert session.starts_at == at_local(date(YEAR, 12, 31), 23, 30)
        entry = AuditEntry.objects.get(act="add_record")
        assert entry.school_code == world.school.code

    def test_is_held_while_school_and_venue_are_there(self, client, world):
        Venue.objects.update(period=period(START, date(YEAR, 6, 1)))
        typed = {"starts_at": f"{YEAR}-06-01T09:00", "ends_at": f"{YEAR}-06-01T12:00"}

        assert form_of(change(client, world.session, **typed)).errors["venue"]

        School.objects.update(period=period(START, date(YEAR, 6, 1)))
        assert form_of(change(client, world.session, **typed)).errors["starts_at"]

    def test_moving_a_session_moves_its_date(self, client, world):
        response = change(
            client, world.session, starts_at=f"{YEAR}-06-01T09:00", ends_at=f"{YEAR}-06-01T12:00"
        )

        assert errors_of(response) == ""
        world.session.refresh_from_db()
        assert world.session.held_on == date(YEAR, 6, 1)

    @pytest.mark.parametrize(
        "typed",
        [
            {"hours": "3"},
            {"starts_at": f"{YEAR}-06-01T09:00", "ends_at": f"{YEAR}-06-01T12:00"},
            {"starts_at": "2026-05-20T08:30", "ends_at": "2026-05-20T11:30"},
        ],
    )
    def test_with_a_roll_times_and_hours_stand(self, client, world, typed):
        take_roll(world)

        response = change(client, world.session, **typed)

        assert errors_of(response)
        stored = Session.objects.get(pk=world.session.pk)
        assert (stored.hours, stored.held_on) == (world.session.hours, world.session.held_on)
        assert not AuditEntry.objects.filter(act="change_record").exists()

    def test_with_a_roll_the_lecturer_may_change(self, client, world):
        take_roll(world)
        lecturer = Instructor.objects.create(name="李", corps="professional", employer="党校")

        response = change(client, world.session, instructor=lecturer.pk)

        assert errors_of(response) == ""

    def test_with_a_roll_it_is_not_deleted(self, client, world):
        take_roll(world)

        client.post(page_url(Session, "delete", world.session.pk), {"post": "yes"})

        assert Session.objects.filter(pk=world.session.pk).exists()

    def test_without_one_it_is_deleted_with_its_entry(self, client, world):
        response = client.post(page_url(Session, "delete", world.session.pk), {"post": "yes"})

        assert response.status_code == 302
        assert not Session.objects.exists()
        assert AuditEntry.objects.get(act="delete_record").school_code == world.school.code

    def test_any_app_above_may_object(self, world):
        def object_to(session, **_kwargs):
            raise RecordError("no")

        session_changing.connect(object_to)
        try:
            world.session.hours = 2
            with refused(RecordError, match="no"):
                save_session(obj=world.session, by=world.by, at=NOON, fields=["hours"])
        finally:
            session_changing.disconnect(object_to)

    def test_hours_that_are_no_quarters_are_refused(self, client, world):
        assert errors_of(change(client, world.session, hours="1.1"))

    def test_an_end_before_the_start_is_refused(self, client, world):
        assert errors_of(change(client, world.session, ends_at="2026-05-20T08:00"))


class TestMenu:
    def test_lecturers_of_a_course_are_chosen_by_boxes_and_audited(self, client):
        course = Course.objects.create(
            code="G-02", title="网格", module=Module.objects.first(), strand="practice", hours=4
        )
        lecturer = Instructor.objects.create(name="李", corps="professional", employer="党校")

        assert errors_of(change(client, course, instructors=[lecturer.pk])) == ""

        assert list(course.instructors.all()) == [lecturer]
        entry = AuditEntry.objects.get(act="change_record")
        assert (entry.before, entry.after) == (
            {"instructors": []},
            {"instructors": [lecturer.pk]},
        )
        page = client.get(change_url(course)).content.decode()
        assert 'type="checkbox"' in page

    def test_a_course_in_use_says_so_instead_of_going(self, client, world):
        course = world.session.course

        client.post(page_url(Course, "delete", course.pk), {"post": "yes"})

        assert Course.objects.filter(pk=course.pk).exists()

    def test_a_class_stays_with_its_school(self, client, world):
        other = factories.make_school("120111005", "津门湖街道")

        assert errors_of(change(client, world.training_class, school=other.pk)) == ""

        world.training_class.refresh_from_db()
        assert world.training_class.school == world.school

    def test_a_share_is_closed_and_not_overwritten(self, client):
        share = StrandShare.objects.first()
        percent = share.percent

        response = change(client, share, percent="50", period=("2019-01-01", "2026-12-31"))

        assert errors_of(response) == ""
        share.refresh_from_db()
        assert share.percent == percent
        assert share.period.upper == date(2027, 1, 1)

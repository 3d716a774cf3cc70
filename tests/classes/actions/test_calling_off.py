"""A session that is called off is not held: no roll, and place and lecturer are free."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import RecordError
from classes.actions.calling_off import call_off_class, call_off_session, change_session
from classes.actions.enrolments import enrol_members
from classes.actions.leaves import ask_leave
from classes.errors import LeaveError, RosterError
from classes.models import ClassNotice, Enrolment, LeaveRequest, Roll
from classes.queries.timetable import get_timetable, list_events
from config.lib.calendars import write_calendar
from config.lib.periods import at_local
from courses.enums import Mode
from courses.models import Session, TrainingClass
from courses.records import save_session
from instructors.models import Instructor
from rolls.actions.attendance import record_attendance
from rolls.errors import RollError
from rolls.queries.deadlines import is_due
from tests import factories
from tests.connections import together
from tests.factories import DAY, MORNING, NOON, ClassWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db
BEFORE = MORNING - timedelta(days=2)


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.second = factories.make_session(world.training_class, starts_at=at_local(DAY, 14))
    world.member = world.members[0]
    world.member.user = factories.make_user()
    world.member.save()
    return world


def call_off(world, session=None, at=BEFORE, reason="讲师生病", by=None):
    session = session or world.session
    return call_off_session(session_id=session.pk, reason=reason, by=by or world.by, at=at)


def called_off():
    return set(Session.objects.filter(called_off_at__isnull=False).values_list("number", flat=True))


class TestCallingOffASession:
    def test_tells_why_in_the_trail_and_to_the_class(self, world):
        done = call_off(world)

        assert (called_off(), done.members, done.leaves) == ({1}, 2, 0)
        entry = AuditEntry.objects.get(act="call_off_session")
        assert (entry.actor, entry.after) == (world.clerk, {"reason": "讲师生病"})
        assert "讲师生病" in ClassNotice.objects.get().text

    def test_is_over_once_it_begins(self, world):
        with refused(RosterError, "已开始"):
            call_off(world, at=MORNING)
        call_off(world)
        with refused(RosterError, "已停课"):
            call_off(world)

    def test_wants_a_reason(self, world):
        with refused(RosterError, "原因"):
            call_off(world, reason=" ")

    def test_leaves_one_with_marks_alone(self, world):
        at = MORNING - timedelta(hours=1)
        record_attendance(
            session_id=world.session.pk, marks=world.marks("present"), seen={}, by=world.by, at=at
        )
        with refused(RosterError, "考勤记录"):
            call_off(world, at=at)

    def test_is_for_who_plans_the_class(self, world):
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)
        elsewhere = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with pytest.raises(PermissionDenied):
            call_off(world, by=factories.acting(leader))
        with pytest.raises(Session.DoesNotExist):
            call_off(world, by=factories.acting(elsewhere))

    def test_leaves_nothing_to_take_or_to_submit(self, world):
        call_off(world)

        with refused(RollError, "已停课"):
            record_attendance(
                session_id=world.session.pk,
                marks=world.marks("present"),
                seen={},
                by=world.by,
                at=NOON,
            )
        assert not Roll.objects.exists()
        over = Session.objects.filter(is_due(NOON + timedelta(days=30)))
        assert list(over.values_list("number", flat=True)) == [2]

    def test_frees_venue_and_lecturer(self, world):
        world.session.instructor = Instructor.objects.create(
            name="王", corps="professional", employer="区委党校"
        )
        world.session.save()
        call_off(world)
        other = factories.make_class(world.school)

        held = factories.make_session(
            other, venue=world.session.venue, instructor=world.session.instructor
        )

        assert held.pk

    def test_settles_it(self, world):
        call_off(world)
        world.session.refresh_from_db()
        world.session.starts_at += timedelta(hours=1)
        with refused(RecordError, "已停课"):
            save_session(obj=world.session, by=world.by, at=NOON, fields=["starts_at"])

    def test_ends_requests_for_leave(self, world):
        by = factories.acting(world.member.user)
        ask_leave(session_id=world.session.pk, reason="值班", by=by, at=BEFORE)

        assert call_off(world).leaves == 1
        assert not LeaveRequest.objects.current().exists()
        with refused(LeaveError, "已停课"):
            ask_leave(session_id=world.session.pk, reason="值班", by=by, at=BEFORE)

    def test_stands_in_timetable_and_calendar(self, world):
        call_off(world)

        first, second = get_timetable(world.member, BEFORE).ahead
        assert (first.session.is_called_off, first.may_ask_leave) == (True, False)
        assert (second.session.is_called_off, second.may_ask_leave) == (False, True)
        calendar = write_calendar("x", list_events(world.member, BEFORE), at=BEFORE).decode()
        assert calendar.count("STATUS:CANCELLED") == 1
        assert calendar.count("BEGIN:VEVENT") == 2

    def test_lets_newcomers_begin_with_the_next(self, world):
        call_off(world)
        new = factories.make_member(world.organisation)
        enrol_members(
            training_class_id=world.training_class.pk, member_ids=[new.pk], by=world.by, at=BEFORE
        )

        assert Enrolment.objects.get(member=new).sessions.lower == 2


class TestCallingOffAClass:
    def test_calls_off_what_has_not_begun(self, world):
        done = call_off_class(
            training_class_id=world.training_class.pk, reason="暴雪", by=world.by, at=NOON
        )

        assert [session.number for session in done.sessions] == [2]
        assert called_off() == {2}
        assert ClassNotice.objects.count() == 1

    def test_wants_something_to_call_off(self, world):
        with refused(RosterError, "本班没有"):
            call_off_class(
                training_class_id=world.training_class.pk,
                reason="暴雪",
                by=world.by,
                at=NOON + timedelta(days=1),
            )


class TestMovingASession:
    def move(self, world, **values):
        for name, value in values.items():
            setattr(world.session, name, value)
        change_session(obj=world.session, by=world.by, at=BEFORE, fields=list(values))

    def test_is_told_to_its_trainees(self, world):
        later = timedelta(hours=1)
        self.move(world, starts_at=MORNING + later, ends_at=NOON + later)

        [notice] = ClassNotice.objects.all()
        assert "10:00" in notice.text
        assert "09:00" in notice.text
        assert (notice.posted_by, notice.posted_at) == (world.clerk, BEFORE)

    def test_is_told_for_another_place_as_well(self, world):
        TrainingClass.objects.update(mode=Mode.OUTREACH)
        world.session.training_class.refresh_from_db()
        self.move(world, venue=None, place="村委会广场")

        assert "村委会广场" in ClassNotice.objects.get().text

    def test_is_no_news_to_an_empty_class_or_where_it_stays(self, world):
        self.move(world, hours=Decimal(3))
        Enrolment.objects.all().delete()
        self.move(world, starts_at=MORNING - timedelta(hours=1))

        assert not ClassNotice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_session_is_marked_or_called_off_by_the_faster_of_two(world):
    at = MORNING - timedelta(hours=1)

    def tried(act):
        try:
            act()
        except (RollError, RosterError):
            return False
        return True

    mark = partial(
        record_attendance,
        session_id=world.session.pk,
        marks=world.marks("present"),
        seen={},
        by=world.by,
        at=at,
    )
    marked, off = together(partial(tried, mark), partial(tried, partial(call_off, world, at=at)))

    assert {marked, off} == {True, False}
    assert Roll.objects.exists() == marked
    assert bool(called_off()) == off

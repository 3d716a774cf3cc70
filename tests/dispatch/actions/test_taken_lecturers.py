"""A school that takes a lecturer past the desk hears what the desk would; the lecturer is told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry, User
from accounts.records import RecordError
from backstage.models import Message
from backstage.notices import describe_message
from classes.actions.calling_off import call_off_class, change_session
from config.lib.periods import at_local, inclusive_period
from courses.actions import ClassPlan, plan_class
from courses.enums import Mode, Preset
from courses.errors import CoursesError
from courses.models import Session, TrainingClass
from dispatch.models import EngagementOverride
from instructors.models import AppointmentLetter, Instructor
from schools.enums import Audience
from tests import factories
from tests.dispatch.world import LATER, WISHED, WRITTEN, BookingWorld
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def plan(
    world: BookingWorld,
    lecturer: Instructor | None = None,
    at: datetime = WRITTEN,
    by: User | None = None,
    **changes,
) -> TrainingClass:
    facts = {
        "school": world.school,
        "preset": Preset.PACK,
        "title": "支部工作法",
        "audience": Audience.ORDINARY,
        "mode": Mode.ON_SITE,
        "courses": [world.course],
        "first_day": WISHED,
        "venue": world.venue,
        "instructor": lecturer or world.lecturer,
    }
    return plan_class(plan=ClassPlan(**facts | changes), by=acting(by or world.clerk), at=at)


def change(world: BookingWorld, session: Session, at: datetime = LATER, **changes) -> None:
    for name, value in changes.items():
        setattr(session, name, value)
    change_session(
        obj=session,
        by=acting(world.clerk),
        at=at,
        fields=[*changes],
        school_code=world.school.code,
    )


def told(lecturer: Instructor) -> list[str]:
    rows = Message.objects.filter(recipient=lecturer.user).order_by("pk")
    return [describe_message(row).title for row in rows]


def busy_elsewhere(world: BookingWorld, begins: time) -> None:
    """The lecturer teaches at another school on the wished day, until an hour after `begins`."""
    there = factories.make_school("120111101", "津门湖街道")
    held = factories.make_class(there)
    starts_at = at_local(WISHED, begins.hour, begins.minute)
    factories.make_session(
        held,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        instructor=world.lecturer,
    )


class TestAPlannedClass:
    def test_who_is_free_is_taken_and_told_once_for_all_its_sessions(self, world):
        made = plan(world, preset=Preset.INTENSIVE)

        assert made.sessions.count() == 6
        assert told(world.lecturer) == ["You teach at 杨柳青镇党校, 2 Jun 2026 08:30"]

    def test_who_is_on_leave_is_refused(self, world):
        world.go_on_leave()

        with pytest.raises(CoursesError, match="Is on leave on Tue 2 Jun 2026") as caught:
            plan(world, lecturer_reason="已说好")

        assert caught.value.field == "instructor"
        assert not TrainingClass.objects.exists()

    def test_whose_letter_of_appointment_ended_is_refused(self, world):
        AppointmentLetter.objects.update(period=inclusive_period(date(2020, 1, 1), WRITTEN.date()))

        with pytest.raises(CoursesError, match="No letter of appointment holds on that day"):
            plan(world)

    def test_who_was_never_appointed_needs_no_letter(self, world):
        guest = factories.make_lecturer(world.school)

        assert plan(world, guest).sessions.get().instructor == guest

    def test_a_short_way_is_warned_of_and_taken_with_a_reason_that_is_kept(self, world):
        busy_elsewhere(world, time(7))

        with pytest.raises(CoursesError, match="30 minutes to travel, 60 are needed") as caught:
            plan(world)
        assert caught.value.field == "lecturer_reason"
        session = plan(world, lecturer_reason="有专车接").sessions.get()

        entry = AuditEntry.objects.get(act="take_lecturer")
        assert session.lecturer_reason == "有专车接"
        assert entry.after["reason"] == "有专车接"
        assert "30 minutes to travel" in entry.after["warnings"][0]

    def test_another_schools_class_or_letter_is_not_named_to_a_clerk(self, world):
        busy_elsewhere(world, time(7))

        with pytest.raises(CoursesError, match="Teaches at another school until 08:00"):
            plan(world)
        Session.objects.update(starts_at=at_local(WISHED, 9), ends_at=at_local(WISHED, 10))
        with pytest.raises(CoursesError) as caught:
            plan(world, lecturer_reason="有专车接")
        assert caught.value.message == (
            "This lecturer teaches at another school, Tue 2 Jun 2026, 09:00 to 10:00."
        )

    def test_another_schools_letter_is_not_named_either(self, world):
        world.propose()
        there = factories.make_school("120111101", "津门湖街道")
        facts = {"school": there, "mode": Mode.OUTREACH, "venue": None, "place": "社区"}

        with pytest.raises(CoursesError) as caught:
            plan(world, by=factories.make_clerk(there), **facts)

        assert caught.value.field == "instructor"
        assert caught.value.message.startswith("This lecturer teaches at another school, Tue 2 Jun")

    def test_nobody_names_themselves(self, world):
        factories.grant(world.lecturer.user, Role.SCHOOL_CLERK, world.school)

        with pytest.raises(CoursesError, match="This concerns yourself"):
            plan(world, by=world.lecturer.user)

    def test_who_is_not_named_for_the_course_needs_no_reason(self, world):
        world.course.instructors.add(world.make_lecturer("钱无书"))

        assert plan(world).sessions.get().instructor == world.lecturer

    def test_called_off_the_lecturer_is_told_why(self, world):
        made = plan(world)

        call_off_class(training_class_id=made.pk, reason="停电", by=acting(world.clerk), at=LATER)

        assert told(world.lecturer)[-1] == ("You do not teach at 杨柳青镇党校, 2 Jun 2026 08:30")


class TestAChangedSession:
    def test_another_lecturer_is_weighed_and_both_are_told(self, world):
        session, other = plan(world).sessions.get(), world.make_lecturer("钱一")

        change(world, session, instructor=other)

        assert told(world.lecturer)[-1].startswith("You do not teach at 杨柳青镇党校")
        assert told(other) == ["You teach at 杨柳青镇党校, 2 Jun 2026 08:30"]

    def test_a_move_to_a_day_of_leave_is_refused(self, world):
        session = plan(world).sessions.get()
        world.go_on_leave(WISHED + timedelta(days=1))
        later = {
            "starts_at": session.starts_at + timedelta(days=1),
            "ends_at": session.ends_at + timedelta(days=1),
        }

        with pytest.raises(RecordError, match="Is on leave on Wed 3 Jun 2026"):
            change(world, session, **later)

    def test_a_move_is_told(self, world):
        session = plan(world).sessions.get()
        hour = timedelta(hours=1)

        change(world, session, starts_at=session.starts_at + hour, ends_at=session.ends_at + hour)

        assert told(world.lecturer)[-1] == "You teach at 杨柳青镇党校, 2 Jun 2026 09:30"

    def test_what_has_nothing_to_do_with_the_lecturer_is_not_asked_about(self, world):
        session = plan(world).sessions.get()
        world.go_on_leave()
        other = world.make_venue("三楼")

        change(world, session, venue=other)

        session.refresh_from_db()
        assert session.venue == other
        assert len(told(world.lecturer)) == 1

    def test_the_reason_for_the_former_lecturer_is_none_for_the_next(self, world):
        busy_elsewhere(world, time(7))
        session = plan(
            world, world.make_lecturer("钱一"), lecturer_reason="熟悉本镇"
        ).sessions.get()

        with pytest.raises(RecordError, match="Say why in spite of this"):
            change(world, session, instructor=world.lecturer)
        change(world, session, instructor=world.lecturer, lecturer_reason="有专车接")

        session.refresh_from_db()
        assert session.instructor == world.lecturer

    def test_who_taught_a_session_that_has_begun_is_a_fact(self, world):
        session, other = plan(world).sessions.get(), world.make_lecturer("钱一")
        session.instructor = None
        session.save()
        world.go_on_leave()

        change(
            world, session, instructor=world.lecturer, at=session.starts_at + timedelta(minutes=5)
        )

        session.refresh_from_db()
        assert session.instructor == world.lecturer
        assert told(other) == []


class TestALetterOfTheDesk:
    def test_agreeing_asks_nothing_again_and_tells_by_the_proposal_alone(self, world):
        letter = world.confirm()

        assert letter.training_class.sessions.get().lecturer_reason == ""
        assert told(world.lecturer) == ["You are asked to teach at 杨柳青镇党校, 2 Jun 2026 08:30"]

    def test_a_substitution_by_the_school_is_weighed_and_kept_with_the_engagement(self, world):
        session = world.confirm().training_class.sessions.get()
        other, world.lecturer = world.lecturer, world.make_lecturer("钱一")
        busy_elsewhere(world, time(7))

        with pytest.raises(RecordError, match="30 minutes to travel"):
            change(world, session, instructor=world.lecturer)
        change(world, session, instructor=world.lecturer, lecturer_reason="有专车接")

        kept = EngagementOverride.objects.get(warning="travel")
        assert (kept.instructor, kept.reason) == (world.lecturer, "有专车接")
        assert kept.overridden_by == world.clerk
        assert kept.engagement.session == session
        assert told(other)[-1].startswith("You do not teach")

    def test_a_substitution_by_a_lecturer_on_leave_is_refused(self, world):
        session, other = world.confirm().training_class.sessions.get(), world.make_lecturer("钱一")
        world.lecturer = other
        world.go_on_leave()

        with pytest.raises(RecordError, match="Is on leave"):
            change(world, session, instructor=other)

"""Taking, submitting and correcting a roll."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.models import Roll
from config.lib.periods import at_local
from courses.models import Session
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import (
    correct_attendance,
    record_attendance,
    submit_roll,
    withdraw_roll,
)
from rolls.errors import RollConflictError, RollError, RollIncompleteError
from rolls.models import Attendance, AttendanceCorrection
from tests import factories
from tests.factories import DAY, NOON, ClassWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return ClassWorld(size=4)


def submit(world, *statuses, at=NOON, session=None, seen=None):
    return submit_roll(
        session_id=(session or world.session).pk,
        marks=world.marks(*statuses),
        seen=seen or {},
        by=world.by,
        at=at,
    )


def hours_of(member):
    return CreditEntry.objects.filter(member=member).sum_hours()


class TestSubmitting:
    def test_posts_what_each_mark_is_worth(self, world):
        result = submit(world, "present", "late", "on_leave", "absent")

        assert [hours_of(m) for m in world.members] == [
            Decimal(4),
            Decimal("3.75"),
            Decimal(0),
            Decimal(0),
        ]
        assert (result.posted.assessments, result.posted.entries) == (4, 2)
        assert result.posted.hours == Decimal("7.75")
        assert not list_findings()

    def test_explains_what_is_worth_nothing(self, world):
        submit(world, "present", "late", "on_leave", "absent")

        reasons = [m.assessments.get().own_reason for m in world.members]
        assert reasons == ["none", "late", "on_leave", "absent"]

    def test_not_taken_is_not_absent(self, world):
        marks = world.marks("present", "present", "present", "")

        with refused(RollIncompleteError) as caught:
            submit_roll(session_id=world.session.pk, marks=marks, seen={}, by=world.by, at=NOON)

        assert caught.value.member_ids == [world.members[3].pk]
        assert not Attendance.objects.exists()
        assert not Roll.objects.exists()

    def test_nothing_is_kept_when_it_is_refused(self, world):
        with refused(RollIncompleteError):
            submit(world, "present", "")

        assert not AuditEntry.objects.exists()

    def test_counts_no_more_than_the_daily_cap(self, world):
        submit(world, "present")
        evening = factories.make_session(
            world.training_class, starts_at=at_local(DAY, 18), hours="6"
        )

        submit(world, "present", "late", session=evening, at=at_local(DAY, 22))

        assert hours_of(world.members[0]) == Decimal(8)
        assessment = world.members[1].assessments.get(source__roll__session=evening)
        assert (assessment.own_reason, assessment.own_cut) == ("late", Decimal("0.25"))
        assert (assessment.cap_reason, assessment.cap_cut) == ("day", Decimal("1.75"))
        assert not list_findings()

    def test_is_refused_a_second_time(self, world):
        submit(world, "present")

        with refused(RollError, match=str(world.clerk)):
            submit(world, "present")

        assert CreditEntry.objects.count() == 4

    def test_is_refused_before_the_session_begins(self, world):
        with refused(RollError):
            submit(world, "present", at=world.session.starts_at - timedelta(minutes=1))

    def test_writes_one_audit_entry_with_former_and_new_marks(self, world):
        submit(world, "present", "absent")

        entry = AuditEntry.objects.get()
        assert (entry.act, entry.actor, entry.address) == ("submit_roll", world.clerk, "127.0.0.1")
        assert entry.school_code == world.school.code
        assert entry.before["marks"] == {str(m.pk): None for m in world.members}
        assert entry.after["counts"] == {"present": 1, "absent": 3}

    def test_carries_school_and_organisation_of_the_day(self, world):
        submit(world, "present")

        entry = CreditEntry.objects.first()
        assert (entry.school, entry.organisation) == (world.school, world.organisation)
        assert (entry.credit_year, entry.occurred_on) == (2026, DAY)

    def test_last_minute_of_the_year_counts_for_that_year(self, world):
        starts = at_local(DAY.replace(month=12, day=31), 22)
        late = factories.make_session(
            world.training_class, starts_at=starts, ends_at=starts + timedelta(hours=1, minutes=59)
        )

        submit(world, "present", session=late, at=starts + timedelta(hours=3))

        assert set(CreditEntry.objects.values_list("credit_year", flat=True)) == {2026}

    def test_needs_eyes_on_every_mark_that_somebody_else_made_meanwhile(self, world):
        other = factories.make_clerk(world.school, display_name="王丽")
        record_attendance(
            session_id=world.session.pk,
            marks={world.members[0].pk: "absent"},
            seen={},
            by=factories.acting(other),
            at=NOON,
        )

        with refused(RollConflictError) as caught:
            submit(world, "present", seen=world.marks("present", "", "", ""))

        assert [c.theirs for c in caught.value.conflicts] == ["absent"]
        submit(world, "present", seen=world.marks("absent", "", "", ""))
        assert hours_of(world.members[0]) == Decimal(4)

    def test_posts_nothing_for_a_mark_off_the_roster(self, world):
        gone = world.members.pop()
        record_attendance(
            session_id=world.session.pk, marks={gone.pk: "present"}, seen={}, by=world.by, at=NOON
        )
        gone.enrolments.all().delete()

        submit(world, "present")

        assert hours_of(gone) == 0


class TestScope:
    def test_another_schools_session_does_not_exist(self, world):
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with refused(Session.DoesNotExist):
            submit_roll(
                session_id=world.session.pk,
                marks=world.marks("present"),
                seen={},
                by=factories.acting(other),
                at=NOON,
            )

    @pytest.mark.parametrize("role", [Role.SCHOOL_LEADER, Role.LIAISON_OFFICER])
    def test_who_sees_a_roll_without_being_its_clerk_may_not_take_it(self, world, role):
        reader = factories.make_user()
        factories.grant(reader, role, world.school)

        with refused(PermissionDenied):
            submit_roll(
                session_id=world.session.pk,
                marks=world.marks("present"),
                seen={},
                by=factories.acting(reader),
                at=NOON,
            )

    def test_a_stranger_on_the_form_is_refused(self, world):
        stranger = factories.make_member(world.organisation)
        marks = world.marks("present") | {stranger.pk: "present"}

        with refused(RollError):
            submit_roll(session_id=world.session.pk, marks=marks, seen={}, by=world.by, at=NOON)


class TestDraft:
    def save(self, world, marks, seen=None, by=None):
        return record_attendance(
            session_id=world.session.pk,
            marks=marks,
            seen=seen or {},
            by=by or world.by,
            at=NOON,
        )

    def test_counts_for_nothing(self, world):
        roll = self.save(world, world.marks("present", "", "", ""))

        assert roll.state == "draft"
        assert Attendance.objects.count() == 1
        assert not CreditEntry.objects.exists()
        assert not list_findings()

    def test_without_a_change_writes_nothing(self, world):
        assert self.save(world, world.marks("", "", "", "")) is None

        assert not Roll.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_two_clerks_marks_of_different_people_merge(self, world):
        first, second = world.members[:2]
        self.save(world, {first.pk: "present", second.pk: ""})
        self.save(world, {first.pk: "", second.pk: "absent"})

        marks = dict(Attendance.objects.values_list("member", "status"))
        assert marks == {first.pk: "present", second.pk: "absent"}

    def test_two_clerks_marks_of_one_person_show_both_values(self, world):
        member = world.members[0]
        other = factories.make_clerk(world.school, display_name="王丽")
        self.save(world, {member.pk: "present"}, by=factories.acting(other))

        with refused(RollConflictError) as caught:
            self.save(world, {member.pk: "absent"})

        (conflict,) = caught.value.conflicts
        assert (conflict.yours, conflict.theirs, conflict.marked_by) == (
            "absent",
            "present",
            "王丽",
        )
        assert Attendance.objects.get().status == "present"

    def test_a_clerk_who_saw_the_other_mark_may_change_it(self, world):
        member = world.members[0]
        self.save(world, {member.pk: "present"})
        self.save(world, {member.pk: "absent"}, seen={member.pk: "present"})

        assert Attendance.objects.get().status == "absent"


class TestCorrecting:
    def correct(self, attendance, status, reason="点名册核对", by=None, at=NOON):
        return factories.correct_mark(attendance, status, reason=reason, by=by, at=at)

    def test_of_a_mark_that_somebody_else_corrected_meanwhile_is_refused(self, world):
        submit(world, "present")
        mark = Attendance.objects.get(member=world.members[0])
        self.correct(mark, "absent", by=world.by)

        with refused(RollError):
            correct_attendance(
                attendance_id=mark.pk,
                seen_version=1,
                new_status="late",
                reason="核对",
                by=world.by,
                at=NOON,
            )

        assert hours_of(mark.member) == 0

    def test_reverses_and_posts_anew(self, world):
        submit(world, "present")
        mark = Attendance.objects.get(member=world.members[0])

        self.correct(mark, "late", by=world.by)

        entries = CreditEntry.objects.filter(member=mark.member)
        assert sorted(entries.values_list("hours", flat=True)) == [
            Decimal(-4),
            Decimal("3.75"),
            Decimal(4),
        ]
        assert entries.get(reverses__isnull=False).reverses.hours == 4
        assert not list_findings()

    def test_keeps_the_former_mark(self, world):
        submit(world, "absent")
        mark = Attendance.objects.get(member=world.members[0])

        self.correct(mark, "present", by=world.by)
        self.correct(mark, "on_leave", by=world.by)

        history = AttendanceCorrection.objects.order_by("version").values_list(
            "version", "old_status", "new_status"
        )
        assert list(history) == [(1, "absent", "present"), (2, "present", "on_leave")]
        assert hours_of(mark.member) == 0
        assert not list_findings()

    @pytest.mark.parametrize(("status", "reason"), [("present", "x"), ("late", " "), ("?", "x")])
    def test_needs_another_mark_and_a_reason(self, world, status, reason):
        submit(world, "present")
        mark = Attendance.objects.first()

        with refused(RollError):
            self.correct(mark, status, reason, by=world.by)

        assert CreditEntry.objects.count() == 4

    def test_waits_for_submission(self, world):
        record_attendance(
            session_id=world.session.pk,
            marks=world.marks("present"),
            seen={},
            by=world.by,
            at=NOON,
        )

        with refused(RollError):
            self.correct(Attendance.objects.first(), "late", by=world.by)

    def test_respects_the_daily_cap(self, world):
        submit(world, "present")
        evening = factories.make_session(
            world.training_class, starts_at=at_local(DAY, 18), hours="6"
        )
        submit(world, "absent", session=evening, at=at_local(DAY, 22))
        mark = Attendance.objects.get(member=world.members[0], session=evening)

        self.correct(mark, "present", by=world.by, at=at_local(DAY, 23))

        assert hours_of(mark.member) == Decimal(8)
        assert not list_findings()

    def test_another_schools_mark_does_not_exist(self, world):
        submit(world, "present")
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with refused(Attendance.DoesNotExist):
            self.correct(Attendance.objects.first(), "late", by=factories.acting(other))


class TestTakingBack:
    def take_back(self, world, reason="误报", **kwargs):
        return withdraw_roll(
            session_id=kwargs.pop("session", world.session).pk,
            reason=reason,
            by=kwargs.pop("by", world.by),
            at=kwargs.pop("at", at_local(DAY, 23)),
        )

    def test_reverses_all_hours_and_keeps_the_marks(self, world):
        submit(world, "present", "late", "absent", "present")

        posted = self.take_back(world)

        assert (posted.assessments, posted.hours, posted.others) == (4, 0, 0)
        assert [hours_of(member) for member in world.members] == [0] * 4
        assert Roll.objects.get().state == "draft"
        assert Attendance.objects.count() == 4
        assert {e.reason for e in CreditEntry.objects.filter(hours__lt=0)} == {"误报"}
        assert not list_findings()

    def test_gives_back_what_it_kept_from_others(self, world):
        submit(world, "present")
        evening = factories.make_session(
            world.training_class, starts_at=at_local(DAY, 14), hours="6"
        )
        submit(world, "present", session=evening, at=at_local(DAY, 22))
        assert hours_of(world.members[0]) == Decimal(8)

        posted = self.take_back(world)

        assert posted.others == 4
        assert hours_of(world.members[0]) == Decimal(6)
        newest = (
            world.members[0].assessments.filter(source__roll__session=evening).latest("version")
        )
        assert (newest.cause, newest.reason, newest.cap_cut) == ("reassessed", "", 0)
        assert not list_findings()

    def test_lets_the_roll_be_submitted_again(self, world):
        submit(world, "present")
        self.take_back(world)

        marks = world.marks("absent", "present")
        submit_roll(
            session_id=world.session.pk,
            marks=marks,
            seen=world.marks("present"),
            by=world.by,
            at=at_local(DAY, 23, 30),
        )

        assert [hours_of(member) for member in world.members] == [0, 4, 4, 4]
        newest = world.members[1].assessments.latest("version")
        assert (newest.version, newest.cause) == (3, "restored")
        assert not list_findings()

    def test_needs_a_submitted_roll_and_a_reason(self, world):
        with refused(RollError):
            self.take_back(world)
        submit(world, "present")
        with refused(RollError):
            self.take_back(world, " ")

        assert CreditEntry.objects.count() == 4

    def test_is_the_schools_own_affair(self, world):
        submit(world, "present")
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with refused(Session.DoesNotExist):
            self.take_back(world, by=factories.acting(other))

"""Who is on the roster of a class, from which session on, and who waits."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.actions.enrolments import (
    LetIn,
    change_class,
    enrol_members,
    leave_waiting_list,
    withdraw_member,
)
from classes.actions.guests import Guest
from classes.errors import RosterError
from classes.models import Enrolment
from classes.queries.classes import get_class_page
from config.lib.periods import at_local, period
from courses.models import Session, TrainingClass
from courses.records import save_session
from rolls.actions.attendance import record_attendance, submit_roll
from rolls.errors import RollError
from rolls.models import Attendance
from rolls.queries.rolls import get_roll_page, list_sessions
from tests import factories
from tests.refusals import refused
from trainees.models import Membership

pytestmark = pytest.mark.django_db
BEFORE = at_local(date(2026, 11, 24), 10)
FIRST = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class World:
    """A class of three sessions on three days with two places, and five members."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.members = [factories.make_member(self.branch) for _ in range(5)]
        self.clerk = factories.make_clerk(self.school)
        self.by = factories.acting(self.clerk)
        self.training_class = factories.make_class(self.school)
        self.training_class.capacity = 2
        self.training_class.save()
        self.sessions = [
            factories.make_session(
                self.training_class, starts_at=at_local(FIRST + timedelta(days=n), 9)
            )
            for n in range(3)
        ]

    def enrol(self, *members, at=BEFORE, by=None, **kwargs):
        return enrol_members(
            training_class_id=self.training_class.pk,
            member_ids=[member.pk for member in members],
            by=by or self.by,
            at=at,
            **kwargs,
        )

    def withdraw(self, member, at=BEFORE, reason="工作调动"):
        return withdraw_member(
            training_class_id=self.training_class.pk,
            member_id=member.pk,
            reason=reason,
            by=self.by,
            at=at,
        )

    def roster(self, number):
        page = get_roll_page(self.clerk, self.sessions[number - 1].pk, FIRST)
        return [line.member_id for line in page.lines]

    def waiting(self):
        return list(self.training_class.waiting_list.values_list("member", flat=True))

    def submit(self, number, *marks):
        session = self.sessions[number - 1]
        return submit_roll(
            session_id=session.pk,
            marks=dict(zip(self.roster(number), marks, strict=True)),
            seen={},
            by=self.by,
            at=session.ends_at,
        )


@pytest.fixture
def world():
    return World()


def keys(members):
    return [member.pk for member in members]


class TestEnrolling:
    def test_fills_the_places_in_order_and_lets_the_others_wait(self, world):
        done = world.enrol(*world.members[:4])

        assert (done.placed, done.waiting) == (world.members[:2], world.members[2:4])
        assert world.roster(1) == world.roster(3) == keys(world.members[:2])
        assert world.waiting() == keys(world.members[2:4])

    def test_nobody_passes_those_who_wait(self, world):
        world.enrol(*world.members[:3])
        TrainingClass.objects.update(capacity=4)

        assert world.enrol(world.members[3]).waiting == [world.members[3]]

    def test_takes_as_many_as_the_smallest_venue_holds_where_nothing_else_is_said(self, world):
        TrainingClass.objects.update(capacity=None)
        self_venue = world.sessions[1].venue
        self_venue.capacity = 3
        self_venue.save()

        assert len(world.enrol(*world.members).waiting) == 2

    def test_gives_pocket_numbers_that_nobody_has(self, world):
        TrainingClass.objects.update(capacity=5)
        world.enrol(*world.members[:2])
        world.enrol(world.members[2])

        pockets = Enrolment.objects.order_by("phone_pocket").values_list("phone_pocket", "member")
        assert list(pockets) == list(enumerate(keys(world.members[:3]), start=1))

    def test_goes_back_to_what_is_left_where_no_higher_pocket_is(self, world):
        TrainingClass.objects.update(capacity=5)
        world.enrol(world.members[0])
        Enrolment.objects.update(phone_pocket=999)

        world.enrol(world.members[1])

        assert Enrolment.objects.get(member=world.members[1]).phone_pocket == 1

    def test_a_second_time_changes_nothing(self, world):
        world.enrol(*world.members[:3])

        again = world.enrol(*world.members[:3])

        assert (again.placed, again.waiting) == ([], [])
        assert again.known == world.members[:3]
        assert AuditEntry.objects.filter(act="enrol_members").count() == 1

    def test_of_who_comes_late_leaves_the_sessions_before_alone(self, world):
        world.enrol(world.members[0])
        world.submit(1, "present")

        world.enrol(world.members[1], at=at_local(FIRST, 20))

        assert world.roster(1) == keys(world.members[:1])
        assert world.roster(2) == keys(world.members[:2])

    def test_during_a_session_counts_from_the_next_one_on(self, world):
        world.enrol(world.members[0])
        world.enrol(world.members[1], at=at_local(FIRST, 9, 20))

        assert world.roster(1) == keys(world.members[:1])
        assert world.roster(2) == keys(world.members[:2])

    def test_leaves_a_roll_alone_that_was_submitted_out_of_turn(self, world):
        """Sessions of older classes may stand out of their order of numbers."""
        first, second, _third = world.sessions
        Session.objects.filter(pk=first.pk).update(
            starts_at=F("starts_at") + timedelta(days=1, hours=12),
            ends_at=F("ends_at") + timedelta(days=1, hours=12),
            held_on=FIRST + timedelta(days=1),
        )
        Session.objects.filter(pk=second.pk).update(
            starts_at=at_local(FIRST, 9), ends_at=at_local(FIRST, 12), held_on=FIRST
        )
        second.refresh_from_db()
        world.enrol(world.members[0])
        world.submit(2, "present")

        world.enrol(world.members[1], at=at_local(FIRST, 20))

        assert [len(world.roster(number)) for number in (1, 2, 3)] == [1, 1, 2]

    def test_is_refused_with_the_way_out_where_the_last_number_was_held_first(self, world):
        """Sessions of older classes may stand out of their order of numbers."""
        first, second, third = world.sessions
        held = BEFORE - timedelta(days=2)
        Session.objects.filter(pk=third.pk).update(
            starts_at=held, ends_at=held + timedelta(hours=3), held_on=held.date()
        )
        page = get_class_page(world.clerk, world.training_class.pk, BEFORE, BEFORE.date())
        assert not page.roster_is_closed
        with refused(RosterError, "first gives the sessions to come higher numbers"):
            world.enrol(world.members[0])

        for session, number in ((second, 5), (first, 4)):
            session.number = number
            save_session(obj=session, by=world.by, at=BEFORE, fields=["number"])
        world.enrol(world.members[0])

        assert [len(world.roster(number)) for number in (1, 2, 3)] == [1, 1, 0]

    def test_by_number_and_name_takes_a_guest_of_another_school(self, world):
        other = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        guest = factories.make_member(other)

        with refused(RosterError, "not of your school"):
            world.enrol(guest)
        world.enrol(guests=[Guest(guest.number, guest.name)])

        assert Enrolment.objects.get().organisation == other

    def test_refuses_a_number_without_its_name(self, world):
        for guest in (Guest("9", world.members[0].name), Guest(world.members[0].number, "王无")):
            with refused(RosterError, "fit no member together"):
                world.enrol(guests=[guest])

    def test_ends_with_the_class(self, world):
        with refused(RosterError, "has begun"):
            world.enrol(world.members[0], at=at_local(FIRST + timedelta(days=2), 9))

    def test_is_for_the_schools_clerk_and_the_academic_officer(self, world):
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)
        stranger = factories.make_clerk(factories.make_school("120111006", "李七庄街道"))

        with refused(PermissionDenied):
            world.enrol(world.members[0], by=factories.acting(leader))
        with refused(TrainingClass.DoesNotExist):
            world.enrol(world.members[0], by=factories.acting(stranger))
        assert world.enrol(world.members[0], by=factories.acting(officer)).placed


class TestWithdrawing:
    def test_promotes_who_waits_longest_from_the_next_session_on(self, world):
        world.enrol(*world.members[:4])
        world.submit(1, "present", "absent")

        done = world.withdraw(world.members[1], at=at_local(FIRST, 20))

        assert (done.from_session, done.let_in.promoted) == (2, [world.members[2]])
        assert world.roster(1) == keys(world.members[:2])
        assert world.roster(2) == keys([world.members[0], world.members[2]])
        assert world.waiting() == keys(world.members[3:4])

    def test_before_the_first_session_leaves_no_trace_on_any_roll(self, world):
        world.enrol(world.members[0])

        world.withdraw(world.members[0])

        assert world.roster(1) == []
        assert Enrolment.objects.count() == 1

    def test_and_coming_back_leaves_a_gap(self, world):
        world.enrol(world.members[0])
        world.submit(1, "present")
        world.withdraw(world.members[0], at=at_local(FIRST, 20))
        world.enrol(world.members[0], at=at_local(FIRST + timedelta(days=1), 20))

        assert [len(world.roster(number)) for number in (1, 2, 3)] == [1, 0, 1]

    def test_keeps_the_member_on_a_roll_where_he_is_marked(self, world):
        world.enrol(world.members[0])
        record_attendance(
            session_id=world.sessions[0].pk,
            marks={world.members[0].pk: "present"},
            seen={},
            by=world.by,
            at=at_local(FIRST, 9, 10),
        )

        done = world.withdraw(world.members[0], at=at_local(FIRST, 9, 30))

        assert done.from_session == 2
        assert world.roster(1) == keys(world.members[:1])

    def test_wants_a_reason_and_somebody_on_the_roster(self, world):
        world.enrol(world.members[0])

        with refused(RosterError, "Say why"):
            world.withdraw(world.members[0], reason=" ")
        with refused(RosterError, "not on the roster"):
            world.withdraw(world.members[1])

    def test_stands_in_the_trail_with_reason_and_successor(self, world):
        world.enrol(*world.members[:3])

        world.withdraw(world.members[0])

        entry = AuditEntry.objects.get(act="withdraw_member")
        assert (entry.after["reason"], entry.after["enrolled"]) == (
            "工作调动",
            [world.members[2].pk],
        )


class TestTheRosterOfASession:
    def test_is_what_its_list_counts_and_its_roll_takes(self, world):
        world.enrol(world.members[0])
        world.submit(1, "present")
        world.enrol(world.members[1], at=at_local(FIRST, 20))

        enrolled = {row.number: row.enrolled for row in list_sessions(world.clerk, BEFORE)}
        assert enrolled == {1: 1, 2: 2, 3: 2}
        with refused(RollError):
            submit_roll(
                session_id=world.sessions[1].pk,
                marks={world.members[2].pk: "present"},
                seen={},
                by=world.by,
                at=at_local(FIRST + timedelta(days=1), 12),
            )
        assert Attendance.objects.count() == 1


def test_who_leaves_the_waiting_list_is_not_promoted(world):
    world.enrol(*world.members[:4])
    leave_waiting_list(
        training_class_id=world.training_class.pk,
        member_id=world.members[2].pk,
        by=world.by,
        at=BEFORE,
    )

    assert world.withdraw(world.members[0]).let_in.promoted == [world.members[3]]


class TestWhoeverWaitsAndBelongsToNoOrganisation:
    """Such a one waits on, and stands in nobody's way."""

    @pytest.fixture(autouse=True)
    def _first_in_line(self, world):
        world.enrol(*world.members)
        Membership.objects.filter(member=world.members[2]).update(
            period=period(date(2019, 1, 1), FIRST)
        )

    def enlarge(self, world, capacity):
        obj = TrainingClass.objects.get(pk=world.training_class.pk)
        obj.capacity = capacity
        return change_class(obj=obj, by=world.by, at=BEFORE, fields=["capacity"])

    def test_is_passed_over_and_named_where_a_class_takes_more(self, world):
        done = self.enlarge(world, 5)

        assert (done.promoted, done.passed_over) == (world.members[3:], [world.members[2]])
        assert world.waiting() == [world.members[2].pk]
        assert len(world.roster(1)) == 4

    def test_is_passed_over_and_named_where_a_place_becomes_free(self, world):
        done = world.withdraw(world.members[0])

        assert done.let_in == LetIn([world.members[3]], [world.members[2]])

    def test_keeps_nobody_out_for_whom_there_is_a_place(self, world):
        self.enlarge(world, 5)
        new = factories.make_member(world.branch)

        assert world.enrol(new).placed == [new]

    def test_is_named_also_where_nobody_else_waits(self, world):
        world.training_class.waiting_list.exclude(member=world.members[2]).delete()

        assert self.enlarge(world, 3) == LetIn([], [world.members[2]])

    def test_gets_the_place_once_that_is_settled(self, world):
        self.enlarge(world, 5)
        Membership.objects.filter(member=world.members[2]).update(period=period(date(2019, 1, 1)))

        assert self.enlarge(world, 6) == LetIn([world.members[2]], [])


def test_nobody_is_let_in_once_the_last_session_has_begun(world):
    world.enrol(*world.members)
    obj = TrainingClass.objects.get(pk=world.training_class.pk)
    obj.capacity = 5
    last = world.sessions[2].starts_at

    done = change_class(obj=obj, by=world.by, at=last, fields=["capacity"])

    assert done == LetIn([], [])
    assert len(world.waiting()) == 3

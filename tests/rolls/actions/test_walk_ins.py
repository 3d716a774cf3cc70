"""Walk-ins: kept as the sheet names them, matched to members later, and unmatched again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.models import AuditEntry
from classes.actions.guests import Guest
from classes.errors import RosterError
from classes.models import Enrolment
from hours.models import Assessment, CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import record_attendance, submit_roll, withdraw_roll
from rolls.actions.walk_ins import (
    WalkInFacts,
    match_walk_in,
    record_walk_in,
    remove_walk_in,
    unmatch_walk_in,
)
from rolls.errors import RollError
from rolls.models import Attendance, WalkIn
from rolls.queries.rolls import get_roll_page
from tests import factories
from tests.factories import NOON, ClassWorld, acting
from tests.refusals import refused
from trainees.queries.trail import find_by_number

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def named(member) -> Guest:
    return Guest(member.number, member.name)


class World(ClassWorld):
    """A class, a member of the school who is on no roster, and one of another school."""

    def __init__(self) -> None:
        super().__init__(size=2)
        self.stranger = factories.make_member(self.organisation, "李秀英")
        other = factories.make_school("120111005", "津门湖街道")
        self.guest = factories.make_member(factories.make_organisation(other), "王芳")

    def record(self, name="李秀英", status="present", **facts) -> WalkIn:
        facts = WalkInFacts(name=name, status=status, **facts)
        return record_walk_in(session_id=self.session.pk, facts=facts, by=self.by, at=LATER)

    def submit(self):
        marks = {line.member_id: line.status or "present" for line in self.lines()}
        seen = {line.member_id: line.status for line in self.lines()}
        submit_roll(session_id=self.session.pk, marks=marks, seen=seen, by=self.by, at=LATER)

    def match(self, walk_in, **who):
        return match_walk_in(walk_in_id=walk_in.pk, by=self.by, at=LATER, **who)

    def line_of(self, member):
        """The line of a member on the roll; None if there is none."""
        return next((line for line in self.lines() if line.member_id == member.pk), None)

    def unmatch(self, walk_in, reason="同名不同人"):
        return unmatch_walk_in(walk_in_id=walk_in.pk, reason=reason, by=self.by, at=LATER)

    def lines(self):
        return get_roll_page(self.clerk, self.session.pk, factories.DAY).lines


@pytest.fixture
def world():
    return World()


def hours_of(member) -> Decimal:
    return CreditEntry.objects.filter(member=member).sum_hours()


class TestRecording:
    def test_keeps_what_the_sheet_says_and_counts_nothing(self, world):
        walk_in = world.record(organisation_name="三支部", status="late", note="替班")

        assert (walk_in.name, walk_in.organisation_name, walk_in.status) == (
            "李秀英",
            "三支部",
            "late",
        )
        assert not Attendance.objects.exists()
        entry = AuditEntry.objects.get()
        assert (entry.act, entry.school_code) == ("record_walk_in", world.school.code)
        assert entry.after["organisation_name"] == "三支部"

    @pytest.mark.parametrize(("name", "status"), [(" ", "present"), ("李秀英", "absent")])
    def test_wants_a_name_and_somebody_who_came(self, world, name, status):
        with refused(RollError, match="has a name"):
            world.record(name, status)

    def test_is_the_clerks(self, world):
        leader = factories.make_user()
        with pytest.raises(PermissionDenied):
            record_walk_in(
                session_id=world.session.pk,
                facts=WalkInFacts("李秀英"),
                by=acting(None),
                at=LATER,
            )
        other = factories.make_clerk(factories.make_school("120111006", "精武镇"))
        for person in (leader, other):
            with pytest.raises(world.session.DoesNotExist):
                record_walk_in(
                    session_id=world.session.pk,
                    facts=WalkInFacts("李秀英"),
                    by=acting(person),
                    at=LATER,
                )


class TestMatchingOnADraft:
    def test_puts_the_member_on_the_roster_of_that_session_alone(self, world):
        evening = factories.make_session(
            world.training_class, starts_at=world.session.starts_at + timedelta(hours=9)
        )

        matched = world.match(world.record(status="late"), member_id=world.stranger.pk)

        assert matched.posted is None
        assert [(line.name, line.status) for line in world.lines()][-1] == ("李秀英", "late")
        assert not Enrolment.objects.of_session(evening).filter(member=world.stranger).exists()
        assert hours_of(world.stranger) == 0

    def test_counts_like_any_other_mark_once_the_roll_is_submitted(self, world):
        world.match(world.record(), member_id=world.stranger.pk)
        world.submit()

        assert hours_of(world.stranger) == Decimal(4)
        assert not list_findings()

    def test_finds_a_member_of_any_school_by_number(self, world):
        world.match(world.record("王芳"), guest=named(world.guest))

        assert world.lines()[-1].name == "王芳"

    def test_undone_leaves_no_trace_on_the_roll(self, world):
        walk_in = world.record()
        world.match(walk_in, member_id=world.stranger.pk)

        assert world.unmatch(walk_in).reversed is None

        assert len(world.lines()) == 2
        assert not Attendance.objects.exists()
        walk_in.refresh_from_db()
        assert (walk_in.member, walk_in.matched_at, walk_in.matched_by) == (None, None, None)
        world.match(walk_in, member_id=world.stranger.pk)


class TestMatchingOnASubmittedRoll:
    def test_posts_the_hours_at_once(self, world):
        world.submit()

        matched = world.match(world.record(status="late"), member_id=world.stranger.pk)

        assert matched.posted == Decimal("3.75")
        assert hours_of(world.stranger) == Decimal("3.75")
        assert not list_findings()

    def test_undone_reverses_them_and_leaves_the_member_on_no_roll(self, world):
        world.submit()
        walk_in = world.record()
        world.match(walk_in, member_id=world.stranger.pk)

        assert world.unmatch(walk_in).reversed == Decimal(4)

        assert not Enrolment.objects.filter(member=world.stranger).exists()
        assert not Attendance.objects.current().filter(member=world.stranger).exists()
        latest = Assessment.objects.filter(member=world.stranger).latest("version")
        assert latest.reason == "同名不同人"
        assert hours_of(world.stranger) == 0
        assert CreditEntry.objects.filter(member=world.stranger).count() == 2
        assert not list_findings()

    def test_undone_by_mistake_is_matched_to_the_same_member_again(self, world):
        world.submit()
        walk_in = world.record()
        for _time in range(2):
            world.match(walk_in, member_id=world.stranger.pk)
            world.unmatch(walk_in)

        assert world.match(walk_in, member_id=world.stranger.pk).posted == Decimal(4)

        assert hours_of(world.stranger) == Decimal(4)
        assert not list_findings()

    def test_then_matched_to_the_right_one_posts_to_him(self, world):
        world.submit()
        walk_in = world.record()
        world.match(walk_in, member_id=world.stranger.pk)
        world.unmatch(walk_in)

        world.match(walk_in, guest=named(world.guest))

        assert (hours_of(world.stranger), hours_of(world.guest)) == (0, Decimal(4))
        assert not list_findings()

    def test_outlives_a_roll_that_is_taken_back(self, world):
        world.submit()
        walk_in = world.record()
        world.match(walk_in, member_id=world.stranger.pk)
        withdraw_roll(session_id=world.session.pk, reason="误报", by=world.by, at=LATER)

        assert world.unmatch(walk_in).reversed is None
        assert world.line_of(world.stranger) is None
        world.submit()

        assert hours_of(world.stranger) == 0
        assert not list_findings()

    def test_is_matched_again_on_the_draft_of_a_roll_that_was_taken_back(self, world):
        world.submit()
        walk_in = world.record()
        world.match(walk_in, member_id=world.stranger.pk)
        world.unmatch(walk_in)
        withdraw_roll(session_id=world.session.pk, reason="误报", by=world.by, at=LATER)

        assert world.match(walk_in, member_id=world.stranger.pk).posted is None
        assert world.line_of(world.stranger).status == "present"
        world.submit()

        assert hours_of(world.stranger) == Decimal(4)
        assert not list_findings()

    def test_counts_no_more_than_the_daily_cap(self, world):
        world.submit()
        noon = world.session.ends_at
        evening = factories.make_session(world.training_class, starts_at=noon, hours="6")
        facts = WalkInFacts("李秀英")
        for session in (world.session, evening):
            walk_in = record_walk_in(session_id=session.pk, facts=facts, by=world.by, at=LATER)
            if session == evening:
                marks = world.marks("present")
                submit_roll(session_id=session.pk, marks=marks, seen={}, by=world.by, at=LATER)
            world.match(walk_in, member_id=world.stranger.pk)

        assert hours_of(world.stranger) <= Decimal(8)
        assert not list_findings()


class TestRefusals:
    def test_who_is_on_the_roster_is_marked_there(self, world):
        walk_in = world.record()

        with refused(RosterError, match="on the roster of this session already"):
            world.match(walk_in, member_id=world.members[0].pk)

    def test_a_line_is_matched_once(self, world):
        walk_in = world.record()
        world.match(walk_in, member_id=world.stranger.pk)

        with refused(RollError, match="undo that first"):
            world.match(walk_in, guest=named(world.guest))
        with refused(RollError, match="undo that first"):
            remove_walk_in(walk_in_id=walk_in.pk, reason="重复", by=world.by, at=LATER)

    def test_nobody_is_found_by_a_wrong_number_or_none(self, world):
        walk_in = world.record()

        with refused(RosterError, match="fit no member together"):
            world.match(walk_in, guest=Guest("1", "王"))
        with refused(RollError, match="Choose the member"):
            world.match(walk_in)
        with refused(RosterError, match="not of your school"):
            world.match(walk_in, member_id=world.guest.pk)

    def test_the_person_who_had_no_organisation_that_day_gets_no_hours(self, world):
        homeless = factories.make_member(world.organisation)
        homeless.memberships.all().delete()

        with refused(RosterError):
            world.match(world.record(), guest=named(homeless))

        assert not Enrolment.objects.filter(member=homeless).exists()

    def test_undoing_and_removing_want_a_reason(self, world):
        walk_in = world.record()
        with refused(RollError, match="Say why"):
            remove_walk_in(walk_in_id=walk_in.pk, reason=" ", by=world.by, at=LATER)
        with refused(RollError, match="not matched"):
            world.unmatch(walk_in)
        world.match(walk_in, member_id=world.stranger.pk)
        with refused(RollError, match="Say why"):
            world.unmatch(walk_in, reason="")

    def test_another_schools_walk_in_is_not_there(self, world):
        walk_in = world.record()
        other = factories.make_clerk(factories.make_school("120111006", "精武镇"))

        with pytest.raises(WalkIn.DoesNotExist):
            match_walk_in(
                walk_in_id=walk_in.pk, guest=named(world.guest), by=acting(other), at=LATER
            )


def test_a_removed_line_stands_in_the_trail(world):
    walk_in = world.record(note="来旁听")

    remove_walk_in(walk_in_id=walk_in.pk, reason="不是党员", by=world.by, at=LATER)

    assert not WalkIn.objects.exists()
    entry = AuditEntry.objects.get(act="remove_walk_in")
    assert (entry.before["note"], entry.after["reason"]) == ("来旁听", "不是党员")


def test_marks_of_others_in_the_draft_stay(world):
    first = world.members[0].pk
    record_attendance(
        session_id=world.session.pk, marks={first: "late"}, seen={}, by=world.by, at=LATER
    )

    world.match(world.record(), member_id=world.stranger.pk)

    assert Attendance.objects.get(member=first).status == "late"


def test_the_trail_finds_a_matched_line_by_the_number_of_the_member(world):
    walk_in = world.record()
    world.match(walk_in, member_id=world.stranger.pk)

    assert find_by_number(world.stranger.number)[WalkIn] == [walk_in.pk]

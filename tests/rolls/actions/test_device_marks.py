"""Marks of a device without network: each is taken once, whatever happens on the way."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.models import Roll
from config.lib.periods import at_local
from courses.models import Session
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import correct_attendance, record_attendance, submit_roll
from rolls.actions.device_marks import DeviceMark, dismiss_mark, receive_marks
from rolls.errors import RollError
from rolls.models import Attendance, MarkReceipt
from rolls.queries.untaken_marks import list_untaken_marks
from tests import factories
from tests.connections import together
from tests.factories import NOON, ClassWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return ClassWorld(size=4)


def mark(member, status="present", seen="", **other) -> DeviceMark:
    return DeviceMark(uuid4(), member.pk, status, seen, other.get("device_at", NOON))


def receive(world, *marks, by=None, at=NOON, session=None):
    return receive_marks(
        session_id=(session or world.session).pk, marks=marks, by=by or world.by, at=at
    )


def outcomes(received) -> list[tuple[str, str]]:
    return [(answer.outcome, answer.refusal) for answer in received.answers]


def statuses(world) -> dict[int, str]:
    return dict(Attendance.objects.values_list("member", "status"))


class TestAMarkOfADevice:
    def test_is_saved_in_a_draft_and_counts_for_nothing_yet(self, world):
        received = receive(world, mark(world.members[0]), mark(world.members[1], "late"))

        assert outcomes(received) == [("applied", "")] * 2
        assert statuses(world) == {world.members[0].pk: "present", world.members[1].pk: "late"}
        assert received.roll.state == "draft"
        marks = ["present", "late", "", ""]
        assert received.current_marks == dict(
            zip((m.pk for m in world.members), marks, strict=True)
        )
        assert not CreditEntry.objects.exists()

    def test_changes_the_mark_that_it_had_seen(self, world):
        first = mark(world.members[0])
        receive(world, first, mark(world.members[0], "late", seen="present"))

        assert statuses(world) == {world.members[0].pk: "late"}

    def test_is_answered_again_as_it_was_and_written_once(self, world):
        first = mark(world.members[0])
        before = receive(world, first)
        receive(world, mark(world.members[0], "late", seen="present"))

        again = receive(world, first, at=NOON + timedelta(hours=1))

        assert outcomes(again) == outcomes(before)
        assert statuses(world) == {world.members[0].pk: "late"}
        assert MarkReceipt.objects.count() == AuditEntry.objects.count() == 2

    def test_of_a_number_used_for_another_mark_is_refused(self, world):
        first = mark(world.members[0])
        receive(world, first)

        received = receive(world, replace(first, status="absent"))

        assert outcomes(received) == [("refused", "used")]
        assert statuses(world) == {world.members[0].pk: "present"}

    def test_keeps_the_time_of_the_device_and_trusts_its_own(self, world):
        wrong = NOON + timedelta(days=2)
        receive(world, mark(world.members[0], device_at=wrong))

        receipt = MarkReceipt.objects.get()
        assert (receipt.device_at, receipt.received_at) == (wrong, NOON)
        assert Attendance.objects.get().marked_at == NOON

    def test_is_told_in_one_entry_of_the_trail_for_all_that_came_together(self, world):
        stranger = factories.make_member(world.organisation)
        receive(world, mark(world.members[0]), mark(world.members[1], "late"), mark(stranger))

        entry = AuditEntry.objects.get()
        assert (entry.act, entry.actor) == ("receive_marks", world.clerk)
        assert entry.after["marks"] == {
            str(world.members[0].pk): "present",
            str(world.members[1].pk): "late",
        }
        assert (entry.after["conflicts"], entry.after["refused"]) == (0, 1)


class TestTwoClerks:
    @pytest.fixture
    def other(self, world):
        return factories.acting(factories.make_clerk(world.school, display_name="王丽"))

    def test_merge_by_row(self, world, other):
        receive(world, mark(world.members[0]), by=other)
        received = receive(world, mark(world.members[1], "absent"))

        assert outcomes(received) == [("applied", "")]
        assert len(statuses(world)) == 2

    def test_agree_on_a_row(self, world, other):
        receive(world, mark(world.members[0]), by=other)

        assert outcomes(receive(world, mark(world.members[0]))) == [("applied", "")]
        assert Attendance.objects.get().marked_by == other.user

    def test_disagree_on_a_row_and_learn_what_stands_who_said_so_and_when(self, world, other):
        receive(world, mark(world.members[0], "late"), by=other)
        mine = mark(world.members[0], "absent")
        before = receive(world, mine, at=NOON + timedelta(hours=1))

        [answer] = before.answers
        assert answer.outcome == "conflict"
        assert (answer.stood, answer.stood_by, answer.stood_at) == ("late", "王丽", NOON)
        assert statuses(world) == {world.members[0].pk: "late"}
        assert outcomes(receive(world, mine)) == [("conflict", "")]

    def test_settle_it_by_a_new_mark_that_has_seen_the_other(self, world, other):
        receive(world, mark(world.members[0], "late"), by=other)
        receive(world, mark(world.members[0], "absent"))

        received = receive(world, mark(world.members[0], "absent", seen="late"))

        assert outcomes(received) == [("applied", "")]
        assert statuses(world) == {world.members[0].pk: "absent"}


class TestARefusal:
    def test_of_a_roll_submitted_meanwhile_is_kept_with_its_mark(self, world):
        submit_roll(
            session_id=world.session.pk,
            marks=world.marks("present"),
            seen={},
            by=world.by,
            at=NOON,
        )
        late = mark(world.members[0], "absent")
        received = receive(world, late)

        assert outcomes(received) == [("refused", "submitted")]
        assert received.roll.state == "submitted"
        assert MarkReceipt.objects.get(key=late.key).status == "absent"
        assert set(statuses(world).values()) == {"present"}
        assert not list_findings()

    def test_is_not_of_a_mark_that_the_submitted_roll_says_as_well(self, world):
        submit_roll(
            session_id=world.session.pk,
            marks=world.marks("present"),
            seen={},
            by=world.by,
            at=NOON,
        )

        assert outcomes(receive(world, mark(world.members[0], "present"))) == [("applied", "")]
        assert not list_findings()

    def test_of_somebody_not_on_the_roster_leaves_the_others_alone(self, world):
        stranger = factories.make_member(world.organisation)
        nobody = DeviceMark(uuid4(), 10**12, "present", "", NOON)
        received = receive(world, mark(stranger), nobody, mark(world.members[0]))

        assert outcomes(received) == [("refused", "not_on_roster")] * 2 + [("applied", "")]
        assert MarkReceipt.objects.filter(refusal="not_on_roster").count() == 1
        assert outcomes(receive(world, nobody)) == [("refused", "not_on_roster")]

    def test_comes_before_the_day_of_the_session(self, world):
        with refused(RollError):
            receive(world, mark(world.members[0]), at=NOON - timedelta(days=1))

    def test_meets_those_who_may_not_take_the_roll(self, world):
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        with refused(Session.DoesNotExist):
            receive(world, mark(world.members[0]), by=factories.acting(other))
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)
        with refused(PermissionDenied):
            receive(world, mark(world.members[0]), by=factories.acting(leader))


@pytest.mark.parametrize("seed", range(3))
def test_fifty_marks_replayed_three_times_in_shuffled_order_give_fifty_rows(seed):
    """Fault 6, in batches of any size, as lost replies make a device send them."""
    world, order = ClassWorld(size=50), random.Random(seed)
    marks = [mark(m, ("present", "late", "absent")[n % 3]) for n, m in enumerate(world.members)]
    answers: dict[UUID, set[str]] = {}
    for _ in range(3):
        order.shuffle(marks)
        rest = list(marks)
        while rest:
            size = order.randint(1, 20)
            batch, rest = rest[:size], rest[size:]
            for answer in receive(world, *batch).answers:
                answers.setdefault(answer.key, set()).add(answer.outcome)

    assert statuses(world) == {mark.member_id: mark.status for mark in marks}
    assert set(map(frozenset, answers.values())) == {frozenset({"applied"})}
    assert MarkReceipt.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_the_same_marks_sent_at_once_are_taken_once():
    world = ClassWorld(size=20)
    marks = [mark(member) for member in world.members]

    received = together(*[lambda: receive(world, *marks)] * 4)

    assert {tuple(outcomes(receipts)) for receipts in received} == {(("applied", ""),) * 20}
    assert MarkReceipt.objects.count() == Attendance.objects.count() == 20
    assert AuditEntry.objects.filter(act="receive_marks").count() == Roll.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_three_hundred_marks_through_four_lanes_at_once_are_three_hundred_rows():
    """Each lane sends small batches of its own people, and some of its neighbour's."""
    world = ClassWorld(size=300)

    def lane(number):
        marks_of_lane = [mark(member) for member in world.members[number::4]]
        neighbours = [mark(member) for member in world.members[(number + 1) % 4 :: 4]][::5]
        marks = marks_of_lane + neighbours

        def send():
            answers = []
            for first in range(0, len(marks), 10):
                answers += receive(world, *marks[first : first + 10]).answers
            return {answer.outcome for answer in answers}

        return send

    assert together(*(lane(number) for number in range(4))) == [{"applied"}] * 4
    assert Attendance.objects.filter(status="present").count() == 300
    assert MarkReceipt.objects.count() == 360


@pytest.mark.parametrize("days_off", [-2, 0, 2])
def test_the_year_is_that_of_the_class_whatever_the_device_says(world, days_off):
    """Fault 7: 31 December 23:59:50, with a device clock two days off."""
    evening = at_local(date(2026, 12, 31), 20)
    session = factories.make_session(world.training_class, starts_at=evening)
    last_seconds = at_local(date(2027, 1, 1), 0) - timedelta(seconds=10)
    marks = [mark(m, device_at=last_seconds + timedelta(days=days_off)) for m in world.members]

    receive(world, *marks[:2], session=session, at=last_seconds)
    receive(world, *marks[2:], session=session, at=last_seconds + timedelta(seconds=20))
    saved = {m.pk: "present" for m in world.members}
    submit_roll(
        session_id=session.pk,
        marks=saved,
        seen=saved,
        by=world.by,
        at=last_seconds + timedelta(minutes=1),
    )

    assert set(CreditEntry.objects.values_list("credit_year", "occurred_on")) == {
        (2026, session.held_on)
    }
    assert not list_findings()


def test_a_mark_of_the_form_and_one_of_a_device_meet_as_those_of_two_forms(world):
    record_attendance(
        session_id=world.session.pk,
        marks={world.members[0].pk: "late"},
        seen={},
        by=world.by,
        at=NOON,
    )

    assert outcomes(receive(world, mark(world.members[0]))) == [("conflict", "")]


class TestWhatWasNotTaken:
    def refuse(self, world, status="late") -> MarkReceipt:
        """A mark that comes after the roll was submitted."""
        if not Roll.objects.filter(state="submitted").exists():
            saved = {m.pk: "present" for m in world.members}
            seen = statuses(world)
            kwargs = {"by": world.by, "at": NOON}
            submit_roll(session_id=world.session.pk, marks=saved, seen=seen, **kwargs)
        [answer] = receive(world, mark(world.members[0], status)).answers
        return answer

    def listed(self, world):
        return list(list_untaken_marks(world.session))

    def dismiss(self, world, receipt, reason="已当面核实", by=None):
        return dismiss_mark(receipt_id=receipt.pk, reason=reason, by=by or world.by, at=NOON)

    def test_is_listed_with_what_stands(self, world):
        receipt = self.refuse(world)

        [listed] = self.listed(world)
        assert (listed, listed.current_status, listed.is_on_roster) == (receipt, "present", True)
        assert listed.attendance_id == Attendance.objects.get(member=world.members[0]).pk

    def test_is_no_longer_listed_once_the_roll_says_the_same(self, world):
        self.refuse(world)
        attendance = Attendance.objects.get(member=world.members[0])
        correct_attendance(
            attendance_id=attendance.pk,
            seen_version=1,
            new_status="late",
            reason="晚到",
            by=world.by,
            at=NOON,
        )

        assert not self.listed(world)

    def test_is_listed_once_by_the_last_of_each_sender(self, world):
        self.refuse(world, "late")
        last = self.refuse(world, "absent")

        assert self.listed(world) == [last]

    def test_of_a_conflict_ends_with_what_the_clerk_decides(self, world):
        other = factories.acting(factories.make_clerk(world.school))
        receive(world, mark(world.members[0], "late"), by=other)
        receive(world, mark(world.members[0], "absent"))
        assert len(self.listed(world)) == 1

        receive(world, mark(world.members[0], "late", seen="late"))

        assert not self.listed(world)

    def test_of_a_stranger_is_listed_as_such(self, world):
        receive(world, mark(factories.make_member(world.organisation)))

        [listed] = self.listed(world)
        assert (listed.current_status, listed.is_on_roster) == (None, False)

    def test_is_dismissed_with_a_reason_that_the_trail_keeps(self, world):
        receipt = self.refuse(world)
        with refused(RollError):
            self.dismiss(world, receipt, " ")

        self.dismiss(world, receipt)

        assert not self.listed(world)
        entry = AuditEntry.objects.get(act="dismiss_mark")
        assert entry.after == {"reason": "已当面核实"}
        assert entry.before == {"marks": {str(world.members[0].pk): "late"}}
        assert entry.school_code == world.school.code
        with refused(RollError):
            self.dismiss(world, receipt)

    def test_is_no_mark_that_was_taken_and_none_of_another_school(self, world):
        [taken] = receive(world, mark(world.members[1])).answers
        with pytest.raises(MarkReceipt.DoesNotExist):
            self.dismiss(world, taken)
        receipt = self.refuse(world)
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        with pytest.raises(Session.DoesNotExist):
            self.dismiss(world, receipt, by=factories.acting(other))

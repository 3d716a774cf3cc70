"""Lanes at the door of a session: who is let in, who is not and why, and what stays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db.backends.postgresql.psycopg_any import NumericRange

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.actions import enrolments
from classes.actions.enrolments import enrol_members
from classes.models import Enrolment, LeaveRequest, Roll, WaitingListEntry
from config.lib.periods import period
from courses.enums import Format
from courses.models import Session
from hours.models import CreditEntry
from rolls.actions.attendance import record_attendance, submit_roll
from rolls.actions.door import answer_at_door
from rolls.codes import (
    draw_card_code,
    fingerprint_card,
    make_live_code,
    make_typed_code,
    typed_code_of_card,
)
from rolls.models import Attendance, DoorRule, MarkReceipt, MemberCard
from rolls.queries.door import get_board, search_roster
from tests import factories
from tests.connections import together
from tests.factories import MORNING, NOON, ClassWorld, acting
from tests.refusals import refused
from trainees.models import Member

pytestmark = pytest.mark.django_db

EARLY = MORNING - timedelta(minutes=30)
LATE = MORNING + timedelta(minutes=10)


@pytest.fixture
def world():
    return ClassWorld(size=3)


def scan(world, member, at=EARLY, **other):
    """Show the code of a member's page at the door."""
    code = make_live_code(member.pk, other.pop("made_at", at)).text
    return answer(world, at, code=code, **other)


def answer(world, at=EARLY, session=None, by=None, key=None, **whom):
    return answer_at_door(
        session_id=(session or world.session).pk,
        key=key or uuid4(),
        by=by or world.by,
        at=at,
        **whom,
    )


def make_card(world, member) -> str:
    """The code of a card that the member has had for years."""
    code = draw_card_code()
    MemberCard.objects.create(
        member=member,
        batch=uuid4(),
        code_fingerprint=fingerprint_card(code),
        issued_at=EARLY - timedelta(days=700),
        issued_by=world.clerk,
    )
    return code


def end_card(world, at) -> None:
    MemberCard.objects.update(ended_at=at, ended_by=world.clerk, ended_because="revoked")


class TestWhoeverComes:
    def test_is_marked_present_on_a_draft_and_has_no_hours_yet(self, world):
        reply = scan(world, world.members[0])

        assert (reply.answer, reply.member, reply.at) == ("present", world.members[0], EARLY)
        assert reply.enrolment.phone_pocket == 1
        assert Attendance.objects.get().status == "present"
        assert Roll.objects.get().state == "draft"
        assert not CreditEntry.objects.exists()

    def test_is_marked_by_the_way_of_every_device(self, world):
        scan(world, world.members[0])

        receipt = MarkReceipt.objects.get()
        assert (receipt.member, receipt.outcome) == (world.members[0], "applied")
        assert AuditEntry.objects.get().act == "receive_marks"

    @pytest.mark.parametrize(
        ("at", "status"), [(LATE - timedelta(seconds=1), "present"), (LATE, "late")]
    )
    def test_is_late_from_the_minute_of_the_rule_on(self, world, at, status):
        assert scan(world, world.members[0], at).answer == status
        assert Attendance.objects.get().status == status

    def test_is_marked_by_name_where_no_code_is_at_hand(self, world):
        assert answer(world, member_id=world.members[1].pk).answer == "present"

    def test_twice_is_told_that_and_since_when(self, world):
        scan(world, world.members[0])
        reply = scan(world, world.members[0], MORNING)

        assert (reply.answer, reply.at) == ("marked", EARLY)
        assert MarkReceipt.objects.count() == 1

    def test_is_answered_as_before_where_the_answer_was_lost(self, world):
        key = uuid4()
        first = scan(world, world.members[0], key=key)
        again = scan(world, world.members[0], LATE, key=key)

        assert (again.answer, again.at) == (first.answer, first.at) == ("present", EARLY)
        assert MarkReceipt.objects.count() == Attendance.objects.count() == 1

    def test_is_found_by_the_row_that_was_merged_into_his(self, world):
        given_up = world.members[0]
        kept = factories.make_member(world.organisation)
        Member.objects.filter(pk=given_up.pk).update(merged_into=kept, merged_year=2026)

        assert scan(world, kept).answer == "present"
        assert scan(world, given_up).answer == "marked"


class TestThePocket:
    def test_is_the_lowest_free_one_given_at_that_moment(self, world):
        Enrolment.objects.filter(member=world.members[0]).update(phone_pocket=None)
        reply = scan(world, world.members[0])

        assert reply.enrolment.phone_pocket == 1
        assert Enrolment.objects.get(member=world.members[0]).phone_pocket == 1
        entry = AuditEntry.objects.get(act="give_pocket")
        assert entry.after == {"member": world.members[0].pk, "pocket": 1}

    def test_is_not_that_of_one_who_is_on_a_roll_with_him(self, world):
        first, second, _third = world.members
        Enrolment.objects.filter(member=first).update(sessions=NumericRange(1, 2, "[)"))
        Enrolment.objects.filter(member=second).update(phone_pocket=None)

        assert scan(world, second).enrolment.phone_pocket == 2

    def test_stays_as_it_was_where_there_is_one(self, world):
        scan(world, world.members[2])

        assert Enrolment.objects.get(member=world.members[2]).phone_pocket == 3
        assert not AuditEntry.objects.filter(act="give_pocket").exists()

    def test_is_given_to_the_person_who_was_marked_on_the_roll_by_hand(self, world):
        Enrolment.objects.update(phone_pocket=None)
        record_attendance(
            session_id=world.session.pk,
            marks={world.members[0].pk: "present"},
            seen={},
            by=world.by,
            at=MORNING,
        )

        assert scan(world, world.members[0]).enrolment.phone_pocket == 1

    def test_is_for_nobody_who_is_not_let_in(self, world):
        Enrolment.objects.update(phone_pocket=None)
        reply = scan(world, world.members[0], MORNING - timedelta(hours=2))

        assert (reply.answer, reply.enrolment.phone_pocket) == ("too_early", None)

    def test_is_none_where_all_are_taken_and_the_mark_stands(self, world, monkeypatch):
        monkeypatch.setattr(enrolments, "HIGHEST_NUMBER", 2)
        last = world.members[2]
        Enrolment.objects.filter(member=last).update(phone_pocket=None)

        reply = scan(world, last)

        assert (reply.answer, reply.enrolment.phone_pocket) == ("present", None)
        assert Attendance.objects.get().member == last
        assert not AuditEntry.objects.filter(act="give_pocket").exists()


class TestTheDoor:
    def test_says_when_it_opens(self, world):
        opens_at = MORNING - timedelta(hours=1)
        reply = scan(world, world.members[0], opens_at - timedelta(seconds=1))

        assert (reply.answer, reply.at) == ("too_early", opens_at)
        assert not MarkReceipt.objects.exists()
        assert scan(world, world.members[0], opens_at).answer == "present"

    def test_says_so_days_before_as_well(self, world):
        assert scan(world, world.members[0], MORNING - timedelta(days=3)).answer == "too_early"

    def test_closes(self, world):
        closes_at = MORNING + timedelta(hours=1)
        reply = scan(world, world.members[0], closes_at)

        assert (reply.answer, reply.at) == ("closed", closes_at)

    def test_closes_when_a_short_session_ends(self, world):
        Session.objects.update(ends_at=MORNING + timedelta(minutes=15))

        assert scan(world, world.members[0], LATE).answer == "late"
        assert scan(world, world.members[1], LATE + timedelta(minutes=5)).answer == "closed"

    def test_goes_by_the_rule_of_the_day(self, world):
        DoorRule.objects.update(period=period(date(2019, 1, 1), world.session.held_on))
        assert scan(world, world.members[0]).answer == "closed"
        DoorRule.objects.create(
            opens_before=20,
            present_until=0,
            closes_after=5,
            source="x",
            period=period(world.session.held_on),
        )

        assert scan(world, world.members[0]).answer == "too_early"
        assert scan(world, world.members[0], MORNING).answer == "late"
        assert scan(world, world.members[1], MORNING + timedelta(minutes=5)).answer == "closed"

    def test_is_shut_where_the_session_was_called_off(self, world):
        Session.objects.update(
            called_off_at=MORNING - timedelta(days=1),
            called_off_by=world.clerk,
            called_off_because="停电",
        )

        assert scan(world, world.members[0]).answer == "closed"
        assert not Attendance.objects.exists()

    def test_lets_those_in_who_are_expected_in_an_intensive_class(self, world):
        world.training_class.format = Format.INTENSIVE
        world.training_class.save()

        assert scan(world, world.members[0], LATE).answer == "late"
        kwargs = {"session_id": world.session.pk, "marks": {}, "seen": {}, "by": world.by}
        assert submit_roll(**kwargs, at=NOON).counts == {"late": 1, "present": 2}

    def test_is_shut_once_the_roll_is_submitted(self, world):
        kwargs = {"session_id": world.session.pk, "seen": {}, "by": world.by, "at": MORNING}
        submit_roll(marks=world.marks("present"), **kwargs)
        newcomer = factories.make_member(world.organisation)
        factories.enrol(world.training_class, newcomer)

        assert scan(world, newcomer, MORNING).answer == "closed"
        assert not Attendance.objects.filter(member=newcomer).exists()

    def test_is_kept_by_the_clerk_of_the_school(self, world):
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        with refused(Session.DoesNotExist):
            scan(world, world.members[0], by=acting(other))
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)
        with refused(PermissionDenied):
            scan(world, world.members[0], by=acting(leader))


class TestAScanThatWaitedForTheNetwork:
    """The lane says how long; it is believed for ten minutes."""

    def scan_late(self, world, minutes, **other):
        delay = timedelta(minutes=minutes)
        made_at = other.pop("scanned_at", EARLY)
        return scan(world, world.members[0], made_at + delay, made_at=made_at, delay=delay, **other)

    def test_is_judged_by_the_moment_of_the_scan_and_noted(self, world):
        reply = self.scan_late(world, 10, scanned_at=LATE - timedelta(minutes=1))

        assert reply.answer == Attendance.objects.get().status == "present"
        receipt = MarkReceipt.objects.get()
        assert receipt.received_at - receipt.device_at == timedelta(minutes=10)
        entry = AuditEntry.objects.get(act="take_delayed_scan")
        assert entry.after == {"member_id": world.members[0].pk, "scanned_before": 600}

    def test_is_let_in_by_a_door_that_has_closed_meanwhile(self, world):
        closes_at = MORNING + timedelta(hours=1)

        assert self.scan_late(world, 5, scanned_at=closes_at).answer == "closed"
        before = closes_at - timedelta(minutes=1)
        assert self.scan_late(world, 5, scanned_at=before).answer == "late"

    def test_is_refused_after_more_than_ten_minutes_and_says_whose_it_was(self, world):
        reply = self.scan_late(world, 11)

        assert (reply.answer, reply.member) == ("too_old", world.members[0])
        assert reply.enrolment.organisation == world.organisation
        assert not MarkReceipt.objects.exists()
        assert not AuditEntry.objects.filter(act="take_delayed_scan").exists()

    def test_names_whose_card_it_was_after_more_than_ten_minutes(self, world):
        code = make_card(world, world.members[0])
        reply = answer(world, NOON, code=code, delay=NOON - EARLY)

        assert (reply.answer, reply.member) == ("too_old", world.members[0])

    def test_needs_no_other_mark_where_there_is_one(self, world):
        scan(world, world.members[0])

        assert self.scan_late(world, 11).answer == "marked"

    def test_of_a_code_that_was_none_says_so_however_late(self, world):
        assert answer(world, code="K" + "A" * 20, delay=NOON - EARLY).answer == "unknown"
        made_at = EARLY - timedelta(minutes=2)
        late = EARLY + timedelta(minutes=11)
        delay = late - EARLY
        reply = scan(world, world.members[0], late, made_at=made_at, delay=delay)
        assert reply.answer == "expired"

    def test_is_answered_as_before_where_only_the_answer_was_lost(self, world):
        key = uuid4()
        scan(world, world.members[0], key=key)

        assert self.scan_late(world, 11, key=key).answer == "present"
        assert MarkReceipt.objects.count() == 1

    def test_that_took_some_seconds_is_nothing_to_note(self, world):
        assert self.scan_late(world, 0.4).answer == "present"
        assert not AuditEntry.objects.filter(act="take_delayed_scan").exists()

    def test_brings_no_code_back_that_had_ended_when_it_was_scanned(self, world):
        delay = timedelta(minutes=5)
        at, made_at = EARLY + delay, EARLY - timedelta(minutes=2)

        assert scan(world, world.members[0], at, made_at=made_at, delay=delay).answer == "expired"


class TestWhoeverIsNotLetIn:
    def test_waits_for_a_place_and_is_told_which(self, world):
        first, second = (factories.make_member(world.organisation) for _ in range(2))
        for minute, member in enumerate((first, second)):
            WaitingListEntry.objects.create(
                training_class=world.training_class,
                member=member,
                since=NOON + timedelta(minutes=minute),
            )
        reply = scan(world, second)

        assert (reply.answer, reply.member, reply.place) == ("waits", second, 2)
        assert not Attendance.objects.exists()

    def test_has_leave(self, world):
        LeaveRequest.objects.create(
            session=world.session,
            member=world.members[0],
            reason="值班",
            asked_at=NOON,
            answer="accepted",
            answered_at=NOON,
            answered_by=world.clerk,
        )

        assert scan(world, world.members[0]).answer == "on_leave"
        assert not Attendance.objects.exists()

    @pytest.mark.parametrize("status", ["on_leave", "absent"])
    def test_was_marked_otherwise_by_the_clerk(self, world, status):
        record_attendance(
            session_id=world.session.pk,
            marks={world.members[0].pk: status},
            seen={},
            by=world.by,
            at=MORNING,
        )

        assert scan(world, world.members[0], MORNING).answer == status
        assert Attendance.objects.get().status == status

    def test_is_on_no_roster_here(self, world):
        stranger = factories.make_member(world.organisation)
        reply = scan(world, stranger)

        assert (reply.answer, reply.member, reply.elsewhere) == ("elsewhere", stranger, None)

    def test_is_not_even_named_without_a_code(self, world):
        stranger = factories.make_member(world.organisation)
        reply = answer(world, member_id=stranger.pk)

        assert (reply.answer, reply.member) == ("unknown", None)

    def test_is_told_which_room_is_his(self, world):
        member = factories.make_member(world.organisation)
        other = factories.make_class(world.school, "青年夜校")
        factories.enrol(other, member)
        room = factories.make_session(other)
        factories.make_session(other, starts_at=MORNING + timedelta(hours=5))

        assert scan(world, member).elsewhere == room
        assert scan(world, member, MORNING - timedelta(hours=3)).elsewhere is None
        assert not Attendance.objects.exists()

        marks = {member.pk: "present"}
        submit_roll(session_id=room.pk, marks=marks, seen={}, by=world.by, at=MORNING)
        assert scan(world, member).elsewhere is None

    def test_joined_the_class_later(self, world):
        Enrolment.objects.filter(member=world.members[0]).update(
            sessions=NumericRange(2, None, "[)")
        )

        assert scan(world, world.members[0]).answer == "elsewhere"


class TestACode:
    def test_that_was_photographed_a_minute_ago_is_expired(self, world):
        reply = scan(world, world.members[0], made_at=EARLY - timedelta(minutes=2))

        assert (reply.answer, reply.member) == ("expired", None)

    @pytest.mark.parametrize("code", ["L" + "A" * 40, "K" + "A" * 20, "https://example.cn", "1"])
    def test_that_is_none_of_ours_is_unknown(self, world, code):
        assert answer(world, code=code).answer == "unknown"

    def test_of_nobody_is_unknown(self, world):
        assert answer(world, code=make_live_code(10**9, EARLY).text).answer == "unknown"
        assert answer(world, member_id=10**9).answer == "unknown"

    def test_of_a_card_is_good_until_the_card_ends(self, world):
        code = make_card(world, world.members[0])
        assert answer(world, code=code).answer == "present"

        end_card(world, EARLY)
        assert answer(world, code=code).answer == "expired"

    def test_of_a_card_is_judged_by_the_moment_of_the_scan(self, world):
        code = make_card(world, world.members[0])
        end_card(world, EARLY + timedelta(minutes=1))
        at, delay = EARLY + timedelta(minutes=2), timedelta(minutes=2)

        assert answer(world, at, code=code, delay=delay).answer == "present"
        assert answer(world, at, code=code, delay=delay / 2).answer == "expired"


class TestTheBoard:
    def test_counts_who_came_of_those_expected_through_all_lanes(self, world):
        other = acting(factories.make_clerk(world.school))
        scan(world, world.members[0])
        scan(world, world.members[1], MORNING, by=other)
        record_attendance(
            session_id=world.session.pk,
            marks={world.members[2].pk: "on_leave"},
            seen={},
            by=world.by,
            at=MORNING,
        )
        board = get_board(world.session)

        assert (board.arrived, board.expected) == (2, 2)
        assert [mark.member for mark in board.last] == [world.members[1], world.members[0]]

    def test_expects_the_person_who_has_no_leave(self, world):
        LeaveRequest.objects.create(
            session=world.session,
            member=world.members[0],
            reason="值班",
            asked_at=NOON,
            answer="accepted",
            answered_at=NOON,
            answered_by=world.clerk,
        )
        board = get_board(world.session)

        assert (board.arrived, board.expected, board.last) == (0, 2, [])

    @pytest.mark.parametrize(
        "text",
        ["秀英", "lxy", "LXY", "\uff2c\uff38\uff39", "2", "\uff12", "{number}", " {number} "],
    )
    def test_finds_people_by_name_initials_pocket_and_number(self, world, text):
        other = factories.make_member(world.organisation, "李秀英")
        Enrolment.objects.filter(member=world.members[1]).update(member=other)

        hits = search_roster(world.session, text.format(number=other.number[-4:]))
        assert [enrolment.member for enrolment in hits] == [other]

    def test_finds_nobody_who_is_on_no_roster_here(self, world):
        factories.make_member(world.organisation, "李秀英")

        assert search_roster(world.session, "李秀英") == search_roster(world.session, " ") == []

    def test_finds_full_width_digits_at_the_end_of_a_number(self, world):
        number = world.members[0].number[-4:]
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)

        assert [enrolment.member for enrolment in search_roster(world.session, wide)] == [
            world.members[0]
        ]


@pytest.mark.django_db(transaction=True)
class TestFourLanes:
    def test_let_three_hundred_in_at_once(self):
        """Each lane is a clerk on a connection of his own; nobody has a pocket yet."""
        world = ClassWorld(size=300)
        Enrolment.objects.update(phone_pocket=None)
        clerks = [acting(factories.make_clerk(world.school)) for _ in range(4)]

        def lane(number):
            members = world.members[number::4]
            return lambda: [scan(world, member, by=clerks[number]) for member in members]

        lanes = together(*(lane(number) for number in range(4)))
        replies = [reply for lane in lanes for reply in lane]

        assert {reply.answer for reply in replies} == {"present"}
        pockets = {reply.enrolment.member_id: reply.enrolment.phone_pocket for reply in replies}
        assert pockets == dict(Enrolment.objects.values_list("member", "phone_pocket"))
        assert sorted(pockets.values()) == list(range(1, 301))
        assert Attendance.objects.filter(status="present").count() == 300
        assert MarkReceipt.objects.filter(outcome="applied").count() == 300
        assert Attendance.objects.values("marked_by").distinct().count() == 4
        board = get_board(world.session)
        assert (board.arrived, board.expected) == (300, 300)

    def test_let_one_member_in_once(self):
        world = ClassWorld(size=2)
        Enrolment.objects.update(phone_pocket=None)

        replies = together(*[partial(scan, world, world.members[0])] * 4)

        assert sorted(reply.answer for reply in replies) == ["marked"] * 3 + ["present"]
        assert {reply.enrolment.phone_pocket for reply in replies} == {1}
        assert MarkReceipt.objects.count() == Attendance.objects.count() == 1
        assert AuditEntry.objects.filter(act="give_pocket").count() == 1

    def test_do_not_wait_in_a_circle_with_the_person_who_enrols_and_submits(self):
        """A lane, a clerk who adds members and one who takes the roll, all at the same time."""
        world = ClassWorld(size=40)
        newcomers = [factories.make_member(world.organisation) for _ in range(10)]
        Enrolment.objects.update(phone_pocket=None)

        def enrol():
            for member in newcomers:
                enrol_members(
                    training_class_id=world.training_class.pk,
                    member_ids=[member.pk],
                    by=world.by,
                    at=EARLY,
                )

        def take():
            for member in world.members[20:]:
                record_attendance(
                    session_id=world.session.pk,
                    marks={member.pk: "present"},
                    seen={},
                    by=world.by,
                    at=EARLY,
                )

        together(enrol, take, lambda: [scan(world, member) for member in world.members[:20]])

        assert Attendance.objects.count() == 40
        assert Enrolment.objects.count() == 50


class TestATypedCode:
    def test_of_the_page_marks_its_member(self, world):
        code = make_typed_code(world.members[1].pk, EARLY)

        assert answer(world, code=code.lower()).member == world.members[1]
        assert Attendance.objects.get().member == world.members[1]
        assert answer(world, EARLY + timedelta(minutes=2), code=code).answer == "expired"
        assert answer(world, EARLY + timedelta(minutes=9), code=code).answer == "unknown"

    def test_of_a_card_printed_years_ago_marks_as_the_long_one_does(self, world):
        long = make_card(world, world.members[0])
        short = typed_code_of_card(fingerprint_card(long))

        assert answer(world, code=long).answer == "present"
        assert answer(world, code=short).answer == "marked"
        end_card(world, EARLY)
        assert answer(world, MORNING, code=short).answer == "expired"

    def test_is_that_of_the_row_that_stayed_after_a_merge(self, world):
        kept = factories.make_member(world.organisation)
        merged = Member.objects.filter(pk=world.members[0].pk)
        merged.update(merged_into=kept, merged_year=2026)

        assert answer(world, code=make_typed_code(kept.pk, EARLY)).answer == "present"

    def test_tells_nothing_of_people_who_are_not_on_the_roster(self, world):
        stranger = factories.make_member(world.organisation)

        reply = answer(world, code=make_typed_code(stranger.pk, EARLY))
        assert (reply.answer, reply.member) == ("unknown", None)

    def test_costs_a_roster_of_300_no_more_statements(self, django_assert_max_num_queries):
        large = ClassWorld(size=300)
        code = make_typed_code(large.members[-1].pk, EARLY)
        with django_assert_max_num_queries(60):
            assert answer(large, code=code).answer == "present"

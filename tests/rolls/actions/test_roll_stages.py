"""Rolls are overdue, closed and reopened by deadlines and by request; no hours change by it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import ActorChannel, Role
from accounts.models import AuditEntry
from accounts.origin import Actor
from classes.models import Roll
from courses.models import Session
from hours.models import CreditEntry, CreditRule
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll, withdraw_roll
from rolls.actions.roll_stages import answer_reopening, ask_reopening, close_rolls
from rolls.actions.walk_ins import WalkInFacts, match_walk_in, record_walk_in
from rolls.enums import ReopeningAnswer
from rolls.errors import RollError
from rolls.models import Attendance, RollReopening
from rolls.queries.deadlines import is_overdue
from rolls.tasks import close_due_rolls
from tests import factories
from tests.connections import overlapping, together
from tests.factories import NOON, ClassWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db
PORTAL = Actor(None, ActorChannel.TASK)
OVER = NOON  # the session ends at noon; 72 hours and 7 days are the rule
DEADLINE = OVER + timedelta(hours=72)
CLOSING = DEADLINE + timedelta(days=7)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.officer = factories.make_user()
    factories.grant(world.officer, Role.DISTRICT_SCHOOL)
    return world


def submit(world, at=NOON, session=None):
    session = session or world.session
    marks = world.marks("present", "absent")
    return submit_roll(session_id=session.pk, marks=marks, seen={}, by=world.by, at=at)


def close(at=CLOSING):
    return close_rolls(by=PORTAL, at=at)


def ask(world, at=CLOSING, reason="点错一人"):
    return ask_reopening(session_id=world.session.pk, reason=reason, by=world.by, at=at)


def answer(asked, by, answer=ReopeningAnswer.GRANTED, word="", at=CLOSING):
    by = factories.acting(by)
    return answer_reopening(reopening_id=asked.pk, answer=answer, word=word, by=by, at=at)


def stage():
    return Roll.objects.get().stage


def overdue(at):
    return Session.objects.filter(is_overdue(at)).exists()


def correct(world, at=CLOSING, status="late"):
    mark = Attendance.objects.get(member=world.members[0])
    return factories.correct_mark(mark, status, by=world.by, at=at)


class TestARollThatNobodySubmitted:
    def test_is_overdue_from_its_deadline_on(self, world):
        assert not overdue(DEADLINE - MOMENT)
        assert overdue(DEADLINE)

    def test_stays_so_until_it_is_submitted_and_is_never_closed(self, world):
        assert (close(CLOSING), overdue(CLOSING)) == (0, True)
        submit(world, at=CLOSING)

        assert not overdue(CLOSING)

    def test_is_not_overdue_where_no_rule_sets_a_deadline(self, world):
        CreditRule.objects.update(roll_hours=None, roll_days=None)

        assert not overdue(CLOSING)


class TestClosing:
    def test_comes_days_after_the_deadline(self, world):
        submit(world)

        assert (close(CLOSING - MOMENT), stage()) == (0, "submitted")
        assert (close(CLOSING), stage()) == (1, "closed")

    def test_gives_a_late_roll_its_days_as_well(self, world):
        late = DEADLINE + timedelta(days=30)
        submit(world, at=late)

        assert (close(late + timedelta(days=7) - MOMENT), stage()) == (0, "submitted")
        assert (close(late + timedelta(days=7)), stage()) == (1, "closed")

    def test_changes_no_hours_and_is_told_as_the_portals_act(self, world):
        submit(world)
        before = list(CreditEntry.objects.values())
        close()

        assert list(CreditEntry.objects.values()) == before
        entry = AuditEntry.objects.get(act="close_roll")
        assert (entry.actor, entry.object_id) == (None, str(world.session.pk))
        assert entry.after == {"stage": "closed"}
        assert entry.school_code == world.school.code
        assert not list_findings()

    def test_twice_is_once(self, world):
        submit(world)

        assert (close(), close()) == (1, 0)
        assert AuditEntry.objects.filter(act="close_roll").count() == 1

    def test_is_a_job(self, world):
        submit(world)

        assert (close_due_rolls(), stage()) == (1, "closed")

    def test_costs_the_same_for_many_rolls(self, world, django_assert_num_queries):
        for day in range(1, 9):
            at = NOON + timedelta(days=day)
            session = factories.make_session(
                world.training_class, starts_at=at - timedelta(hours=3)
            )
            submit(world, at, session)
        submit(world)

        with django_assert_num_queries(9):
            assert close(CLOSING + timedelta(days=30)) == 9


class TestAClosedRoll:
    @pytest.fixture(autouse=True)
    def _closed(self, world):
        submit(world)
        self.walk_in = record_walk_in(
            session_id=world.session.pk, facts=WalkInFacts("李秀英"), by=world.by, at=NOON
        )
        close()

    def test_takes_no_correction(self, world):
        with refused(RollError, "关闭"):
            correct(world)

    def test_is_not_taken_back(self, world):
        with refused(RollError, "关闭"):
            withdraw_roll(session_id=world.session.pk, reason="误报", by=world.by, at=CLOSING)

    def test_gets_nobody_more(self, world):
        with refused(RollError, "关闭"):
            record_walk_in(
                session_id=world.session.pk, facts=WalkInFacts("王"), by=world.by, at=CLOSING
            )
        member = factories.make_member(world.organisation)
        with refused(RollError, "关闭"):
            match_walk_in(walk_in_id=self.walk_in.pk, member_id=member.pk, by=world.by, at=CLOSING)


class TestReopening:
    @pytest.fixture(autouse=True)
    def _submitted(self, world):
        submit(world)

    def test_is_for_a_closed_roll(self, world):
        with refused(RollError, "没有关闭"):
            ask(world)

    def test_is_asked_for_with_a_reason_and_once_at_a_time(self, world):
        close()
        with refused(RollError, "为何"):
            ask(world, reason=" ")
        ask(world)

        with refused(RollError, "等待"):
            ask(world)
        assert stage() == "closed"

    def test_lets_marks_be_corrected_through_the_ledger_and_closes_again(self, world):
        close()
        answer(ask(world), world.officer)
        assert stage() == "reopened"

        correct(world)
        again = CLOSING + timedelta(days=7)
        assert CreditEntry.objects.filter(reverses__isnull=False).count() == 1
        assert (close(again - MOMENT), stage()) == (0, "reopened")
        assert (close(again), stage()) == (1, "closed")
        assert not list_findings()

    def test_can_be_refused_with_a_word(self, world):
        close()
        asked = ask(world)
        with refused(RollError, "理由"):
            answer(asked, world.officer, ReopeningAnswer.REFUSED)
        answer(asked, world.officer, ReopeningAnswer.REFUSED, "名单无误")

        assert stage() == "closed"
        assert ask(world).answer == ""

    def test_is_told_in_the_trail(self, world):
        close()
        answer(ask(world), world.officer, word="请当日更正")

        entries = AuditEntry.objects.filter(act__endswith="_reopening").order_by("pk")
        assert [(entry.act, entry.actor, entry.after) for entry in entries] == [
            ("ask_reopening", world.clerk, {"reason": "点错一人"}),
            ("answer_reopening", world.officer, {"answer": "granted", "word": "请当日更正"}),
        ]

    def test_is_granted_by_the_district_school_alone(self, world):
        close()
        asked = ask(world)
        department = factories.make_user()
        factories.grant(department, Role.ORGANISATION_DEPARTMENT)

        for other in (world.clerk, department):
            with pytest.raises(PermissionDenied):
                answer(asked, other)

    def test_is_granted_by_nobody_to_himself(self, world):
        close()
        factories.grant(world.clerk, Role.DISTRICT_SCHOOL)
        asked = ask(world)

        with refused(RollError, "不能答复自己"):
            answer(asked, world.clerk)

    def test_ends_when_the_roll_is_taken_back(self, world):
        close()
        answer(ask(world), world.officer)
        withdraw_roll(session_id=world.session.pk, reason="误报", by=world.by, at=CLOSING)

        roll = Roll.objects.get()
        assert (roll.stage, roll.closed_at, roll.reopened_at) == ("draft", None, None)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_workers_close_a_roll_once(self, world):
        submit(world)

        assert sorted(together(close, close)) == [0, 1]
        assert AuditEntry.objects.filter(act="close_roll").count() == 1

    def test_two_officers_answer_once(self, world):
        submit(world)
        close()
        asked = ask(world)
        other = factories.make_user()
        factories.grant(other, Role.DISTRICT_SCHOOL)

        def decide(by, verdict, word):
            try:
                return answer(asked, by, verdict, word).answer
            except RollError:
                return "too late"

        done = together(
            partial(decide, world.officer, ReopeningAnswer.GRANTED, ""),
            partial(decide, other, ReopeningAnswer.REFUSED, "名单无误"),
        )

        assert done.count("too late") == 1
        stored = RollReopening.objects.get().answer
        assert stored in done
        assert stage() == ("reopened" if stored == "granted" else "closed")
        assert AuditEntry.objects.filter(act="answer_reopening").count() == 1

    def test_a_roll_that_is_being_submitted_is_left_for_the_next_time(self, world):
        """The job neither waits for the clerk nor closes what he has just submitted."""
        late = CLOSING + timedelta(days=30)
        done = together(partial(submit, world, late), partial(close, late))

        assert (done[1], stage()) == (0, "submitted")
        assert not list_findings()

    def test_a_correction_that_comes_with_the_closing_is_before_or_refused(self, world):
        submit(world)

        def correct_or_not():
            try:
                return correct(world)
            except RollError:
                return None

        [closed, corrected] = overlapping(close, correct_or_not)

        assert (closed, corrected, stage()) == (1, None, "closed")
        assert not list_findings()

"""A member disputes a line or says what is missing; the school answers, an appeal is decided."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from classes.models import Roll
from config.lib.periods import at_local, period
from hours.actions.disputes import (
    answer_dispute,
    appeal_dispute,
    decide_dispute,
    open_dispute,
    report_missing,
    withdraw_dispute,
)
from hours.enums import DisputeState, DisputeStep
from hours.errors import DisputeError
from hours.models import Assessment, CreditRule, Dispute
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll, withdraw_roll
from rolls.errors import RollError
from rolls.models import Attendance
from tests import factories
from tests.evidence import study
from tests.factories import DAY, ClassWorld, acting
from tests.refusals import refused
from trainees.actions.member_merges import merge_members, propose_merge
from trainees.models import Member
from years.queries.hours import get_own_year

pytestmark = pytest.mark.django_db

EVENING = at_local(DAY, 20)
WINDOW = 30
JANUARY = date(DAY.year + 1, 1, 15)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


class DisputeWorld(ClassWorld):
    """A member with an account, marked absent; another member, and an officer of the department."""

    def __init__(self) -> None:
        super().__init__(size=2)
        self.member, self.other = self.members
        for member in self.members:
            member.user = factories.make_user()
            member.save(update_fields=["user"])
        self.officer = factories.make_user()
        factories.grant(self.officer, Role.ORGANISATION_DEPARTMENT)
        self.submit()

    def submit(self):
        submit_roll(
            session_id=self.session.pk,
            marks=self.marks("absent", "present"),
            seen=dict(Attendance.objects.values_list("member", "status")),
            by=self.by,
            at=EVENING,
        )

    @property
    def line(self) -> Assessment:
        return Assessment.objects.filter(member=self.member).latest("version")

    def dispute(self, *, days=1, line=None, by=None, text="我当天到课") -> Dispute:
        line = line or self.line
        by, at = acting(by or self.member.user), EVENING + timedelta(days=days)
        return open_dispute(assessment_id=line.pk, text=text, by=by, at=at)

    def correct(self, status="present", days=2):
        mark = Attendance.objects.get(member=self.member)
        factories.correct_mark(mark, status, by=self.by, at=EVENING + timedelta(days=days))

    def answer(self, dispute, verdict="stands", *, days=3, by=None, text="点名册如此"):
        by, at = acting(by or self.clerk), EVENING + timedelta(days=days)
        return answer_dispute(dispute_id=dispute.pk, verdict=verdict, text=text, by=by, at=at)

    def appeal(self, dispute, *, days=4, by=None, text="签到表上有我"):
        by, at = acting(by or self.member.user), EVENING + timedelta(days=days)
        return appeal_dispute(dispute_id=dispute.pk, text=text, by=by, at=at)

    def decide(self, dispute, verdict="stands", *, days=6, by=None, text="签到表已核对"):
        by, at = acting(by or self.officer), EVENING + timedelta(days=days)
        return decide_dispute(dispute_id=dispute.pk, verdict=verdict, text=text, by=by, at=at)

    def withdraw(self, dispute, *, days=3, by=None):
        by, at = acting(by or self.member.user), EVENING + timedelta(days=days)
        return withdraw_dispute(dispute_id=dispute.pk, by=by, at=at)

    def missing(self, *, day=DAY, on=None, by=None, what="支部主题党日", text="我参加了"):
        by, at = acting(by or self.member.user), at_local(on or DAY, 21)
        return report_missing(occurred_on=day, missing=what, text=text, by=by, at=at)


@pytest.fixture
def world() -> DisputeWorld:
    return DisputeWorld()


@contextmanager
def refused_at(field: str, match: str | None = None):
    """The block raises a DisputeError that belongs at this field of the form."""
    with refused(DisputeError, match=match) as caught:
        yield
    assert caught.value.field == field


def state_of(dispute: Dispute) -> str:
    return Dispute.objects.get(pk=dispute.pk).state


class TestOpening:
    def test_keeps_the_version_disputed_the_words_and_who_answers(self, world):
        line = world.line

        dispute = world.dispute()

        assert (dispute.assessment, dispute.occurred_on, dispute.school) == (
            line,
            DAY,
            world.school,
        )
        assert (dispute.state, dispute.appeal_days) == (DisputeState.OPEN, WINDOW)
        entry = dispute.entries.get()
        assert (entry.step, entry.text, entry.written_by) == (
            DisputeStep.OPENED,
            "我当天到课",
            world.member.user,
        )

    def test_changes_no_hours(self, world):
        before = Assessment.objects.count()

        world.dispute()

        assert Assessment.objects.count() == before
        assert not list_findings()

    def test_is_possible_on_the_last_day_of_the_time_and_not_after_it(self, world):
        with refused(DisputeError, match="until Fri 19 Jun 2026"):
            world.dispute(days=WINDOW + 1)
        assert world.dispute(days=WINDOW).pk

    @pytest.mark.parametrize(("days", "late"), [(5, 6), (None, 200)])
    def test_has_the_time_that_its_rule_gives(self, world, days, late):
        CreditRule.objects.filter(category="concentrated").update(dispute_days=days)

        if days is None:
            assert world.dispute(days=late).appeal_days is None
        else:
            with refused(DisputeError):
                world.dispute(days=late)

    def test_counts_the_time_anew_for_a_line_that_was_assessed_anew(self, world):
        world.correct("late", days=WINDOW)

        assert world.dispute(days=WINDOW + 20).pk

    def test_of_somebody_elses_line_is_none(self, world):
        with refused(Assessment.DoesNotExist):
            world.dispute(by=world.other.user)
        with refused(Member.DoesNotExist):
            world.dispute(by=world.clerk)

    def test_of_a_version_that_was_superseded_is_refused(self, world):
        seen = world.line
        world.correct(days=0)

        with refused(DisputeError, match="changed meanwhile"):
            world.dispute(line=seen)

    def test_twice_is_refused_also_once_it_is_answered(self, world):
        dispute = world.dispute()
        with refused(DisputeError, match="already"):
            world.dispute()
        world.answer(dispute)
        with refused(DisputeError, match="already"):
            world.dispute(days=5)

    def test_of_the_next_version_waits_until_the_first_dispute_is_over(self, world):
        dispute = world.dispute()
        world.correct("late")
        with refused(DisputeError, match="already"):
            world.dispute(days=3)

        world.answer(dispute, "corrected", text="")

        assert world.dispute(days=4).assessment == world.line

    def test_again_after_taking_it_back_is_possible(self, world):
        world.withdraw(world.dispute())

        assert world.dispute(days=4).state == DisputeState.OPEN

    def test_says_what_is_wrong(self, world):
        with refused_at("text"):
            world.dispute(text=" ")

    def test_of_a_branch_study_goes_to_the_school_that_served_the_branch(self, world):
        elsewhere = factories.make_school("120111005", "津门湖街道")
        branch = factories.make_organisation(elsewhere)
        study(branch, world.member, on=DAY, school=elsewhere)
        line = Assessment.objects.get(member=world.member, source__kind="study")

        assert world.dispute(line=line).school == elsewhere

    def test_of_a_class_elsewhere_goes_to_the_school_that_held_it(self, world):
        elsewhere = factories.make_school("120111005", "津门湖街道")
        clerk = factories.make_clerk(elsewhere)
        training_class = factories.make_class(elsewhere)
        factories.enrol(training_class, world.member)
        session = factories.make_session(training_class, starts_at=at_local(DAY, 14))
        marks = {world.member.pk: "late"}
        submit_roll(session_id=session.pk, marks=marks, seen={}, by=acting(clerk), at=EVENING)
        line = Assessment.objects.get(source__roll__session=session)

        assert world.dispute(line=line).school == elsewhere

    def test_of_a_class_of_a_school_that_is_no_more_goes_to_the_members_own(self, world):
        other = factories.make_school("120111005", "津门湖街道")
        world.school.period = period(date(2019, 1, 1), DAY)
        world.school.save()
        area = world.school.areas.get()
        area.period = period(date(2019, 1, 1), DAY)
        area.save()
        area.township.areas.create(school=other, period=period(DAY))

        assert world.dispute().school == other


class TestMissingHours:
    def test_of_the_same_study_are_in_dispute_once_at_a_time(self, world):
        first = world.missing()

        with refused_at("missing", match="in dispute already"):
            world.missing(what=" 支部 主题党日")
        assert world.missing(what="党课").pk
        assert world.missing(day=DAY - timedelta(days=1)).pk
        world.withdraw(first)
        assert world.missing().pk

    def test_go_to_the_school_of_the_members_organisation(self, world):
        dispute = world.missing()

        assert (dispute.assessment, dispute.missing, dispute.school) == (
            None,
            "支部主题党日",
            world.school,
        )
        assert dispute.appeal_days == WINDOW

    def test_are_of_a_day_that_has_come_and_is_not_settled(self, world):
        for day in (DAY + timedelta(days=1), date(DAY.year - 1, 12, 31)):
            with refused_at("occurred_on"):
                world.missing(day=day)
        assert world.missing(day=date(DAY.year, 1, 1)).pk

    def test_of_december_can_be_reported_in_january(self, world):
        assert world.missing(day=date(DAY.year, 12, 30), on=JANUARY).pk
        with refused_at("occurred_on"):
            world.missing(day=date(DAY.year, 12, 30), on=JANUARY + timedelta(days=31))

    def test_say_what_and_why(self, world):
        with refused_at("missing"):
            world.missing(what=" ")
        with refused_at("text"):
            world.missing(text="")

    def test_are_reported_by_members_alone(self, world):
        with refused(Member.DoesNotExist):
            world.missing(by=world.clerk)

    def test_are_corrected_once_hours_of_that_day_are_posted(self, world):
        dispute = world.missing()
        with refused_at("verdict"):
            world.answer(dispute, "corrected")
        world.correct()

        world.answer(dispute, "corrected", text="")

        assert state_of(dispute) == DisputeState.ANSWERED

    def test_are_not_corrected_by_a_line_that_is_worth_nothing(self, world):
        dispute = world.missing()
        world.correct("on_leave")

        with refused_at("verdict"):
            world.answer(dispute, "corrected")


class TestTheAnswer:
    def test_corrected_wants_a_correction(self, world):
        dispute = world.dispute()
        with refused_at("verdict", "Nothing has been corrected"):
            world.answer(dispute, "corrected")
        world.correct()

        entry = world.answer(dispute, "corrected", text="")

        assert (entry.step, entry.verdict, entry.text) == ("answered", "corrected", "")
        assert state_of(dispute) == DisputeState.ANSWERED
        assert not list_findings()

    def test_a_roll_taken_back_is_a_correction(self, world):
        dispute = world.dispute()
        withdraw_roll(
            session_id=world.session.pk,
            reason="登错班次",
            by=world.by,
            at=EVENING + timedelta(days=2),
        )

        assert world.answer(dispute, "corrected", text="").pk

    def test_stays_as_it_is_wants_an_explanation(self, world):
        dispute = world.dispute()
        with refused_at("text"):
            world.answer(dispute, "stands", text=" ")

        assert world.answer(dispute, "stands", text="点名册如此").text == "点名册如此"

    def test_is_one_of_the_two(self, world):
        with refused_at("verdict"):
            world.answer(world.dispute(), "perhaps")

    def test_is_given_by_a_clerk_of_the_school(self, world):
        dispute = world.dispute()
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)

        for person in (leader, world.officer, world.member.user):
            with refused(PermissionDenied):
                world.answer(dispute, by=person)

    def test_of_another_school_is_none(self, world):
        dispute = world.dispute()
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        for person in (other, world.other.user):
            with refused(Dispute.DoesNotExist):
                world.answer(dispute, by=person)

    def test_is_never_given_by_the_member_concerned(self, world):
        dispute = world.dispute()
        factories.grant(world.member.user, Role.SCHOOL_CLERK, world.school)

        with refused(DisputeError, match="concerns yourself"):
            world.answer(dispute, by=world.member.user)

    def test_is_given_once(self, world):
        dispute = world.dispute()
        world.answer(dispute)

        with refused(DisputeError, match="no longer waits"):
            world.answer(dispute)


class TestAMemberWithTwoRows:
    """The row of the member is merged into another, which takes the account over."""

    @pytest.fixture
    def kept(self, world):
        kept = factories.make_member(world.organisation)
        self.disputed = world.dispute()
        proposer = factories.make_user()
        factories.grant(proposer, Role.ORGANISATION_DEPARTMENT)
        at = EVENING + timedelta(days=2)
        merge = propose_merge(
            kept_id=kept.pk,
            given_up_id=world.member.pk,
            reason="同一人",
            by=acting(proposer),
            at=at,
        )
        merge_members(merge_id=merge.pk, by=acting(world.officer), at=at)
        kept.refresh_from_db()
        return kept

    def test_keeps_the_dispute(self, world, kept):
        assert Dispute.objects.of_account(kept.user).get() == self.disputed
        (listed,) = get_own_year(kept.user, DAY.year, DAY).pending_items.disputes
        assert listed.id == self.disputed.pk

    def test_is_answered_after_a_correction_and_not_after_the_merge_alone(self, world, kept):
        with refused_at("verdict"):
            world.answer(self.disputed, "corrected")
        world.correct(days=3)

        assert world.answer(self.disputed, "corrected", days=4, text="").pk

    def test_is_still_the_one_concerned(self, world, kept):
        factories.grant(kept.user, Role.SCHOOL_CLERK, world.school)

        with refused(DisputeError, match="concerns yourself"):
            world.answer(self.disputed, by=kept.user)


class TestAnAppeal:
    def test_is_possible_on_the_last_day_after_the_answer_and_not_after_it(self, world):
        dispute = world.dispute()
        world.answer(dispute, days=10)
        with refused(DisputeError, match="An appeal was possible until"):
            world.appeal(dispute, days=10 + WINDOW + 1)

        world.appeal(dispute, days=10 + WINDOW)

        assert state_of(dispute) == DisputeState.APPEALED

    def test_has_the_time_of_the_day_on_which_the_dispute_was_opened(self, world):
        dispute = world.dispute()
        world.answer(dispute)
        CreditRule.objects.filter(category="concentrated").update(dispute_days=1)

        assert world.appeal(dispute, days=20).pk

    def test_is_possible_once_and_only_against_an_answer(self, world):
        dispute = world.dispute()
        with refused(DisputeError):
            world.appeal(dispute)
        world.answer(dispute)
        world.appeal(dispute)
        world.decide(dispute)

        with refused(DisputeError, match="once"):
            world.appeal(dispute, days=7)

    def test_says_why(self, world):
        dispute = world.dispute()
        world.answer(dispute)

        with refused_at("text"):
            world.appeal(dispute, text="")

    def test_is_the_members_alone(self, world):
        dispute = world.dispute()
        world.answer(dispute)

        for person in (world.other.user, world.clerk):
            with refused(Dispute.DoesNotExist):
                world.appeal(dispute, by=person)


class TestTheDecision:
    @pytest.fixture
    def appealed(self, world):
        dispute = world.dispute()
        world.answer(dispute)
        world.appeal(dispute)
        return dispute

    def test_ends_the_dispute_and_keeps_all_that_was_said(self, world, appealed):
        world.decide(appealed)

        assert state_of(appealed) == DisputeState.DECIDED
        steps = list(appealed.entries.values_list("step", flat=True))
        assert steps == ["opened", "answered", "appealed", "decided"]
        with refused(DisputeError, match="no longer waits"):
            world.decide(appealed)

    def test_is_the_organisation_departments(self, world, appealed):
        academic = factories.make_user()
        factories.grant(academic, Role.DISTRICT_SCHOOL)

        for person in (world.clerk, world.member.user, academic):
            with refused(PermissionDenied):
                world.decide(appealed, by=person)

    def test_is_not_of_the_person_who_answered(self, world, appealed):
        factories.grant(world.clerk, Role.ORGANISATION_DEPARTMENT)

        with refused(PermissionDenied):
            world.decide(appealed, by=world.clerk)

    def test_is_never_the_members_own(self, world, appealed):
        factories.grant(world.member.user, Role.ORGANISATION_DEPARTMENT)

        with refused(DisputeError, match="concerns yourself"):
            world.decide(appealed, by=world.member.user)

    def test_waits_for_an_appeal(self, world):
        dispute = world.dispute()

        with refused(DisputeError):
            world.decide(dispute)

    def test_corrected_wants_a_correction_since_the_appeal(self, world):
        dispute = world.dispute()
        world.correct("late", days=2)
        world.answer(dispute, "corrected", text="")
        world.appeal(dispute)
        with refused_at("verdict"):
            world.decide(dispute, "corrected")
        world.correct("present", days=5)

        assert world.decide(dispute, "corrected", text="").verdict == "corrected"


class TestTakingBack:
    def test_is_possible_while_somebody_is_to_answer(self, world):
        first = world.dispute()
        world.withdraw(first)
        assert state_of(first) == DisputeState.WITHDRAWN
        with refused(DisputeError):
            world.withdraw(first)
        with refused(DisputeError):
            world.answer(first)

        second = world.dispute(days=4)
        world.answer(second, days=5)
        with refused(DisputeError):
            world.withdraw(second)
        world.appeal(second, days=6)
        world.withdraw(second)
        assert state_of(second) == DisputeState.WITHDRAWN

    def test_is_the_members_alone(self, world):
        dispute = world.dispute()

        for person in (world.other.user, world.clerk):
            with refused(Dispute.DoesNotExist):
                world.withdraw(dispute, by=person)


def test_the_trail_names_each_step_and_repeats_no_words(world):
    dispute = world.dispute()
    world.answer(dispute)
    world.appeal(dispute)
    world.decide(dispute)
    world.withdraw(world.missing())

    entries = AuditEntry.objects.filter(object_type="hours.dispute").order_by("id")
    assert list(entries.values_list("act", flat=True)) == [
        "open_dispute",
        "answer_dispute",
        "appeal_dispute",
        "decide_dispute",
        "open_dispute",
        "withdraw_dispute",
    ]
    assert {entry.school_code for entry in entries} == {world.school.code}
    answered = entries[1]
    assert (answered.before, answered.after) == (
        {"state": "open"},
        {"state": "answered", "answer": "stands"},
    )
    assert "到课" not in str([(entry.before, entry.after) for entry in entries])


class TestTheMarkInDispute:
    """A dispute opens the one mark that it is about to those for whom it waits."""

    def _correct(self, world, by, *, days, member=None):
        mark = Attendance.objects.get(member=member or world.member)
        at = EVENING + timedelta(days=days)
        return factories.correct_mark(mark, "present", by=acting(by), at=at)

    def _close(self, world):
        Roll.objects.filter(session=world.session).update(closed_at=EVENING + timedelta(days=15))

    def test_is_the_clerks_to_correct_on_a_closed_roll_until_it_is_answered(self, world):
        dispute = world.dispute(days=16)
        self._close(world)
        with refused(RollError, match="closed"):
            self._correct(world, world.clerk, days=17, member=world.other)
        with refused(PermissionDenied):
            self._correct(world, world.officer, days=17)

        self._correct(world, world.clerk, days=17)

        assert world.line.hours == 4
        entry = AuditEntry.objects.get(act="correct_attendance")
        assert entry.after["dispute"] == dispute.pk
        world.answer(dispute, "corrected", days=18, text="")
        with refused(RollError, match="closed"):
            self._correct(world, world.clerk, days=18)
        assert not list_findings()

    def test_is_the_departments_while_it_decides_an_appeal(self, world):
        dispute = world.dispute()
        world.answer(dispute)
        world.appeal(dispute)
        self._close(world)
        with refused(RollError, match="closed"):
            self._correct(world, world.clerk, days=16)

        self._correct(world, world.officer, days=16)

        assert world.line.hours == 4
        world.decide(dispute, "corrected", days=17, text="")
        with refused(PermissionDenied):
            self._correct(world, world.officer, days=18)
        assert not list_findings()

    def test_is_nobodys_own(self, world):
        factories.grant(world.member.user, Role.SCHOOL_CLERK, world.school)
        factories.grant(world.member.user, Role.ORGANISATION_DEPARTMENT)
        dispute = world.dispute()
        self._close(world)
        with refused(RollError, match="concerns yourself"):
            self._correct(world, world.member.user, days=16)
        world.answer(dispute)
        world.appeal(dispute)
        with refused(RollError, match="concerns yourself"):
            self._correct(world, world.member.user, days=16)

    def test_of_a_school_that_is_no_more_is_of_the_person_who_answers(self, world):
        other = factories.make_school("120111005", "津门湖街道")
        world.school.period = period(date(2019, 1, 1), DAY)
        world.school.save()
        area = world.school.areas.get()
        area.period = period(date(2019, 1, 1), DAY)
        area.save()
        area.township.areas.create(school=other, period=period(DAY))
        world.dispute()

        self._correct(world, factories.make_clerk(other), days=2)

        assert world.line.hours == 4

"""Items beside the confirmed hours: pending, returned, and the member's disputes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from config.lib.periods import at_local
from hours.models import Dispute
from rolls.actions.attendance import record_attendance, withdraw_roll
from rolls.models import Attendance
from studies.enums import StudyState
from studies.models import Study, StudyParticipant, StudyReview
from tests import factories
from tests.evidence import TODAY, clerk_of, hold, study
from trainees.models import Member
from years.queries.hours import get_member_year, get_own_year

pytestmark = pytest.mark.django_db

MAY = date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


class OneMember:
    """A member with an account, on the roster of a class."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.clerk = clerk_of(self.school)
        self.branch = factories.make_organisation(self.school)
        self.user = factories.make_user()
        self.member = factories.make_member(self.branch, user=self.user)
        self.training_class = factories.make_class(self.school)
        factories.enrol(self.training_class, self.member)

    def year(self, year: int = 2026, on: date = TODAY):
        return get_own_year(self.user, year, on)

    def attend(self, status: str = "present", on: date = MAY, **kwargs):
        return hold(self.training_class, {self.member: status}, on=on, **kwargs)

    def hand_in(self, state: StudyState, *, on: date = MAY, round: int = 1, **fields) -> Study:
        study = Study.objects.create(
            organisation=self.branch,
            kind=fields.pop("kind", "themed_day"),
            topic="主题党日",
            held_on=on,
            minutes=120,
            state=state,
            round=round,
            source=factories.make_source("study") if state == StudyState.APPROVED else None,
            recorded_at=at_local(on, 20),
            recorded_by=self.user,
            **fields,
        )
        StudyParticipant.objects.create(study=study, member=self.member, organisation=self.branch)
        return study

    def review(self, study: Study, verdict: str, reason: str) -> None:
        StudyReview.objects.create(
            study=study,
            round=study.round,
            step="school",
            verdict=verdict,
            reason=reason,
            recorded_by=study.recorded_by,
            reviewed_at=at_local(MAY, 21),
            reviewed_by=self.clerk,
        )


@pytest.fixture
def world() -> OneMember:
    return OneMember()


def titles(rows) -> list[tuple[str, Decimal, str]]:
    return [(row.title, row.hours, row.why) for row in rows]


class TestPending:
    def test_are_sessions_whose_roll_is_not_submitted(self, world):
        world.attend(submitted=False)

        items = world.year().pending_items
        assert titles(items.pending) == [
            ("基层治理培训班", Decimal(4), "the roll is not submitted yet")
        ]
        assert (items.pending[0].session_number, items.pending[0].held_on) == (1, MAY)
        assert items.pending_hours == Decimal(4)

    def test_are_never_in_the_total(self, world):
        world.attend()
        world.attend(submitted=False, on=MAY + timedelta(days=1))
        world.hand_in(StudyState.SUBMITTED)

        year = world.year()
        assert (year.done, year.verdict.done, year.pending_items.pending_hours) == (4, 4, 6)

    def test_are_of_days_that_are_over(self, world):
        for day in (TODAY, TODAY + timedelta(days=3)):
            world.attend(submitted=False, on=day)

        assert not world.year().pending_items.pending

    def test_are_none_where_the_draft_says_that_the_member_was_not_there(self, world):
        session = world.attend(submitted=False)
        for status, n in (("absent", 0), ("on_leave", 0), ("late", 1)):
            before = dict(Attendance.objects.values_list("member", "status"))
            record_attendance(
                session_id=session.pk,
                marks={world.member.pk: status},
                seen=before,
                by=factories.acting(world.clerk),
                at=at_local(MAY, 18),
            )
            assert len(world.year().pending_items.pending) == n

    def test_are_those_of_a_roll_that_was_taken_back(self, world):
        session = world.attend()
        withdraw_roll(
            session_id=session.pk,
            reason="登错班次",
            by=factories.acting(world.clerk),
            at=at_local(MAY, 19),
        )

        year = world.year()
        assert (year.done, year.pending_items.pending_hours, year.pending_items.returned) == (
            0,
            4,
            [],
        )

    @pytest.mark.parametrize(
        ("state", "why"),
        [
            (StudyState.SUBMITTED, "waits for review"),
            (StudyState.CHECKED, "passed by the community, waits for the school"),
        ],
    )
    def test_are_studies_handed_in_and_not_approved(self, world, state, why):
        world.hand_in(state, days=2)

        assert titles(world.year().pending_items.pending) == [("主题党日", Decimal(4), why)]

    def test_are_told_once_where_a_merge_left_both_rows_on_them(self, world):
        merged = factories.make_member(world.branch)
        factories.enrol(world.training_class, merged)
        world.attend(submitted=False)
        for state, kind in (
            (StudyState.SUBMITTED, "themed_day"),
            (StudyState.DRAFT, "party_lesson"),
        ):
            study = world.hand_in(state, kind=kind)
            StudyParticipant.objects.create(study=study, member=merged, organisation=world.branch)
        Member.objects.filter(pk=merged.pk).update(merged_into=world.member, merged_year=2026)

        items = world.year().pending_items
        assert (items.pending_hours, items.returned_hours) == (4 + 2, 2)

    def test_are_not_studies_that_nobody_handed_in_or_that_are_approved(self, world):
        world.hand_in(StudyState.DRAFT, round=0)
        study(world.branch, world.member, on=MAY, school=world.school, kind="party_lesson")

        items = world.year().pending_items
        assert (items.pending, items.returned) == ([], [])

    def test_are_of_the_year_shown_and_of_the_member_shown(self, world):
        world.attend(submitted=False, on=date(2025, 12, 31))
        other = factories.make_member(world.branch)

        assert not world.year().pending_items.pending
        assert world.year(2025).pending_items.pending_hours == Decimal(4)
        assert not get_member_year(world.clerk, other.pk, 2026, TODAY).pending_items.pending


class TestReturned:
    def test_is_a_record_that_went_back_to_a_draft_with_its_reason(self, world):
        study = world.hand_in(StudyState.DRAFT, kind="online_study")
        world.review(study, "returned", "请附证明")

        items = world.year().pending_items
        assert titles(items.returned) == [("主题党日", Decimal(1), "returned: 请附证明")]
        assert (items.pending, items.returned_hours) == ([], Decimal(1))

    def test_is_a_record_that_was_taken_back(self, world):
        study = world.hand_in(StudyState.WITHDRAWN)
        world.review(study, "passed", "")
        world.review(study, "withdrawn", "重复登记")

        assert titles(world.year().pending_items.returned) == [
            ("主题党日", Decimal(2), "taken back: 重复登记")
        ]


class TestDisputes:
    def dispute(self, world) -> Dispute:
        return factories.make_dispute(Attendance.objects.get(member=world.member))

    def line(self, world, on: date = TODAY):
        (line,) = world.year(on=on).lines
        return line

    def test_can_be_opened_on_each_line_until_its_time_is_over(self, world):
        world.attend()

        assert self.line(world, MAY + timedelta(days=30)).may_dispute
        assert not self.line(world, MAY + timedelta(days=31)).may_dispute

    def test_stand_on_their_line_and_in_the_list(self, world):
        world.attend("absent")
        dispute = self.dispute(world)

        line = self.line(world, MAY)
        (listed,) = world.year().pending_items.disputes
        assert line.dispute == listed
        assert not line.may_dispute
        assert (listed.id, listed.subject, listed.state_label) == (
            dispute.pk,
            "基层治理培训班",
            "waits for the school",
        )

    def test_that_were_answered_say_how(self, world):
        world.attend("absent")
        dispute = self.dispute(world)
        dispute.entries.create(
            step="answered",
            verdict="stands",
            text="点名册如此",
            written_at=at_local(MAY, 20),
            written_by=world.clerk,
        )
        Dispute.objects.update(state="answered")

        (listed,) = world.year().pending_items.disputes
        assert listed.state_label == "answered: stays as it is"

    def test_of_a_former_version_leave_the_new_one_open_to_another_once_they_are_over(self, world):
        world.attend("absent")
        self.dispute(world)
        mark = Attendance.objects.get(member=world.member)
        by = factories.acting(world.clerk)
        factories.correct_mark(mark, "late", by=by, at=at_local(MAY, 20))

        assert not self.line(world, MAY).may_dispute
        Dispute.objects.update(state="answered")
        line = self.line(world, MAY)
        assert line.may_dispute
        assert line.dispute is not None

    def test_that_were_taken_back_leave_the_line_alone(self, world):
        world.attend("absent")
        self.dispute(world)
        Dispute.objects.update(state="withdrawn")

        line = self.line(world, MAY)
        assert (line.dispute, line.may_dispute) == (None, True)

    def test_of_a_later_year_are_not_on_the_page_of_an_earlier_one(self, world):
        world.attend("absent")
        self.dispute(world)

        assert not world.year(MAY.year - 1).pending_items.disputes

    def test_a_line_says_until_when_it_could_be_disputed_once_that_is_over(self, world):
        world.attend()

        assert self.line(world, MAY + timedelta(days=30)).was_open_until is None
        over = self.line(world, MAY + timedelta(days=31))
        assert over.was_open_until == MAY + timedelta(days=30)
        self.dispute(world)
        assert self.line(world, MAY + timedelta(days=31)).was_open_until is None

    def test_of_other_years_are_listed_while_they_wait(self, world):
        world.attend("absent", on=date(2025, 12, 20))
        self.dispute(world)

        assert len(world.year().pending_items.disputes) == 1
        Dispute.objects.update(state="decided")
        assert not world.year().pending_items.disputes


@pytest.mark.parametrize(("hours", "sentence"), [("1", "1</b> credit hour,"), ("1.5", "hours,")])
def test_the_sum_of_what_waits_is_told_in_grammar(hours, sentence):
    context = {"label": "Pending", "rows": [], "hours": Decimal(hours)}

    assert sentence in render_to_string("years/hours_waiting.html", context)

"""The end of a year: until its deadline every act on it is allowed, afterwards each is refused.

The deadline is that of `YearEndRule`: by default 31 January.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest

from accounts.enums import ActorChannel, Role
from accounts.origin import Actor
from config.lib.dates import format_day
from config.lib.errors import PortalError
from config.lib.periods import at_local, period
from hours.actions.disputes import (
    answer_dispute,
    appeal_dispute,
    decide_dispute,
    open_dispute,
    report_missing,
    withdraw_dispute,
)
from hours.actions.ledger import post_hours
from hours.enums import AssessmentCause, DisputeState, DisputeVerdict
from hours.errors import LedgerError
from hours.models import Assessment, CreditEntry
from rolls.actions.attendance import record_attendance, submit_roll, withdraw_roll
from rolls.actions.device_marks import dismiss_mark, receive_marks
from rolls.actions.roll_stages import answer_reopening, ask_reopening, close_rolls
from rolls.actions.walk_ins import (
    WalkInFacts,
    match_walk_in,
    record_walk_in,
    remove_walk_in,
    unmatch_walk_in,
)
from rolls.enums import ReopeningAnswer
from rolls.hours_source import MARKS, ROLL
from rolls.models import Attendance
from studies.actions.studies import change_study, submit_study
from studies.actions.study_reviews import correct_participants, withdraw_study
from studies.errors import StudyError
from studies.models import Study
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import acting, correct_mark
from tests.hours.queries.test_requirements import verdict_of
from tests.refusals import refused
from trainees.actions.departures import record_departure, take_back_departure
from trainees.actions.people import (
    appoint_to_post,
    change_membership_status,
    end_exemption,
    end_post,
    grant_exemption,
    transfer_member,
)
from trainees.actions.register import order_merge, start_import
from trainees.enums import (
    DepartureKind,
    ExemptionCategory,
    ImportState,
    MembershipStatus,
    PostKind,
)
from trainees.models import Exemption, Post, RegisterImport

pytestmark = pytest.mark.django_db

PORTAL = Actor(None, ActorChannel.TASK)
HELD = date(2025, 12, 30)
MORNING, EVENING = at_local(HELD, 9), at_local(HELD, 21)
IN_TIME = at_local(date(2026, 1, 5), 9)
LAST_DAY, AFTER = at_local(date(2026, 1, 31), 9), at_local(date(2026, 2, 1), 9)


class December(factories.StudyWorld):
    """A school with a class session and a study on 30 December, and people of all roles."""

    def __init__(self) -> None:
        super().__init__(two_steps=False)
        self.member = self.member_with_account()
        self.office = acting(make_officer(Role.ORGANISATION_DEPARTMENT))
        self.academic = acting(make_officer(Role.DISTRICT_SCHOOL))
        self.training_class = factories.make_class(self.school)
        self.session = factories.make_session(self.training_class, starts_at=MORNING)
        factories.enrol(self.training_class, *self.members)
        self.by = acting(self.clerk)
        self.marks = {member.pk: "present" for member in self.members}

    def submit(self, at: datetime = EVENING) -> None:  # type: ignore[override]
        submit_roll(session_id=self.session.pk, marks=self.marks, seen={}, by=self.by, at=at)

    @property
    def line(self) -> Assessment:
        return Assessment.objects.filter(member=self.member).latest("version")

    def hand_in(self) -> Study:
        """A study of the evening of that day, which waits for its review."""
        return super().submit(self.record(held_on=HELD, at=EVENING), at=EVENING)

    def passed(self) -> Study:
        study = self.hand_in()
        self.review(study, self.clerk, at=EVENING)
        return Study.objects.get(pk=study.pk)

    def dispute(self) -> int:
        self.submit()
        own = acting(self.member.user)
        return open_dispute(assessment_id=self.line.pk, text="我到课", by=own, at=EVENING).pk

    def answered(self) -> int:
        dispute = self.dispute()
        self.answer(dispute, EVENING, DisputeVerdict.STANDS)
        return dispute

    def appealed(self) -> int:
        dispute = self.answered()
        appeal_dispute(dispute_id=dispute, text="不对", by=acting(self.member.user), at=EVENING)
        return dispute

    def answer(self, dispute: int, at: datetime, verdict: DisputeVerdict) -> None:
        answer_dispute(dispute_id=dispute, verdict=verdict, text="已核对", by=self.by, at=at)

    def correct(self, at: datetime, by: Actor | None = None) -> None:
        mark = Attendance.objects.get(member=self.member)
        correct_mark(mark, "absent", by=by or self.by, at=at)

    def walk_in(self, *, is_matched: bool = False) -> int:
        self.submit()
        stranger = factories.make_member(self.organisation, "王强")
        facts = WalkInFacts("王强")
        key = record_walk_in(session_id=self.session.pk, facts=facts, by=self.by, at=EVENING).pk
        self.stranger = stranger
        if is_matched:
            match_walk_in(walk_in_id=key, member_id=stranger.pk, by=self.by, at=EVENING)
        return key

    def reopening(self) -> int:
        self.submit()
        close_rolls(by=PORTAL, at=at_local(date(2026, 1, 25), 9))
        asked = ask_reopening(session_id=self.session.pk, reason="有误", by=self.by, at=LAST_DAY)
        return asked.pk


type Act = Callable[[datetime], object]


def submit_late(world: December) -> Act:
    return world.submit


def save_draft(world: December) -> Act:
    return lambda at: record_attendance(
        session_id=world.session.pk, marks=world.marks, seen={}, by=world.by, at=at
    )


def send_marks(world: December) -> Act:
    return lambda at: receive_marks(session_id=world.session.pk, marks=[], by=world.by, at=at)


def correct(world: December) -> Act:
    world.submit()
    return world.correct


def correct_in_dispute(world: December) -> Act:
    world.appealed()
    return lambda at: world.correct(at, world.office)


def take_back(world: December) -> Act:
    world.submit()
    return lambda at: withdraw_roll(session_id=world.session.pk, reason="误交", by=world.by, at=at)


def ask_to_reopen(world: December) -> Act:
    world.submit()
    close_rolls(by=PORTAL, at=at_local(date(2026, 1, 25), 9))
    return lambda at: ask_reopening(session_id=world.session.pk, reason="有误", by=world.by, at=at)


def reopen(world: December) -> Act:
    key = world.reopening()
    return lambda at: answer_reopening(
        reopening_id=key, answer=ReopeningAnswer.GRANTED, word="", by=world.academic, at=at
    )


def add_walk_in(world: December) -> Act:
    return lambda at: record_walk_in(
        session_id=world.session.pk, facts=WalkInFacts("王强"), by=world.by, at=at
    )


def match(world: December) -> Act:
    key = world.walk_in()
    return lambda at: match_walk_in(walk_in_id=key, member_id=world.stranger.pk, by=world.by, at=at)


def unmatch(world: December) -> Act:
    key = world.walk_in(is_matched=True)
    return lambda at: unmatch_walk_in(walk_in_id=key, reason="认错人", by=world.by, at=at)


def record(world: December) -> Act:
    return lambda at: world.record(held_on=HELD, at=at)


def change(world: December) -> Act:
    study = world.record(held_on=HELD, at=EVENING)
    facts = factories.StudyFacts(study.kind, "改", "", HELD, 60)
    return lambda at: change_study(
        study_id=study.pk,
        seen_version=study.version,
        facts=facts,
        member_ids=[world.member.pk],
        by=acting(world.secretary),
        at=at,
    )


def hand_in(world: December) -> Act:
    study = world.hand_in()
    world.review(study, world.clerk, reason="补充", at=EVENING)
    version = Study.objects.get(pk=study.pk).version
    return lambda at: submit_study(
        study_id=study.pk, seen_version=version, by=acting(world.secretary), at=at
    )


def review(world: December) -> Act:
    study = world.hand_in()
    return lambda at: world.review(study, world.clerk, at=at)


def correct_study(world: December) -> Act:
    study = world.passed()
    return lambda at: correct_participants(
        study_id=study.pk,
        seen_version=study.version,
        add=[],
        remove=[world.member.pk],
        reason="未到",
        by=world.by,
        at=at,
    )


def take_study_back(world: December) -> Act:
    study = world.passed()
    return lambda at: withdraw_study(
        study_id=study.pk, seen_version=study.version, reason="误登", by=world.by, at=at
    )


def dispute_line(world: December) -> Act:
    world.submit(IN_TIME)
    own = acting(world.member.user)
    return lambda at: open_dispute(assessment_id=world.line.pk, text="我到课", by=own, at=at)


def miss_study(world: December) -> Act:
    own = acting(world.member.user)
    return lambda at: report_missing(
        occurred_on=HELD, missing="学习", text="没有登记", by=own, at=at
    )


def appeal(world: December) -> Act:
    world.submit(IN_TIME)
    own = acting(world.member.user)
    key = open_dispute(assessment_id=world.line.pk, text="我到课", by=own, at=IN_TIME).pk
    world.answer(key, IN_TIME, DisputeVerdict.STANDS)
    return lambda at: appeal_dispute(dispute_id=key, text="不对", by=own, at=at)


def transfer(world: December) -> Act:
    other = factories.make_organisation(world.school, "第二党支部")
    return lambda at: transfer_member(
        member_id=world.member.pk, organisation=other, on=HELD, by=world.office, at=at
    )


def suspend(world: December) -> Act:
    return lambda at: change_membership_status(
        member_id=world.member.pk,
        membership_status=MembershipStatus.SUSPENDED,
        on=HELD,
        by=world.office,
        at=at,
    )


def appoint(world: December) -> Act:
    return lambda at: appoint_to_post(
        member_id=world.member.pk,
        organisation=world.organisation,
        kind=PostKind.COMMITTEE_MEMBER,
        on=HELD,
        by=world.office,
        at=at,
    )


def dismiss(world: December) -> Act:
    post = Post.objects.get()
    return lambda at: end_post(
        member_id=post.member_id, post_id=post.pk, on=HELD, by=world.office, at=at
    )


def exempt(world: December) -> Act:
    return lambda at: grant_exemption(
        member_id=world.member.pk,
        category=ExemptionCategory.FRAIL,
        days=period(HELD),
        by=world.office,
        at=at,
    )


def stop_exempting(world: December) -> Act:
    factories.exempt(world.member)
    exemption = Exemption.objects.get()
    return lambda at: end_exemption(
        member_id=world.member.pk, exemption_id=exemption.pk, on=HELD, by=world.office, at=at
    )


def leave(world: December) -> Act:
    return lambda at: record_departure(
        member_id=world.member.pk,
        kind=DepartureKind.DEATH,
        on=HELD,
        document="",
        by=world.office,
        at=at,
    )


def come_back(world: December) -> Act:
    leave(world)(IN_TIME)
    key = world.member.departures.get().pk
    return lambda at: take_back_departure(departure_id=key, reason="误登", by=world.office, at=at)


def upload(world: December) -> Act:
    return lambda at: start_import(
        data="党组织,姓名\n".encode(),
        file_name="名册.csv",
        media_type="text/csv",
        as_of=HELD,
        by=world.office,
        at=at,
    )


def apply_import(world: December) -> Act:
    upload(world)(IN_TIME)
    RegisterImport.objects.update(state=ImportState.READY, job=None)
    key = RegisterImport.objects.get().pk
    return lambda at: order_merge(register_id=key, leave_out_refused=False, by=world.office, at=at)


ACTS = [
    submit_late, save_draft, send_marks, correct, correct_in_dispute, take_back, ask_to_reopen,
    reopen, add_walk_in, match, unmatch, record, change, hand_in, review, correct_study,
    take_study_back, dispute_line, miss_study, appeal, transfer, suspend, appoint, dismiss, exempt,
    stop_exempting, leave, come_back, upload, apply_import,
]  # fmt: skip


@pytest.mark.parametrize("prepare", ACTS, ids=lambda prepare: prepare.__name__)
def test_an_act_on_last_year_has_the_year_s_deadline(prepare):
    world = December()
    act = prepare(world)
    entries = CreditEntry.objects.count()
    verdicts = [verdict_of(member, 2025, AFTER.date()) for member in world.members]

    with refused(PortalError) as caught:
        act(AFTER)

    assert format_day(date(2026, 1, 31)) in str(caught.value)
    assert CreditEntry.objects.count() == entries
    assert [verdict_of(member, 2025, AFTER.date()) for member in world.members] == verdicts
    act(LAST_DAY)


def test_a_fact_of_last_year_moves_its_verdict():
    world = December()
    assert verdict_of(world.member, 2025, LAST_DAY.date()).owed == 32

    exempt(world)(LAST_DAY)

    assert verdict_of(world.member, 2025, LAST_DAY.date()).owed == 29.5


def test_a_dispute_is_still_answered_but_not_by_a_correction():
    world = December()
    dispute = world.dispute()

    with refused(PortalError) as caught:
        world.answer(dispute, AFTER, DisputeVerdict.CORRECTED)
    assert format_day(date(2026, 1, 31)) in str(caught.value)
    world.answer(dispute, AFTER, DisputeVerdict.STANDS)


def test_an_appeal_is_still_decided_but_not_by_a_correction():
    world = December()
    key = world.appealed()
    values: dict[str, Any] = {"dispute_id": key, "text": "已核对", "by": world.office}

    with refused(PortalError) as caught:
        decide_dispute(verdict=DisputeVerdict.CORRECTED, at=AFTER, **values)
    assert format_day(date(2026, 1, 31)) in str(caught.value)
    entry = decide_dispute(verdict=DisputeVerdict.STANDS, at=AFTER, **values)
    assert entry.dispute.state == DisputeState.DECIDED


def test_what_was_corrected_in_time_is_answered_so_afterwards():
    world = December()
    dispute = world.dispute()
    world.correct(LAST_DAY)

    world.answer(dispute, AFTER, DisputeVerdict.CORRECTED)


def test_acts_that_move_no_hours_go_on():
    world = December()
    dispute, key = world.dispute(), None
    study = world.hand_in()
    facts = WalkInFacts("王强")
    key = record_walk_in(session_id=world.session.pk, facts=facts, by=world.by, at=EVENING).pk
    receipt = factories.make_refused_mark(world.session, world.member, world.clerk)

    withdraw_dispute(dispute_id=dispute, by=acting(world.member.user), at=AFTER)
    world.review(study, world.clerk, reason="已过期", at=AFTER)
    remove_walk_in(walk_in_id=key, reason="在名单上", by=world.by, at=AFTER)
    dismiss_mark(receipt_id=receipt.pk, reason="已核对", by=world.by, at=AFTER)
    assert not CreditEntry.objects.filter(posted_at=AFTER).exists()


def test_a_request_to_reopen_can_still_be_refused():
    world = December()
    key = world.reopening()

    asked = answer_reopening(
        reopening_id=key,
        answer=ReopeningAnswer.REFUSED,
        word="已过期",
        by=world.academic,
        at=AFTER,
    )
    assert asked.answer == ReopeningAnswer.REFUSED


def test_an_act_of_this_year_moves_nothing_of_a_settled_one():
    """Study after midnight covers minutes of the night's class: without it, December would grow."""
    world = December()
    night = at_local(date(2025, 12, 31), 22)
    session = factories.make_session(world.training_class, starts_at=night, hours="2")
    new_year = date(2026, 1, 1)
    study = world.record(held_on=new_year, starts_at=time(0), at=IN_TIME)
    super(December, world).submit(study, at=IN_TIME)
    world.review(study, world.clerk, at=IN_TIME)
    submit_roll(session_id=session.pk, marks=world.marks, seen={}, by=world.by, at=IN_TIME)
    done = verdict_of(world.member, 2025, AFTER.date()).done
    assert done < 2
    version = Study.objects.get(pk=study.pk).version
    values: dict[str, Any] = {"study_id": study.pk, "seen_version": version, "reason": "误登"}

    with refused(StudyError):
        withdraw_study(by=world.by, at=AFTER, **values)

    assert verdict_of(world.member, 2025, AFTER.date()).done == done
    withdraw_study(by=world.by, at=LAST_DAY, **values)
    assert verdict_of(world.member, 2025, AFTER.date()).done == 2


def test_the_ledger_itself_posts_nothing_to_a_settled_year():
    world = December()
    world.submit()
    values = {"session": world.session.pk, "marked": [world.member.pk], "is_withdrawn": True}
    claim: dict[str, Any] = {
        "claims": MARKS + ROLL.claim,
        "values": values,
        "members": [world.member.pk],
        "days": [HELD],
        "cause": AssessmentCause.WITHDRAWN,
        "reason": "误交",
        "by": world.clerk,
    }

    with refused(LedgerError):
        post_hours(at=AFTER, **claim)
    assert post_hours(at=LAST_DAY, **claim).hours == 0

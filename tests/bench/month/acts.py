"""The acts of the month. Each picks its subject by chance, and does one action of the portal.

An act returns False where there is nothing to do it on. What people may not do is refused, as it
would be on a page that was opened a while ago.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from stdnum.cn import ric

from accounts.enums import Role
from accounts.models import User
from classes.actions.enrolments import enrol_members, enrol_self, withdraw_member, withdraw_self
from classes.actions.leaves import answer_leave, ask_leave
from classes.enums import LeaveAnswer, RollState
from classes.models import Enrolment, LeaveRequest, Roll
from config.lib.periods import in_force, local_date, period
from courses.models import Session
from hours.actions.disputes import (
    answer_dispute,
    appeal_dispute,
    decide_dispute,
    open_dispute,
    report_missing,
    withdraw_dispute,
)
from hours.enums import DisputeState, DisputeVerdict
from hours.models import Assessment, Dispute
from rolls.actions.attendance import (
    correct_attendance,
    record_attendance,
    submit_roll,
    withdraw_roll,
)
from rolls.actions.roll_stages import answer_reopening, ask_reopening, close_rolls
from rolls.actions.walk_ins import WalkInFacts, match_walk_in, record_walk_in, unmatch_walk_in
from rolls.enums import AttendanceStatus, ReopeningAnswer
from rolls.models import Attendance, RollReopening, WalkIn
from studies.actions.studies import StudyFacts, discard_study, record_study, submit_study
from studies.actions.study_reviews import correct_participants, review_study, withdraw_study
from studies.enums import DECLARED_KINDS, StudyKind, StudyState
from studies.models import Study
from tests.bench.month.people import Cast, Place, acting
from trainees.actions.departures import record_departure, return_member, take_back_departure
from trainees.actions.member_merges import (
    merge_members,
    propose_merge,
    refuse_merge,
    undo_merge,
)
from trainees.actions.new_members import PersonFacts, add_member
from trainees.actions.people import (
    appoint_to_post,
    change_membership_status,
    end_exemption,
    end_post,
    grant_exemption,
    record_full_membership,
    transfer_member,
)
from trainees.enums import (
    DepartureKind,
    ExemptionCategory,
    MembershipStatus,
    MergeState,
    PostKind,
)
from trainees.models import Departure, Exemption, Member, MemberMerge, Membership, Post

MARKS = ["present"] * 7 + ["late", "on_leave", "absent"]
WHY = "核对签到表"
BRANCH_STUDY = (StudyKind.THEMED_DAY, StudyKind.BRANCH_MEETING, StudyKind.ACTIVITY)


@dataclass
class Chance:
    """One act about to be done: where, when, and by whose luck."""

    cast: Cast
    place: Place
    rng: Random
    at: datetime

    @property
    def on(self) -> date:
        return local_date(self.at)

    def clerk(self) -> dict[str, Any]:
        return self.by(self.rng.choice(self.place.clerks))

    def officer(self) -> dict[str, Any]:
        return self.by(self.rng.choice(self.cast.officers))

    def account(self) -> User:
        return self.rng.choice(self.place.accounts)

    def by(self, user: User | None) -> dict[str, Any]:
        return {"by": acting(user), "at": self.at}

    def pick[T](self, rows: QuerySet[Any, T] | Iterable[T]) -> T | None:
        """One of the first rows, in the order of their keys."""
        if isinstance(rows, QuerySet):
            rows = rows.order_by("pk")[:400]
        found = list(rows)
        return self.rng.choice(found) if found else None

    def member(self) -> int:
        """Most acts meet the same few people."""
        members = self.place.members
        return self.rng.choice(members[:30] if self.rng.random() < 0.5 else members)

    def organisation(self) -> Any:
        return self.rng.choice(self.place.organisations)

    def day(self, back: int = 40) -> date:
        """A day up to now; one in twenty is of the year before, which is settled."""
        back = 700 if self.rng.random() < 0.05 else back
        return self.on - timedelta(days=self.rng.randrange(back))

    def session(self) -> Session | None:
        rows = Session.objects.filter(pk__in=self.place.sessions, held_on__lte=self.on)
        return self.pick(rows)

    def studies(self, *states: StudyState) -> QuerySet[Study]:
        return Study.objects.filter(
            organisation__in=self.place.organisations,
            state__in=states,
            recorded_at__gte=self.cast.begins,
        )


# --- rolls


def submit(a: Chance) -> bool:
    session = a.session()
    if session is None:
        return False
    roster = Enrolment.objects.of_session(session).order_by("member")
    members = list(roster.values_list("member", flat=True))
    marks = {key: a.rng.choice(MARKS) for key in members}
    submit_roll(session_id=session.pk, marks=marks, seen=_seen(session), **a.clerk())
    return True


def save_draft(a: Chance) -> bool:
    session = a.session()
    if session is None:
        return False
    roster = Enrolment.objects.of_session(session).order_by("member")
    some = list(roster.values_list("member", flat=True))[: a.rng.randrange(1, 12)]
    seen = _seen(session)
    marks = {key: a.rng.choice(MARKS) for key in some}
    record_attendance(session_id=session.pk, marks=marks, seen=seen, **a.clerk())
    return True


def _seen(session: Session) -> dict[int, str]:
    marks = Attendance.objects.current().filter(session=session)
    return dict(marks.values_list("member", "status"))


def correct(a: Chance) -> bool:
    mark = a.pick(_submitted(a, Attendance.objects.current()))
    if mark is None:
        return False
    correct_attendance(
        attendance_id=mark.pk,
        seen_version=mark.version,
        new_status=a.rng.choice([s for s in AttendanceStatus.values if s != mark.status]),
        reason=WHY,
        **a.clerk(),
    )
    return True


def _submitted(a: Chance, marks: Any) -> Any:
    session = a.pick(Roll.objects.filter(session__in=a.place.sessions, state=RollState.SUBMITTED))
    return marks.filter(session=session.session_id) if session else marks.none()


def take_back(a: Chance) -> bool:
    rolls = Roll.objects.filter(session__in=a.place.sessions, state=RollState.SUBMITTED)
    roll = a.pick(rolls.filter(closed_at=None))
    if roll is None:
        return False
    withdraw_roll(session_id=roll.session_id, reason=WHY, **a.clerk())
    return True


def close(a: Chance) -> bool:
    close_rolls(**a.by(None))
    return True


def ask_to_reopen(a: Chance) -> bool:
    roll = a.pick(Roll.objects.filter(session__in=a.place.sessions, closed_at__isnull=False))
    if roll is None:
        return False
    ask_reopening(session_id=roll.session_id, reason=WHY, **a.clerk())
    return True


def reopen(a: Chance) -> bool:
    asked = a.pick(RollReopening.objects.filter(answer="", roll__session__in=a.place.sessions))
    if asked is None:
        return False
    answer = a.rng.choice([ReopeningAnswer.GRANTED] * 3 + [ReopeningAnswer.REFUSED])
    by = a.by(a.cast.district_school)
    answer_reopening(reopening_id=asked.pk, answer=answer, word="已核对", **by)
    return True


def write_walk_in(a: Chance) -> bool:
    session = a.session()
    if session is None:
        return False
    record_walk_in(session_id=session.pk, facts=WalkInFacts("王建国"), **a.clerk())
    return True


def match(a: Chance) -> bool:
    walk_in = a.pick(WalkIn.objects.filter(session__in=a.place.sessions, member=None))
    if walk_in is None:
        return False
    match_walk_in(walk_in_id=walk_in.pk, member_id=a.member(), **a.clerk())
    return True


def unmatch(a: Chance) -> bool:
    matched = WalkIn.objects.filter(session__in=a.place.sessions, member__isnull=False)
    walk_in = a.pick(matched)
    if walk_in is None:
        return False
    unmatch_walk_in(walk_in_id=walk_in.pk, reason=WHY, **a.clerk())
    return True


# --- disputes


def dispute(a: Chance) -> bool:
    user = a.account()
    lines = Assessment.objects.filter(member__user=user, credit_year=a.on.year)
    later = lines.filter(
        source=OuterRef("source"), owner=OuterRef("owner"), occurred_on=OuterRef("occurred_on"),
        version__gt=OuterRef("version"),
    )  # fmt: skip
    # Older ones may not be disputed any more.
    line = a.pick(list(lines.exclude(Exists(later)).order_by("-pk")[:4]))
    if line is None:
        return False
    open_dispute(assessment_id=line.pk, text="我到了", **a.by(user))
    return True


def miss(a: Chance) -> bool:
    by = a.by(a.account())
    report_missing(occurred_on=a.day(), missing="支部学习", text="没有记", **by)
    return True


def _disputes(a: Chance, *states: DisputeState) -> QuerySet[Dispute]:
    return Dispute.objects.filter(school=a.place.school, state__in=states)


def answer(a: Chance) -> bool:
    row = a.pick(_disputes(a, DisputeState.OPEN))
    if row is None:
        return False
    by = a.clerk()
    verdict = _give_in(a, row, by)
    answer_dispute(dispute_id=row.pk, verdict=verdict, text="按签到表", **by)
    return True


def _give_in(a: Chance, row: Dispute, by: dict[str, Any]) -> str:
    """The verdict; at times the disputed mark is corrected first, as the member wants it."""
    if row.assessment is None or a.rng.random() < 0.4:
        return DisputeVerdict.STANDS
    marks = Attendance.objects.filter(
        session__roll__source=row.assessment.source_id, member=row.assessment.owner_id
    )
    mark = marks.first()
    if mark is None:
        return DisputeVerdict.STANDS
    correct_attendance(
        attendance_id=mark.pk,
        seen_version=mark.version,
        new_status="present" if mark.status != "present" else "late",
        reason=WHY,
        **by,
    )
    return DisputeVerdict.CORRECTED


def appeal(a: Chance) -> bool:
    answered = _disputes(a, DisputeState.ANSWERED).filter(member__user__isnull=False)
    row = a.pick(answered.select_related("member__user"))
    if row is None:
        return False
    appeal_dispute(dispute_id=row.pk, text="不同意", **a.by(row.member.user))
    return True


def decide(a: Chance) -> bool:
    row = a.pick(_disputes(a, DisputeState.APPEALED))
    if row is None:
        return False
    by = a.officer()
    verdict = _give_in(a, row, by)
    decide_dispute(dispute_id=row.pk, verdict=verdict, text="已查实", **by)
    return True


def drop_dispute(a: Chance) -> bool:
    user = a.account()
    row = a.pick(Dispute.objects.of_account(user))
    if row is None:
        return False
    withdraw_dispute(dispute_id=row.pk, **a.by(user))
    return True


# --- studies


def record(a: Chance) -> bool:
    organisation = a.organisation()
    # Half of the study is on the day of a class, with its trainees: times overlap, and caps cut.
    session = a.session() if a.rng.random() < 0.5 else None
    day = session.held_on if session else a.day()
    belonging = Membership.objects.filter(in_force(day), organisation=organisation)
    there = list(belonging.order_by("member").values_list("member", flat=True))
    if not there:
        return False
    chosen = set(a.rng.sample(there, min(len(there), a.rng.randrange(1, 9))))
    guests = {a.member()} if a.rng.random() < 0.2 else set()
    if session is not None:
        roster = Enrolment.objects.of_session(session).order_by("member")
        trainees = list(roster.values_list("member", flat=True))
        guests |= set(a.rng.sample(trainees, min(len(trainees), 6)))
    record_study(
        organisation=organisation,
        facts=_facts(a, a.rng.choice(BRANCH_STUDY), day),
        member_ids=chosen | guests,
        guest_ids=guests - set(there),
        **a.clerk(),
    )
    return True


def _facts(a: Chance, kind: StudyKind, day: date) -> StudyFacts:
    days = a.rng.choice((1, 1, 1, 2))
    return StudyFacts(
        kind=kind,
        topic="学习二十大精神",
        place="",
        held_on=day - timedelta(days=days - 1),
        days=days,
        starts_at=a.rng.choice((None, time(8), time(9, 30), time(14), time(19), time(22, 30))),
        minutes=a.rng.choice((10, 20, 45, 60, 90, 120, 240, 300, 480)),
    )


def declare(a: Chance) -> bool:
    kind = a.rng.choice(DECLARED_KINDS)
    user = a.account()
    is_own = a.rng.random() < 0.5
    own = Member.objects.filter(user=user).values_list("pk", flat=True).first()
    member = own if is_own else a.member()
    if member is None:
        return False
    by = a.by(user) if is_own else a.clerk()
    facts = _facts(a, kind, a.day())
    record_study(organisation=None, facts=facts, member_ids=[member], **by)
    return True


def hand_in(a: Chance) -> bool:
    study = a.pick(a.studies(StudyState.DRAFT).select_related("recorded_by"))
    if study is None:
        return False
    submit_study(study_id=study.pk, seen_version=study.version, **a.by(study.recorded_by))
    return True


def discard(a: Chance) -> bool:
    study = a.pick(a.studies(StudyState.DRAFT).select_related("recorded_by"))
    if study is None:
        return False
    discard_study(study_id=study.pk, seen_version=study.version, **a.by(study.recorded_by))
    return True


def review(a: Chance) -> bool:
    study = a.pick(a.studies(StudyState.SUBMITTED, StudyState.CHECKED))
    if study is None:
        return False
    commissioners = User.objects.filter(role_grants__role=Role.ORGANISATION_COMMISSIONER)
    others = [*a.place.reviewers, *commissioners.order_by("pk")]
    able = [
        user
        for user in others
        if Study.objects.to_review_by(user, a.on).filter(pk=study.pk).exists()
    ]
    review_study(
        study_id=study.pk,
        seen_version=study.version,
        passes=a.rng.random() < 0.85,
        reason=WHY,
        **a.by(a.rng.choice(able or others)),
    )
    return True


def correct_study(a: Chance) -> bool:
    study = a.pick(a.studies(StudyState.APPROVED).exclude(kind__in=DECLARED_KINDS))
    if study is None:
        return False
    there = sorted(study.participants.values_list("member", flat=True))
    by = a.by(a.rng.choice([c for c in a.place.reviewers if c.pk != study.recorded_by_id]))
    add = [a.member()] if a.rng.random() < 0.6 else []
    remove = [] if add else [a.rng.choice(there)]
    correct_participants(
        study_id=study.pk,
        seen_version=study.version,
        add=add,
        remove=remove,
        guest_ids=add,
        reason=WHY,
        **by,
    )
    return True


def take_study_back(a: Chance) -> bool:
    study = a.pick(a.studies(StudyState.APPROVED))
    if study is None:
        return False
    by = a.by(a.rng.choice([c for c in a.place.reviewers if c.pk != study.recorded_by_id]))
    withdraw_study(study_id=study.pk, seen_version=study.version, reason=WHY, **by)
    return True


# --- members and their facts


def transfer(a: Chance) -> bool:
    where = {"organisation": a.organisation(), "on": a.day() + timedelta(days=20)}
    transfer_member(member_id=a.member(), **where, **a.officer())
    return True


def change_standing(a: Chance) -> bool:
    standing = a.rng.choice(MembershipStatus.values)
    facts: dict[str, Any] = {"membership_status": standing, "on": a.day(200)}
    change_membership_status(member_id=a.member(), **facts, **a.officer())
    return True


def appoint(a: Chance) -> bool:
    kind = a.rng.choice(list(PostKind))
    facts = {"organisation": a.organisation(), "kind": kind, "on": a.day(300)}
    appoint_to_post(member_id=a.member(), **facts, **a.officer())
    return True


def release(a: Chance) -> bool:
    post = a.pick(Post.objects.filter(in_force(a.on), organisation__in=a.place.organisations))
    if post is None:
        return False
    end_post(member_id=post.member_id, post_id=post.pk, on=a.day(60), **a.officer())
    return True


def exempt(a: Chance) -> bool:
    start = a.day(300)
    end = start + timedelta(days=a.rng.choice((1, 40, 200))) if a.rng.random() < 0.7 else None
    facts = {"category": a.rng.choice(list(ExemptionCategory)), "days": period(start, end)}
    grant_exemption(member_id=a.member(), **facts, **a.officer())
    return True


def end_relief(a: Chance) -> bool:
    row = a.pick(Exemption.objects.filter(in_force(a.on), member__in=a.place.members))
    if row is None:
        return False
    end_exemption(member_id=row.member_id, exemption_id=row.pk, on=a.day(60), **a.officer())
    return True


def make_full(a: Chance) -> bool:
    row = a.pick(Member.objects.filter(pk__in=a.place.members, full_member_on=None))
    record_full_membership(member_id=row.pk if row else a.member(), on=a.day(), **a.officer())
    return True


def add(a: Chance) -> bool:
    born = date(1960, 1, 1) + timedelta(days=a.rng.randrange(15_000))
    number = f"120111{born:%Y%m%d}{a.rng.randrange(1000):03}"
    membership = add_member(
        facts=PersonFacts("李明", number + ric.calc_check_digit(number + "0")),
        organisation=a.organisation(),
        membership_status=MembershipStatus.NORMAL,
        on=a.day(),
        **a.officer(),
    )
    a.place.members.append(membership.member_id)
    return True


def leave(a: Chance) -> bool:
    kind = a.rng.choice(list(DepartureKind))
    record_departure(member_id=a.member(), kind=kind, on=a.day(), document="津组", **a.officer())
    return True


def take_leaving_back(a: Chance) -> bool:
    row = a.pick(Departure.objects.filter(member__in=a.place.members, taken_back_at=None))
    if row is None:
        return False
    take_back_departure(departure_id=row.pk, reason="误报", **a.officer())
    return True


def come_back(a: Chance) -> bool:
    row = a.pick(Departure.objects.filter(member__in=a.place.members, taken_back_at=None))
    if row is None:
        return False
    return_member(
        member_id=row.member_id,
        organisation=a.organisation(),
        membership_status=MembershipStatus.NORMAL,
        on=a.day(10),
        **a.officer(),
    )
    return True


# --- rows of one person


def propose(a: Chance) -> bool:
    rows = {"kept_id": a.member(), "given_up_id": a.member()}
    propose_merge(**rows, reason="同一人", **a.officer())
    return True


def _merges(a: Chance, state: MergeState) -> MemberMerge | None:
    ours = Q(kept__in=a.place.members) | Q(given_up__in=a.place.members)
    return a.pick(MemberMerge.objects.filter(ours, state=state))


def merge(a: Chance) -> bool:
    row = _merges(a, MergeState.PROPOSED)
    if row is None:
        return False
    merge_members(merge_id=row.pk, **a.officer())
    return True


def refuse(a: Chance) -> bool:
    row = _merges(a, MergeState.PROPOSED)
    if row is None:
        return False
    refuse_merge(merge_id=row.pk, answer="两个人", **a.officer())
    return True


def take_apart(a: Chance) -> bool:
    row = _merges(a, MergeState.DONE)
    if row is None:
        return False
    undo_merge(merge_id=row.pk, reason="两个人", **a.officer())
    return True


# --- rosters


def _class_of(a: Chance, **which: Any) -> int | None:
    ahead = Session.objects.filter(pk__in=a.place.sessions, starts_at__gt=a.at)
    session = a.pick(ahead.filter(**which))
    return session and session.training_class_id


def enrol(a: Chance) -> bool:
    key = _class_of(a)
    if key is None:
        return False
    members = {a.member() for _ in range(a.rng.randrange(1, 4))}
    enrol_members(training_class_id=key, member_ids=members, **a.clerk())
    return True


def withdraw(a: Chance) -> bool:
    key = _class_of(a)
    line = a.pick(Enrolment.objects.filter(training_class=key))
    if line is None:
        return False
    withdraw_member(training_class_id=key, member_id=line.member_id, reason=WHY, **a.clerk())
    return True


def join(a: Chance) -> bool:
    key = _class_of(a, number=1, training_class__is_open=True)
    if key is None:
        return False
    enrol_self(training_class_id=key, **a.by(a.account()))
    return True


def step_back(a: Chance) -> bool:
    key = _class_of(a, number=1, training_class__is_open=True)
    lines = Enrolment.objects.filter(training_class=key, member__user__in=a.place.accounts)
    line = a.pick(lines.select_related("member__user"))
    if line is None:
        return False
    withdraw_self(training_class_id=key, **a.by(line.member.user))
    return True


def beg_leave(a: Chance) -> bool:
    ahead = Session.objects.filter(pk__in=a.place.sessions, starts_at__gt=a.at)
    with_account = Enrolment.objects.filter(
        training_class__sessions__in=ahead, member__user__isnull=False
    )
    line = a.pick(with_account.select_related("member__user"))
    if line is None:
        return False
    session = a.pick(ahead.filter(training_class=line.training_class_id))
    if session is None:
        return False
    ask_leave(session_id=session.pk, reason="出差", **a.by(line.member.user))
    return True


def answer_beggar(a: Chance) -> bool:
    row = a.pick(LeaveRequest.objects.filter(session__in=a.place.sessions, answer=""))
    if row is None:
        return False
    given = a.rng.choice((LeaveAnswer.ACCEPTED, LeaveAnswer.REFUSED))
    answer_leave(leave_id=row.pk, answer=given, word="知道了", **a.clerk())
    return True


type Act = Callable[[Chance], bool]

# How often each is drawn, beside the others.
ACTS: dict[Act, int] = {
    submit: 10, save_draft: 3, correct: 10, take_back: 4, close: 1, ask_to_reopen: 2, reopen: 3,
    write_walk_in: 2, match: 3, unmatch: 2,
    dispute: 5, miss: 1, answer: 4, appeal: 3, decide: 3, drop_dispute: 1,
    record: 9, declare: 6, hand_in: 14, discard: 1, review: 16, correct_study: 5,
    take_study_back: 2,
    transfer: 4, change_standing: 2, appoint: 3, release: 2, exempt: 3, end_relief: 2,
    make_full: 1, add: 2, leave: 2, take_leaving_back: 1, come_back: 1,
    propose: 4, merge: 4, refuse: 1, take_apart: 2,
    enrol: 4, withdraw: 2, join: 2, step_back: 1, beg_leave: 2, answer_beggar: 2,
}  # fmt: skip

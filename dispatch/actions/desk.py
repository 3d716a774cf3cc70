"""What the district does with booking letters: ask, decline, schedule, engage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import refuse_own_accounts
from accounts.models import User
from accounts.origin import Actor, person_of
from accounts.records import RecordError, lock_row, message_for
from config.lib.dates import format_moment
from config.lib.periods import end_of_day, local_date
from courses.actions import list_meetings
from courses.enums import Preset
from courses.models import Course, Session
from dispatch.actions.letters import end_letter, release_venue, withdraw_engagements
from dispatch.actions.steps import lock_letter, lock_session, name_lecturer, take_step
from dispatch.checks import Finding
from dispatch.enums import AT_THE_DESK, LIVE_STATES, EngagementState, LetterStage
from dispatch.errors import BookingError, DispatchError, EngagementError, StaleError
from dispatch.models import (
    BookingLetter,
    Engagement,
    EngagementOverride,
)
from dispatch.notices import tell_of_lecturer, tell_of_owner, tell_of_proposals
from dispatch.permissions import dispatches
from dispatch.queries.candidates import check_letter, find_candidate
from dispatch.queries.letters import (
    find_last_change,
    find_session,
    token_of_schedule,
    token_of_session,
)
from dispatch.queries.rules import find_booking_rule
from instructors.models import Instructor

_ON_THE_WAY = AT_THE_DESK | {LetterStage.SCHEDULED}
_ENGAGING = {LetterStage.SCHEDULED, LetterStage.CONFIRMED}


@dataclass(frozen=True)
class Schedule:
    """When a letter is taught: the first day, the time of the first session, a course per item."""

    first_day: date
    begins_at: time | None
    courses: Sequence[Course]


def take_letter(*, letter_id: int, by: Actor, at: datetime) -> None:
    """From now on the officer works on this letter, which nobody works on yet.

    To take one's own letter again changes nothing. Raises PermissionDenied and BookingError,
    StaleError if a colleague works on it.
    """
    with transaction.atomic():
        letter = _lock(letter_id, _ON_THE_WAY | {LetterStage.CONFIRMED}, by)
        if letter.owner == by.user:
            return
        if letter.owner is not None:
            text = _("%(who)s works on the letter by now.")
            raise StaleError(text % {"who": letter.owner.display_name})
        _give_to(letter, person_of(by), "take_letter", by, at)


def hand_over_letter(
    *, letter_id: int, to_id: int, seen_owner: str, by: Actor, at: datetime
) -> BookingLetter:
    """A colleague works on the letter from now on, or the actor in place of one; both are told.

    `seen_owner` is the key of whom the page named. Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = _lock(letter_id, _ON_THE_WAY | {LetterStage.CONFIRMED}, by)
        former, to = letter.owner, User.objects.filter(pk=to_id, is_active=True).first()
        if to is None or not dispatches(to):
            raise BookingError(_("This person does not dispatch any more."), "owner")
        if str(letter.owner_id or "") != seen_owner:
            who = former.display_name if former else _("nobody")
            raise StaleError(_("%(who)s works on the letter by now.") % {"who": who})
        if former == to:
            raise BookingError(_("This person works on the letter already."), "owner")
        _give_to(letter, to, "hand_over_letter", by, at)
        tell_of_owner(letter, [former, to], by=person_of(by), at=at)
    return letter


def _give_to(letter: BookingLetter, owner: User, act: str, by: Actor, at: datetime) -> None:
    before = {"owner": letter.owner_id}
    letter.owner = owner
    letter.save(update_fields=["owner"])
    record_act(
        act=act,
        obj=letter,
        by=by,
        at=at,
        school_code=letter.school.code,
        before=before,
        after={"owner": letter.owner_id},
    )


def _lock_to_work(
    letter_id: int, stages: Collection[LetterStage], by: Actor, at: datetime
) -> BookingLetter:
    """The letter, locked; who works on one that is nobody's works on it from now on."""
    letter = _lock(letter_id, stages, by)
    if letter.owner_id is None:
        _give_to(letter, person_of(by), "take_letter", by, at)
    return letter


def ask_school(*, letter_id: int, question: str, by: Actor, at: datetime) -> None:
    """Ask the school about its letter. Raises PermissionDenied and BookingError."""
    with transaction.atomic():
        letter = _lock_to_work(letter_id, AT_THE_DESK, by, at)
        take_step(letter, LetterStage.INQUIRY, act="ask_school", by=by, at=at, word=question)


def decline_letter(*, letter_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Decline a letter with a reason. Raises PermissionDenied and BookingError."""
    with transaction.atomic():
        letter = _lock(letter_id, _ON_THE_WAY, by)
        end_letter(letter, LetterStage.DECLINED, reason, act="decline_letter", by=by, at=at)


def schedule_letter(
    *,
    letter_id: int,
    schedule: Schedule,
    reason: str = "",
    seen: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Set when the letter is taught: its engagements are drafted, without lecturers yet.

    A schedule that stands is replaced; a reason is due then, because lecturers may know of it, and
    where a warning of the letter is overridden. `seen` is the `token_of_schedule` that the form
    began with. Raises PermissionDenied and BookingError, StaleError where another stands by now.
    """
    with transaction.atomic():
        letter = _lock_to_work(letter_id, _ON_THE_WAY, by, at)
        if seen and seen != token_of_schedule(letter):
            raise _stale(letter)
        if letter.venue is not None:
            lock_row(letter.venue, no_key=True)
        former = list(letter.engagements.live().select_for_update(of=("self",)).order_by("pk"))
        if former and not reason.strip():
            raise BookingError(_("Say why the schedule changes."), "reason")
        withdraw_engagements(former, reason, by=by, at=at)
        release_venue(letter)
        for engagement in _draft(letter, schedule, at):
            store(engagement)
        findings = check_letter(letter)
        _weigh(findings, reason, BookingError, "first_day")
        take_step(
            letter,
            LetterStage.SCHEDULED,
            act="schedule_letter",
            by=by,
            at=at,
            word=reason,
            warnings=[finding.text for finding in findings],
            facts={"first_day": schedule.first_day},
        )


def _draft(letter: BookingLetter, schedule: Schedule, at: datetime) -> list[Engagement]:
    """The engagements of a schedule, one for each session. Raises BookingError."""
    try:
        meetings = list_meetings(
            preset=Preset(letter.preset),
            courses=schedule.courses,
            first_day=schedule.first_day,
            begins_at=schedule.begins_at,
        )
    except RecordError as error:
        raise BookingError(error.message, error.field) from error
    if meetings[0].starts_at <= at:
        raise BookingError(_("A class is scheduled before it begins."), "first_day")
    return [
        Engagement(
            letter=letter,
            number=meeting.number,
            course=meeting.course,
            venue=letter.venue,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            hours=meeting.hours,
        )
        for meeting in meetings
    ]


def engage_lecturer(
    *,
    letter_id: int,
    number: int,
    instructor_id: int,
    reason: str = "",
    seen: str | None = None,
    is_urgent: bool = False,
    by: Actor,
    at: datetime,
) -> Engagement:
    """Put a lecturer into the draft of the plan for session `number`; the next release proposes it.

    What `is_urgent` is proposed at once, and no other draft with it. A lecturer whom a check blocks
    is refused; a warning is overridden by a reason, which is kept. Where a lecturer was proposed or
    accepted before, this is a substitution: the former engagement is withdrawn with the reason.
    `seen` is the `token_of_session` that the form began with. Raises PermissionDenied, BookingError
    (StaleError if something else stands) and EngagementError.
    """
    with transaction.atomic():
        letter = _lock_to_work(letter_id, _ENGAGING, by, at)
        _require_unchanged(letter, number, seen)
        (engagement,) = _engage(letter, [number], instructor_id, reason, by=by, at=at)
        if is_urgent:
            _propose_now([engagement], by, at)
    return engagement


def engage_for_letter(
    *,
    letter_id: int,
    numbers: Collection[int],
    instructor_id: int,
    reason: str = "",
    seen: str | None = None,
    is_urgent: bool = False,
    by: Actor,
    at: datetime,
) -> list[Engagement]:
    """Put one lecturer into the draft for several sessions of a letter, as `engage_lecturer` does.

    Each session is checked with those before it; what blocks one refuses all. `seen` is the
    `token_of_schedule` that the form began with. Raises like `engage_lecturer`.
    """
    with transaction.atomic():
        letter = _lock_to_work(letter_id, _ENGAGING, by, at)
        if seen and seen != token_of_schedule(letter):
            raise _stale(letter)
        if not numbers:
            raise EngagementError(_("Choose at least one session."), "numbers")
        engagements = _engage(letter, sorted(set(numbers)), instructor_id, reason, by=by, at=at)
        if is_urgent:
            _propose_now(engagements, by, at)
    return engagements


def _engage(
    letter: BookingLetter,
    numbers: Sequence[int],
    instructor_id: int,
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> list[Engagement]:
    """Put a lecturer into the draft of sessions of the locked letter; the former ones are told."""
    standing = [_lock_session(letter, number, at) for number in numbers]
    former = [
        row for row in standing if row.state in LIVE_STATES and row.state != EngagementState.DRAFT
    ]
    if former and not reason.strip():
        raise EngagementError(_("Say why another lecturer teaches it."), "reason")
    withdraw_engagements(former, reason, by=by, at=at)
    for row in former:
        if row.session is not None and row.session.instructor_id:
            name_lecturer(row.session, None, by=by, at=at)
            tell_of_lecturer(row, at=at)
    instructor = _lock_lecturer(letter, instructor_id, by)
    engagements = [_to_fill(row) for row in standing]
    for engagement in engagements:
        _put(engagement, instructor, reason, by, at)
    return engagements


def _lock_lecturer(letter: BookingLetter, instructor_id: int, by: Actor) -> Instructor:
    """The lecturer, locked after the venue of the letter. Raises EngagementError."""
    if letter.venue is not None:
        lock_row(letter.venue, no_key=True)
    instructor = Instructor.objects.filter(pk=instructor_id).first()
    if instructor is None:
        raise EngagementError(_("This lecturer is not there any more."), "instructor")
    if instructor.user_id:
        refuse_own_accounts(by, [instructor.user_id], EngagementError)
    return lock_row(instructor, no_key=True)


def _put(
    engagement: Engagement, instructor: Instructor, reason: str, by: Actor, at: datetime
) -> None:
    """Put the locked lecturer into the draft of a session, unless a check speaks against it."""
    findings = find_candidate(engagement, instructor.pk).findings
    _weigh(findings, reason, EngagementError, "instructor")
    before = {"instructor": engagement.instructor_id}
    engagement.instructor = instructor
    store(engagement)
    EngagementOverride.objects.bulk_create(
        EngagementOverride(
            engagement=engagement,
            instructor=instructor,
            warning=finding.code,
            text=finding.text[:300],
            reason=reason.strip(),
            overridden_at=at,
            overridden_by=person_of(by),
        )
        for finding in findings
    )
    record_act(
        act="engage_lecturer",
        obj=engagement,
        by=by,
        at=at,
        school_code=engagement.letter.school.code,
        before=before,
        after={
            "instructor": instructor.pk,
            "warnings": [finding.text for finding in findings],
            **({"reason": reason.strip()} if reason.strip() else {}),
        },
    )


def _require_unchanged(letter: BookingLetter, number: int, seen: str | None) -> None:
    """Raise StaleError if session `number` is not as the form saw it."""
    standing = find_session(letter, number)
    if seen and standing and seen != token_of_session(standing):
        raise _stale(letter, standing)


def _stale(letter: BookingLetter, standing: Engagement | None = None) -> StaleError:
    """Who changed the schedule, or the `standing` session, when, and what stands now."""
    last = find_last_change(letter, standing.number if standing else None)
    who = last.actor_name if last else ""
    moment = format_moment(last.at) if last else ""
    if standing is not None:
        now = " · ".join([str(standing.instructor or "–"), standing.get_state_display()])
    else:
        first = letter.engagements.live().order_by("starts_at").first()
        now = format_moment(first.starts_at) if first else letter.get_stage_display()
    text = _("%(who)s changed this meanwhile, %(moment)s. Now it is: %(now)s.")
    return StaleError(text % {"who": who, "moment": moment, "now": now})


def _weigh(
    findings: Sequence[Finding], reason: str, error: type[DispatchError], field: str
) -> None:
    """Raise `error` for what blocks, at `field`, and for a warning without a reason."""
    blocked = [finding.text for finding in findings if finding.is_block]
    if blocked:
        raise error(" ".join(blocked), field)
    if findings and not reason.strip():
        texts = " ".join(finding.text for finding in findings)
        text = _("Say why in spite of this: %(warnings)s") % {"warnings": texts}
        raise error(text, "reason")


def _lock_session(letter: BookingLetter, number: int, at: datetime) -> Engagement:
    """The last engagement of session `number`, locked after the session. Raises EngagementError."""
    rows = letter.engagements.filter(number=number).select_related("session", "letter__school")
    for session in Session.objects.filter(engagements__in=rows).distinct():
        lock_session(session)
    last = rows.select_for_update(of=("self",)).order_by("-pk").first()
    if last is None:
        raise EngagementError(_("The letter has no such session."))
    if last.starts_at <= at:
        raise EngagementError(_("This session has begun."))
    return last


def _to_fill(last: Engagement) -> Engagement:
    """The draft for a session: that which stands, or a new one in place of another."""
    if last.state == EngagementState.DRAFT:
        return last
    # The one in its place holds the venue.
    same = last.letter.engagements.filter(number=last.number, holds_venue=True)
    same.update(holds_venue=False)
    return Engagement(
        letter=last.letter,
        number=last.number,
        course=last.course,
        venue=last.venue,
        starts_at=last.starts_at,
        ends_at=last.ends_at,
        hours=last.hours,
        session=last.session,
    )


def store(engagement: Engagement) -> None:
    """Save it. Raises EngagementError where another took lecturer or venue at once."""
    try:
        with transaction.atomic():
            engagement.save()
    except IntegrityError as error:
        raise EngagementError(message_for(error, Engagement)) from error


def _propose_now(engagements: Sequence[Engagement], by: Actor, at: datetime) -> None:
    """Propose drafts without a release, and say so in the trail."""
    propose(engagements, at)
    for engagement in engagements:
        record_act(
            act="propose_engagement",
            obj=engagement,
            by=by,
            at=at,
            school_code=engagement.letter.school.code,
            before={"state": EngagementState.DRAFT},
            after={"state": engagement.state},
        )


def propose(
    engagements: Sequence[Engagement], at: datetime, *, moved_from: datetime | None = None
) -> None:
    """Propose locked engagements to their lecturers, with a day to answer by.

    A lecturer is told once for each letter, and of the time from which a session was moved. Raises
    EngagementError if no rule of booking is in force, and like `store`.
    """
    rule = find_booking_rule(local_date(at))
    if rule is None:
        raise EngagementError(_("No rule of booking is in force: add one first."))
    last = end_of_day(local_date(at) + timedelta(days=rule.answer_days))
    for engagement in engagements:
        engagement.state = EngagementState.PROPOSED
        engagement.proposed_at = at
        engagement.answer_by = min(last, engagement.starts_at)
        engagement.answered_at = engagement.answered_by = None
        engagement.answered_by_link = False
        store(engagement)
    tell_of_proposals(engagements, at=at, moved_from=moved_from)


def _lock(letter_id: int, stages: Collection[LetterStage], by: Actor) -> BookingLetter:
    if by.user is None or not dispatches(by.user):
        raise PermissionDenied
    return lock_letter(letter_id, stages)

"""What the district does with booking letters: ask, decline, schedule, engage, release."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import refuse_own_accounts
from accounts.models import User
from accounts.origin import Actor, person_of
from accounts.records import RecordError, lock_row, message_for
from config.lib.dates import format_moment
from config.lib.lock_classes import LockClass
from config.lib.periods import end_of_day, local_date
from courses.actions import list_meetings
from courses.enums import Preset
from courses.models import Course, Session
from dispatch.actions.letters import end_letter, release_venue, withdraw_engagement
from dispatch.actions.steps import lock_letter, lock_session, name_lecturer, take_step
from dispatch.checks import Finding
from dispatch.enums import AT_THE_DESK, LIVE_STATES, EngagementState, LetterStage
from dispatch.errors import BookingError, DispatchError, EngagementError, StaleError
from dispatch.models import (
    BookingLetter,
    Engagement,
    EngagementOverride,
    PlanLine,
    PlanVersion,
)
from dispatch.notices import tell_of_lecturer, tell_of_proposal
from dispatch.permissions import dispatches
from dispatch.queries.candidates import blocks_of, check_letter, find_candidate
from dispatch.queries.letters import (
    find_last_change,
    find_session,
    token_of_schedule,
    token_of_session,
)
from dispatch.queries.plan import last_version, list_changes
from dispatch.queries.rules import find_booking_rule
from instructors.models import Instructor

_ON_THE_WAY = AT_THE_DESK | {LetterStage.SCHEDULED}


@dataclass(frozen=True)
class Schedule:
    """When a letter is taught: the first day, the time of the first session, a course per item."""

    first_day: date
    begins_at: time | None
    courses: Sequence[Course]


def take_letter(*, letter_id: int, seen_owner: str = "", by: Actor, at: datetime) -> User | None:
    """The officer works on the letter from now on. Returns who worked on it before.

    A letter that a colleague works on is taken over only from `seen_owner`, the key
    of whom the page named.
    Raises PermissionDenied and BookingError.
    """
    with transaction.atomic():
        letter = _lock(letter_id, _ON_THE_WAY | {LetterStage.CONFIRMED}, by)
        former = letter.owner
        if former is not None and former != by.user and str(former.pk) != seen_owner:
            text = _("%(who)s works on the letter by now.")
            raise StaleError(text % {"who": former.display_name})
        before = {"owner": letter.owner_id}
        letter.owner = person_of(by)
        letter.save(update_fields=["owner"])
        record_act(
            act="take_letter",
            obj=letter,
            by=by,
            at=at,
            school_code=letter.school.code,
            before=before,
            after={"owner": letter.owner_id},
        )
    return former


def ask_school(*, letter_id: int, question: str, by: Actor, at: datetime) -> None:
    """Ask the school about its letter. Raises PermissionDenied and BookingError."""
    with transaction.atomic():
        letter = _lock(letter_id, AT_THE_DESK, by)
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
        letter = _lock(letter_id, _ON_THE_WAY, by)
        if seen and seen != token_of_schedule(letter):
            raise _stale(letter)
        if letter.venue is not None:
            lock_row(letter.venue, no_key=True)
        former = list(letter.engagements.live().select_for_update(of=("self",)).order_by("pk"))
        if former and not reason.strip():
            raise BookingError(_("Say why the schedule changes."), "reason")
        for engagement in former:
            withdraw_engagement(engagement, reason, by=by, at=at)
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
    by: Actor,
    at: datetime,
) -> Engagement:
    """Put a lecturer into the draft of the plan for session `number`; the next release proposes it.

    A lecturer whom a check blocks is refused; a warning is overridden by a reason, which is kept.
    Where a lecturer was proposed or accepted before, this is a substitution: the former engagement
    is withdrawn with the reason. `seen` is the `token_of_session` that the form began with. Raises
    PermissionDenied, BookingError (StaleError if something else stands) and EngagementError.
    """
    with transaction.atomic():
        letter = _lock(letter_id, {LetterStage.SCHEDULED, LetterStage.CONFIRMED}, by)
        _require_unchanged(letter, number, seen)
        engagement = _to_fill(letter, number, reason, by, at)
        if letter.venue is not None:
            lock_row(letter.venue, no_key=True)
        instructor = Instructor.objects.filter(pk=instructor_id).first()
        if instructor is None:
            raise EngagementError(_("This lecturer is not there any more."), "instructor")
        if instructor.user_id:
            refuse_own_accounts(by, [instructor.user_id], EngagementError)
        lock_row(instructor, no_key=True)
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
            school_code=letter.school.code,
            before=before,
            after={
                "instructor": instructor.pk,
                "warnings": [finding.text for finding in findings],
                **({"reason": reason.strip()} if reason.strip() else {}),
            },
        )
    return engagement


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


def _to_fill(
    letter: BookingLetter, number: int, reason: str, by: Actor, at: datetime
) -> Engagement:
    """The draft for session `number`: that which stands, or a new one in place of another."""
    rows = letter.engagements.filter(number=number).select_related("session", "letter")
    for session in Session.objects.filter(engagements__in=rows).distinct():
        lock_session(session)
    last = rows.select_for_update(of=("self",)).order_by("-pk").first()
    if last is None:
        raise EngagementError(_("The letter has no such session."))
    if last.starts_at <= at:
        raise EngagementError(_("This session has begun."))
    if last.state == EngagementState.DRAFT:
        return last
    if last.state in LIVE_STATES:
        if not reason.strip():
            raise EngagementError(_("Say why another lecturer teaches it."), "reason")
        withdraw_engagement(last, reason, by=by, at=at)
        if last.session is not None and last.session.instructor_id:
            name_lecturer(last.session, None, by=by, at=at)
            tell_of_lecturer(last, at=at)
    # The one in its place holds the venue.
    rows.filter(holds_venue=True).update(holds_venue=False)
    return Engagement(
        letter=letter,
        number=number,
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


def release_plan(*, note: str, by: Actor, at: datetime) -> PlanVersion:
    """Release the draft as the next version: what is new in it is proposed to its lecturers.

    A version holds every live engagement to come that has a lecturer. Its lecturers have the days
    of the rule to answer, and at most until the session begins. Raises PermissionDenied, and
    BookingError if nothing changed since the last version, and EngagementError for lecturers whom a
    check has come to block.
    """
    with transaction.atomic():
        if by.user is None or not dispatches(by.user):
            raise PermissionDenied
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LockClass.PLAN_VERSIONS])
        rows = list(
            Engagement.objects.live()
            .filter(starts_at__gt=at, instructor__isnull=False)
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        last = last_version()
        if last is None and not rows:
            raise BookingError(_("No session has a lecturer yet."))
        if not list_changes(last, at):
            raise BookingError(_("Nothing changed since the last version."))
        version = PlanVersion.objects.create(
            number=last.number + 1 if last else 1,
            note=note.strip(),
            released_at=at,
            released_by=person_of(by),
        )
        proposed = [row for row in rows if row.state == EngagementState.DRAFT]
        _refuse_blocked(proposed)
        for engagement in proposed:
            propose(engagement, at)
        PlanLine.objects.bulk_create(
            PlanLine(
                version=version,
                engagement=row,
                letter_id=row.letter_id,
                number=row.number,
                course_id=row.course_id,
                instructor_id=row.instructor_id,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
            )
            for row in rows
        )
        record_act(
            act="release_plan",
            obj=version,
            by=by,
            at=at,
            after={"lines": len(rows), "proposed": len(proposed), "note": version.note},
        )
    return version


def _refuse_blocked(engagements: Sequence[Engagement]) -> None:
    """Raise EngagementError for lecturers who have come to be blocked since they were drafted."""
    words = [
        f"{row.letter.number} · {row.instructor}: {why}"
        for row in engagements
        if (why := blocks_of(row))
    ]
    if words:
        raise EngagementError(" ".join(words))


def propose(engagement: Engagement, at: datetime) -> None:
    """Propose the locked engagement to its lecturer, with a day to answer by.

    Raises EngagementError if no rule of booking is in force, and like `store`.
    """
    rule = find_booking_rule(local_date(at))
    if rule is None:
        raise EngagementError(_("No rule of booking is in force: add one first."))
    last = end_of_day(local_date(at) + timedelta(days=rule.answer_days))
    engagement.state = EngagementState.PROPOSED
    engagement.proposed_at = at
    engagement.answer_by = min(last, engagement.starts_at)
    engagement.answered_at = engagement.answered_by = None
    engagement.answered_by_link = False
    store(engagement)
    tell_of_proposal(engagement, at=at)


def _lock(letter_id: int, stages: Collection[LetterStage], by: Actor) -> BookingLetter:
    if by.user is None or not dispatches(by.user):
        raise PermissionDenied
    return lock_letter(letter_id, stages)

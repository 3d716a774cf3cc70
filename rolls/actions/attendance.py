"""Taking, submitting and correcting a roll."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record_act
from accounts.interests import own_rows, refuse_own_rows, say_own
from accounts.models import User
from accounts.origin import Actor, person_of
from classes.enums import LeaveAnswer, RollState
from classes.models import LeaveRequest, Roll
from config.lib.periods import local_date
from config.lib.rows import select_rows
from courses.models import Session
from hours.actions.ledger import Posted, post_hours
from hours.enums import AssessmentCause
from hours.errors import LedgerError
from hours.models import Dispute
from hours.queries.holders import HOLDER, list_holders_of_any_year
from rolls.enums import AttendanceStatus
from rolls.errors import MarkConflict, RollConflictError, RollError, RollIncompleteError
from rolls.hours_source import KEY, MARKS, ROLL, training_of
from rolls.models import Attendance, AttendanceCorrection
from rolls.permissions import takes_rolls
from schools.queries.open_years import refuse_settled
from trainees.actions.locks import lock_members

# Locks the rows of the members who hold the hours, in ascending order of id. Two rolls that share
# members then wait for each other and never deadlock. The lock also protects the daily cap.
_LOCK_ROSTER = f"""
SELECT e.member_id, holder.id AS holder_id,
       coalesce(ms.organisation_id, e.organisation_id) AS organisation_id,
       a.status, u.display_name AS marked_by, a.marked_at
FROM classes_enrolment e
JOIN trainees_member m ON m.id = e.member_id
JOIN trainees_member holder ON holder.id = {HOLDER.format(day="%(on)s::date")}
LEFT JOIN trainees_membership ms ON ms.member_id = e.member_id AND ms.period @> %(on)s::date
LEFT JOIN rolls_attendance a ON a.session_id = %(session)s AND a.member_id = e.member_id
      AND NOT a.taken_off
LEFT JOIN accounts_user u ON u.id = a.marked_by_id
WHERE e.training_class_id = %(class)s AND e.sessions @> %(number)s::int
ORDER BY holder.id
FOR NO KEY UPDATE OF holder
"""  # noqa: S608 - fixed text, no input

_SAVE_MARKS = """
INSERT INTO rolls_attendance
    (session_id, member_id, organisation_id, status, version, marked_at, marked_by_id)
SELECT %(session)s, row.member, row.organisation, row.status, 1, %(at)s, %(by)s
FROM unnest(%(changed)s::bigint[], %(organisations)s::bigint[], %(statuses)s::text[])
     AS row(member, organisation, status)
ORDER BY row.member
ON CONFLICT ON CONSTRAINT attendance_once_per_session DO UPDATE
SET status = excluded.status, taken_off = false,
    marked_at = excluded.marked_at, marked_by_id = excluded.marked_by_id
"""

# One statement saves the changed marks and claims the hours of the whole roll.
_SAVE_AND_CLAIM = f"""
WITH saved AS ({_SAVE_MARKS}
    RETURNING member_id, organisation_id, status
), mark AS (
    SELECT member_id, organisation_id, status FROM saved
    UNION ALL
    SELECT member_id, organisation_id, status FROM rolls_attendance
    WHERE session_id = %(session)s AND member_id = ANY(%(marked)s::bigint[])
      AND member_id <> ALL(%(changed)s::bigint[])
)
{ROLL.claim}
"""  # noqa: S608 - fixed text, no input

# Returns no row if the roll is already submitted. The source of its hours is created when the roll
# is first submitted.
_SAVE_ROLL = f"""
WITH known AS (
    SELECT source_id FROM classes_roll
    WHERE session_id = %(session)s AND source_id IS NOT NULL
), made AS (
    INSERT INTO hours_source (kind, training)
    SELECT '{KEY}', %(training)s
    WHERE %(state)s = 'submitted' AND NOT EXISTS (SELECT FROM known)
    RETURNING id
)
INSERT INTO classes_roll (session_id, state, submitted_at, submitted_by_id, source_id)
VALUES (%(session)s, %(state)s, %(at)s, %(by)s,
        (SELECT source_id FROM known UNION ALL SELECT id FROM made))
ON CONFLICT (session_id) DO UPDATE
SET state = excluded.state, submitted_at = excluded.submitted_at,
    submitted_by_id = excluded.submitted_by_id,
    source_id = excluded.source_id
WHERE classes_roll.state = 'draft'
RETURNING *
"""  # noqa: S608 - fixed text, no input


@dataclass(frozen=True)
class RosterLine:
    """One enrolled trainee and the current mark: status None means *not taken*.

    The hours go to the holder: the trainee, or the member into which that row was merged.
    """

    member_id: int
    holder_id: int
    organisation_id: int
    status: str | None
    marked_by: str | None
    marked_at: datetime | None


@dataclass(frozen=True)
class SubmittedRoll:
    """The result of submitting a roll."""

    roll: Roll
    counts: dict[str, int]
    posted: Posted


type Marks = Mapping[int, str]


def record_attendance(
    *, session_id: int, marks: Marks, seen: Marks, by: Actor, at: datetime
) -> Roll | None:
    """Save marks as a draft. No hours are posted; without a change nothing is written.

    `marks` is what the clerk entered and `seen` is what the form showed. Both map member ids to a
    status, or to "" for *not taken*. Only marks that the clerk changed are written. Raises
    Session.DoesNotExist if the clerk may not see the session, PermissionDenied, RollError, and
    RollConflictError.
    """
    with transaction.atomic(savepoint=False):
        session, user = lock_session(session_id, by, at)
        roster = lock_roster(session)
        changed = _merge(roster, marks, seen, signing=False)
        refuse_own_marks(changed, by)
        if not changed:
            return Roll.objects.filter(session=session).first()
        roll = save_roll(session, RollState.DRAFT)
        save_marks(session, roster, changed, user, at)
        record_marks(
            session, "record_attendance", roster=roster, changed=changed, by=by, at=at, facts={}
        )
    return roll


def submit_roll(
    *, session_id: int, marks: Marks, seen: Marks, by: Actor, at: datetime
) -> SubmittedRoll:
    """Save the marks, submit the roll and post its hours in one transaction.

    Every enrolled trainee needs a mark. If the class expects everyone, a trainee without a mark
    is marked on leave if a leave request was accepted, otherwise present. Raises the same errors
    as `record_attendance`, and RollIncompleteError with the members who have no mark.
    """
    with transaction.atomic(savepoint=False):
        session, user = lock_session(session_id, by, at)
        if session.starts_at > at:
            raise RollError(_("This session has not begun; its roll can be submitted after that."))
        roll = save_roll(session, RollState.SUBMITTED, user, at)
        roster = lock_roster(session)
        changed = _merge(roster, marks, seen, signing=True)
        changed |= _expected(session, roster, changed)
        refuse_own_marks(changed, by)
        final = {m: changed.get(m, line.status or "") for m, line in roster.items()}
        _require_complete(final)
        posted = post_hours(
            claims=_SAVE_AND_CLAIM,
            values=_marks_to_save(session, roster, changed, user, at)
            | {"marked": list(roster), "is_withdrawn": False},
            members=[line.holder_id for line in roster.values()],
            days=[session.held_on],
            cause=AssessmentCause.RESTORED,
            by=user,
            at=at,
        )
        counts = dict(Counter(final.values()))
        facts = {"counts": counts, "entries": posted.entries, "hours": str(posted.hours)}
        record_marks(
            session, "submit_roll", roster=roster, changed=changed, by=by, at=at, facts=facts
        )
    return SubmittedRoll(roll, counts, posted)


def correct_attendance(
    *,
    attendance_id: int,
    seen_version: int,
    new_status: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> AttendanceCorrection:
    """Correct one mark of a submitted roll: reverse its entry and post it again, with a reason.

    The former mark, assessment and entry remain stored. `seen_version` is the version shown to
    the actor: a clerk of the school, or the person who must answer a dispute about this mark.
    The latter may correct it on a closed roll too. Raises Attendance.DoesNotExist if the actor may
    not see the mark, PermissionDenied, and RollError if the roll is not submitted or is closed, the
    mark was corrected meanwhile or is unchanged, or the reason is missing.
    """
    with transaction.atomic(savepoint=False):
        attendance, user = _lock_attendance(attendance_id, by, at)
        _require_correction(attendance, seen_version, new_status, reason)
        session, old_status = attendance.session, attendance.status
        facts = {"reason": reason} | _disputed(attendance, user, at)
        before = attendance.assessments.latest("version").hours
        correction = AttendanceCorrection.objects.create(
            attendance=attendance,
            version=attendance.version,
            old_status=old_status,
            new_status=new_status,
            reason=reason,
            corrected_at=at,
            corrected_by=user,
        )
        attendance.status = new_status
        attendance.version += 1
        attendance.save(update_fields=["status", "version"])
        posted = claim_again(
            session,
            [attendance.member_id],
            cause=AssessmentCause.CORRECTED,
            reason=reason,
            by=user,
            at=at,
        )
        record_act(
            act="correct_attendance",
            obj=attendance,
            by=by,
            at=at,
            school_code=session.training_class.school.code,
            before={"status": old_status, "hours": str(before)},
            after={"status": new_status, "hours": str(posted.hours)} | facts,
        )
    return correction


def withdraw_roll(*, session_id: int, reason: str, by: Actor, at: datetime) -> Posted:
    """Return a submitted roll to draft: all its hours are reversed, its marks remain.

    Other evidence of these days gets back the hours that this roll had displaced. Raises
    Session.DoesNotExist if the clerk may not see the session, PermissionDenied, and RollError if
    the roll is not submitted or is closed, or the reason is missing.
    """
    with transaction.atomic(savepoint=False):
        session, user = lock_session(session_id, by, at)
        if not reason.strip():
            raise RollError(_("Say why the roll is taken back."))
        require_open(session_id)
        roll = Roll.objects.filter(session=session, state=RollState.SUBMITTED)
        draft: dict[str, Any] = {"state": RollState.DRAFT, "reopened_at": None}
        if not roll.update(**draft, submitted_at=None, submitted_by=None):
            raise RollError(_("This roll is not submitted; there is nothing to take back."))
        marks = Attendance.objects.current().filter(session=session)
        marked = marks.values_list("member", flat=True)
        refuse_own_rows(by, marked, RollError)
        lock_members(marked)
        posted = claim_again(
            session, list(marked), cause=AssessmentCause.WITHDRAWN, reason=reason, by=user, at=at
        )
        record_act(
            act="withdraw_roll",
            obj=session,
            by=by,
            at=at,
            school_code=session.training_class.school.code,
            after={"reason": reason, "marks": len(marked), "others": posted.others},
        )
    return posted


def claim_again(
    session: Session,
    marked: list[int],
    *,
    cause: AssessmentCause,
    reason: str,
    by: User,
    at: datetime,
) -> Posted:
    """Assess the marks of these members again. Raises RollError if the ledger refuses it."""
    try:
        return post_hours(
            claims=MARKS + ROLL.claim,
            values={
                "session": session.pk,
                "marked": marked,
                "is_withdrawn": cause == AssessmentCause.WITHDRAWN,
            },
            members=list_holders_of_any_year(marked),
            days=[session.held_on],
            cause=cause,
            reason=reason,
            by=by,
            at=at,
        )
    except LedgerError as error:
        raise RollError(str(error)) from error


def refuse_own_marks(marks: Marks, by: Actor) -> None:
    """Raise RollError if one of the marks gives the person who acts hours or leave.

    To be marked absent serves nobody, so the only clerk of a school can submit the roll; somebody
    else then corrects that mark.
    """
    serving = [key for key, status in marks.items() if status != AttendanceStatus.ABSENT]
    if serving and own_rows(by.user) & set(serving):
        raise RollError(
            f"{say_own()} " + _("Leave out your own mark, or mark yourself absent until then.")
        )


def _require_correction(
    attendance: Attendance, seen_version: int, new_status: str, reason: str
) -> None:
    if attendance.version != seen_version:
        raise RollError(
            _("Somebody else corrected this mark meanwhile. It is now: %(mark)s.")
            % {"mark": attendance.get_status_display()}
        )
    if new_status not in AttendanceStatus.values:
        raise RollError(_("Choose a mark."))
    if new_status == attendance.status:
        raise RollError(_("The mark is already this one; nothing was changed."))
    if not reason.strip():
        raise RollError(_("Say why the mark is corrected."))


def lock_session(
    session_id: int, by: Actor, at: datetime, *, may_be_settled: bool = False
) -> tuple[Session, User]:
    """Lock and return the session if the actor may see it and take its roll.

    Raises RollError for a session of a settled year, unless the act moves no hours.
    """
    user, on = person_of(by), local_date(at)
    session = (
        Session.objects.visible_to(user, on)
        .annotate(may_take=takes_rolls(user, on))
        .select_related("training_class__school")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=session_id)
    )
    if not session.may_take:
        raise PermissionDenied
    if session.is_called_off:
        raise RollError(_("This session was called off; it has no roll."))
    if session.held_on > on:
        raise RollError(_("The roll can be taken from the day of the session on."))
    if not may_be_settled:
        refuse_settled(session.held_on, at, RollError)
    return session, user


def require_open(session_id: int) -> None:
    """Raise RollError if the roll is closed. The caller holds the session's lock."""
    if Roll.objects.filter(session=session_id, closed_at__isnull=False).exists():
        raise RollError(say_closed())


def say_closed() -> str:
    """What the clerk must do about a closed roll."""
    return _("This roll is closed: ask the district school to reopen it, with the reason.")


def _lock_attendance(attendance_id: int, by: Actor, at: datetime) -> tuple[Attendance, User]:
    """Lock and return a submitted mark and its member, if the actor may correct the mark.

    The session is locked first, as everywhere, so that no deadlock can occur.
    """
    user, on = person_of(by), local_date(at)
    Session.objects.select_for_update(no_key=True).filter(attendances=attendance_id).first()
    attendance = Attendance.objects.correctable_by(user, on).filter(pk=attendance_id).first()
    if attendance is None:
        _refuse_correction(attendance_id, by, on)
    refuse_settled(attendance.session.held_on, at, RollError)
    lock_members([attendance.member_id])
    locked = (
        Attendance.objects.select_related("member", "session__training_class__school")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=attendance_id)
    )
    return locked, user


def _refuse_correction(attendance_id: int, by: Actor, on: date) -> NoReturn:
    """Raise the error that explains why the actor may not correct the mark."""
    user = person_of(by)
    seen = (
        Attendance.objects.visible_to(user, on)
        .annotate(may_take=takes_rolls(user, on, "session__training_class__school"))
        .get(pk=attendance_id)
    )
    if not seen.may_take:
        raise PermissionDenied
    refuse_own_rows(by, [seen.member_id], RollError)
    require_open(seen.session_id)
    raise RollError(_("This roll is not submitted yet; change the mark on the roll itself."))


def _disputed(attendance: Attendance, user: User, at: datetime) -> dict[str, int]:
    """For the audit trail: the dispute about this mark that the actor must answer, if any."""
    waiting = Dispute.objects.waiting_for(user, local_date(at))
    dispute = waiting.filter(assessment__in=attendance.assessments).first()
    return {"dispute": dispute.pk} if dispute else {}


def lock_roster(session: Session) -> dict[int, RosterLine]:
    """Everyone on the session's roster by member id; the rows of the hours' holders are locked."""
    values: dict[str, Any] = {
        "session": session.pk,
        "class": session.training_class_id,
        "number": session.number,
        "on": session.held_on,
    }
    return {line.member_id: line for line in select_rows(RosterLine, _LOCK_ROSTER, values)}


def _merge(
    roster: Mapping[int, RosterLine], marks: Marks, seen: Marks, *, signing: bool
) -> dict[int, str]:
    """The marks that the clerk changed, checked against what others wrote meanwhile.

    A draft does not touch marks that the clerk left unchanged. A clerk who submits the roll must
    have seen every mark, so on submission any mark that changed meanwhile is a conflict.
    """
    if not marks.keys() <= roster.keys():
        raise RollError(_("The form names somebody who is not enrolled in this class."))
    if not set(marks.values()) <= {*AttendanceStatus.values, ""}:
        raise RollError(_("The form holds a mark that does not exist."))
    changed: dict[int, str] = {}
    conflicts = []
    for member_id, mine in marks.items():
        line = roster[member_id]
        current, before = line.status or "", seen.get(member_id, "")
        if mine == current:
            continue
        if current != before and (signing or mine != before):
            conflicts.append(_conflict(member_id, mine, line))
        elif mine and mine != before:
            changed[member_id] = mine
        elif not mine and before:
            raise RollError(_("A mark once saved can be changed, but not taken back."))
    if conflicts:
        raise RollConflictError(
            _("Somebody else marked the same people meanwhile. Compare and save again."), conflicts
        )
    return changed


def _expected(session: Session, roster: Mapping[int, RosterLine], changed: Marks) -> dict[int, str]:
    """Marks for the trainees without a mark, if the class expects everyone; otherwise none."""
    if not session.training_class.expects_everyone:
        return {}
    accepted = LeaveRequest.objects.current().filter(session=session, answer=LeaveAnswer.ACCEPTED)
    on_leave = set(accepted.values_list("member", flat=True))
    return {
        member_id: (
            AttendanceStatus.ON_LEAVE if member_id in on_leave else AttendanceStatus.PRESENT
        ).value
        for member_id, line in roster.items()
        if not line.status and member_id not in changed
    }


def _conflict(member_id: int, mine: str, line: RosterLine) -> MarkConflict:
    """Both values of one mark, with the author and time of the other clerk's."""
    if line.status is None or line.marked_by is None or line.marked_at is None:
        raise RollError(_("The roll changed meanwhile. Load it again."))
    return MarkConflict(member_id, mine, line.status, line.marked_by, line.marked_at)


def _require_complete(final: Marks) -> None:
    missing = [member_id for member_id, status in final.items() if not status]
    if not final:
        raise RollError(_("Nobody is enrolled in this class; there is nothing to submit."))
    if missing:
        message = ngettext(
            "%(count)d person has no mark yet. Not taken is not absent: mark everyone.",
            "%(count)d people have no mark yet. Not taken is not absent: mark everyone.",
            len(missing),
        )
        raise RollIncompleteError(message % {"count": len(missing)}, missing)


def save_marks(
    session: Session, roster: Mapping[int, RosterLine], changed: Marks, by: User, at: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_MARKS, _marks_to_save(session, roster, changed, by, at))


def _marks_to_save(
    session: Session, roster: Mapping[int, RosterLine], changed: Marks, by: User, at: datetime
) -> dict[str, Any]:
    """The parameters of `_SAVE_MARKS`."""
    members = sorted(changed)
    return {
        "session": session.pk,
        "changed": members,
        "organisations": [roster[m].organisation_id for m in members],
        "statuses": [changed[m] for m in members],
        "at": at,
        "by": by.pk,
    }


def save_roll(
    session: Session, state: RollState, by: User | None = None, at: datetime | None = None
) -> Roll:
    """Write the roll in its new state; a submitted roll records who submitted it and when.

    The caller holds the session's lock. Raises RollError if the roll is already submitted.
    """
    values = {
        "session": session.pk,
        "training": training_of(session.training_class_id),
        "state": state.value,
        "at": at,
        "by": by and by.pk,
    }
    for roll in Roll.objects.raw(_SAVE_ROLL, values):
        return roll
    submitted = Roll.objects.select_related("submitted_by").get(session=session)
    raise RollError(
        _("%(name)s has submitted this roll already. Correct single marks instead.")
        % {"name": submitted.submitted_by}
    )


def record_marks(
    session: Session,
    act: str,
    *,
    roster: Mapping[int, RosterLine],
    changed: Marks,
    by: Actor,
    at: datetime,
    facts: Mapping[str, Any],
) -> None:
    """Append a change of a roll to the audit trail: former and new marks by member id."""
    record_act(
        act=act,
        obj=session,
        by=by,
        at=at,
        school_code=session.training_class.school.code,
        before={"marks": {m: roster[m].status for m in changed}},
        after={"marks": dict(changed), **facts},
    )

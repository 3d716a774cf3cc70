"""Walk-ins, people who came without being on a roster: recording, matching to members, undoing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.interests import refuse_own_rows
from accounts.models import User
from accounts.origin import Actor
from classes.actions.enrolments import find_members, organisations_of
from classes.actions.guests import Guest
from classes.errors import RosterError
from classes.models import Enrolment
from classes.queries.roll_states import is_submitted
from config.lib.periods import local_date
from courses.models import Session
from hours.enums import AssessmentCause
from hours.models import CreditEntry
from rolls.actions.attendance import (
    claim_again,
    lock_session,
    record_attendance,
    require_open,
)
from rolls.enums import ATTENDED, AttendanceStatus
from rolls.errors import RollError
from rolls.models import Attendance, WalkIn
from trainees.actions.locks import lock_members
from trainees.models import Member


@dataclass(frozen=True)
class WalkInFacts:
    """What the sign-in sheet says about someone who is not on the roster."""

    name: str
    organisation_name: str = ""
    status: str = AttendanceStatus.PRESENT.value
    note: str = ""


@dataclass(frozen=True)
class Matched:
    """The member that a walk-in was matched to, and the hours posted; None on a draft."""

    walk_in: WalkIn
    member: Member
    posted: Decimal | None


@dataclass(frozen=True)
class Unmatched:
    """The member whose match was undone, and the hours reversed; None if none were posted."""

    member: Member
    reversed: Decimal | None


def record_walk_in(*, session_id: int, facts: WalkInFacts, by: Actor, at: datetime) -> WalkIn:
    """Record a person who came to a session without being on its roster; no hours are posted.

    Raises Session.DoesNotExist if the clerk may not see the session, PermissionDenied, RollError.
    """
    with transaction.atomic():
        session, user = lock_session(session_id, by, at)
        require_open(session_id)
        if not facts.name.strip() or facts.status not in ATTENDED:
            raise RollError(_("A walk-in has a name and was present or late."))
        walk_in = WalkIn.objects.create(
            session=session, recorded_at=at, recorded_by=user, **asdict(facts)
        )
        _record(walk_in, "record_walk_in", by=by, at=at, after=asdict(facts))
    return walk_in


def remove_walk_in(*, walk_in_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Remove an unmatched walk-in: a clerical error, or a person who is on the roster.

    Raises what `match_walk_in` raises.
    """
    with transaction.atomic():
        walk_in, _session, _user = _lock(walk_in_id, by, at, may_be_settled=True)
        _require_reason(reason)
        if walk_in.member_id is not None:
            raise RollError(_("This walk-in is matched to a member; undo that first."))
        facts = {name: getattr(walk_in, name) for name in asdict(WalkInFacts(""))}
        _record(walk_in, "remove_walk_in", by=by, at=at, before=facts, after={"reason": reason})
        walk_in.delete()


def match_walk_in(
    *,
    walk_in_id: int,
    by: Actor,
    at: datetime,
    member_id: int | None = None,
    guest: Guest | None = None,
) -> Matched:
    """Match a walk-in to a member, who joins the roster of that session with this mark.

    `member_id` must be a member whom the clerk may see; `guest` may be any member. Hours are
    posted only if the roll is submitted. Raises WalkIn.DoesNotExist if the clerk may not see the
    walk-in, PermissionDenied, RollError, RosterError.
    """
    with transaction.atomic():
        walk_in, session, user = _lock(walk_in_id, by, at)
        if walk_in.member_id is not None:
            raise RollError(_("This walk-in is matched to a member; undo that first."))
        member = _find(user, member_id, guest, at)
        refuse_own_rows(by, [member.pk], RollError)
        if Enrolment.objects.of_session(session).filter(member=member).exists():
            raise RosterError(
                _(
                    "%(name)s is on the roster of this session already: "
                    "mark the member there, then remove this line."
                )
                % {"name": member.name}
            )
        enrolment = _enrol(session, member)
        posted = None
        if is_submitted(session):
            posted = _put_mark_on(session, enrolment, walk_in.status, by=user, at=at)
        else:
            marks = {member.pk: walk_in.status}
            record_attendance(session_id=session.pk, marks=marks, seen={}, by=by, at=at)
        walk_in.member, walk_in.matched_at, walk_in.matched_by = member, at, user
        walk_in.save(update_fields=["member", "matched_at", "matched_by"])
        _record(walk_in, "match_walk_in", by=by, at=at, after={"member": member.pk})
    return Matched(walk_in, member, posted)


def unmatch_walk_in(*, walk_in_id: int, reason: str, by: Actor, at: datetime) -> Unmatched:
    """Undo a match: the walk-in is unmatched again, and the member leaves that roll.

    Posted hours are reversed, with the reason. Raises what `match_walk_in` raises.
    """
    with transaction.atomic():
        walk_in, session, user = _lock(walk_in_id, by, at)
        _require_reason(reason)
        member = walk_in.member
        if member is None:
            raise RollError(_("This walk-in is not matched to a member."))
        refuse_own_rows(by, [member.pk], RollError)
        Enrolment.objects.filter(
            training_class=session.training_class_id, member=member, sessions=_only(session)
        ).delete()
        hours = _take_mark_off(session, member, reason=reason, by=user, at=at)
        walk_in.member, walk_in.matched_at, walk_in.matched_by = None, None, None
        walk_in.save(update_fields=["member", "matched_at", "matched_by"])
        _record(
            walk_in,
            "unmatch_walk_in",
            by=by,
            at=at,
            before={"member": member.pk},
            after={"member": None, "reason": reason},
        )
    return Unmatched(member, hours)


def _put_mark_on(
    session: Session, enrolment: Enrolment, status: str, *, by: User, at: datetime
) -> Decimal:
    """Mark a member who was added to the roster of a submitted roll; returns the hours posted.

    A mark removed from this roll earlier is restored. The caller holds the session's lock.
    """
    member_id = enrolment.member_id
    lock_members([member_id])
    mark = {"status": status, "taken_off": False, "marked_at": at, "marked_by": by}
    Attendance.objects.update_or_create(
        session=session,
        member_id=member_id,
        defaults=mark | {"organisation_id": enrolment.organisation_id},
    )
    cause = AssessmentCause.RESTORED
    return claim_again(session, [member_id], cause=cause, reason="", by=by, at=at).hours


def _take_mark_off(
    session: Session, member: Member, *, reason: str, by: User, at: datetime
) -> Decimal | None:
    """Remove a member's mark from the roll; returns the hours reversed, None on a draft.

    A mark that was never assessed is deleted. A mark that the ledger refers to stays in the
    table, flagged `taken_off`, and no longer counts. The caller holds the session's lock.
    """
    mark = Attendance.objects.get(session=session, member=member)
    if not mark.assessments.exists():
        mark.delete()
        return None
    hours = None
    if is_submitted(session):
        lock_members([member.pk])
        hours = CreditEntry.objects.filter(assessment__in=mark.assessments).sum_hours()
        cause = AssessmentCause.WITHDRAWN
        claim_again(session, [member.pk], cause=cause, reason=reason, by=by, at=at)
    mark.taken_off, mark.status = True, AttendanceStatus.ABSENT
    mark.marked_at, mark.marked_by = at, by
    mark.save(update_fields=["taken_off", "status", "marked_at", "marked_by"])
    return hours


def _lock(
    walk_in_id: int, by: Actor, at: datetime, *, may_be_settled: bool = False
) -> tuple[WalkIn, Session, User]:
    """Lock the session if the actor may take its roll; returns the walk-in, session and actor."""
    if by.user is None:
        raise PermissionDenied
    seen = WalkIn.objects.visible_to(by.user, local_date(at)).get(pk=walk_in_id)
    session, user = lock_session(seen.session_id, by, at, may_be_settled=may_be_settled)
    require_open(session.pk)
    walk_in = WalkIn.objects.select_related("member").get(pk=walk_in_id)
    walk_in.session = session
    return walk_in, session, user


def _find(user: User, member_id: int | None, guest: Guest | None, at: datetime) -> Member:
    ids = [] if member_id is None else [member_id]
    members = find_members(user, ids, [] if guest is None else [guest], at)
    if len(members) != 1:
        raise RollError(_("Choose the member, or type member number and name."))
    return members[0]


def _enrol(session: Session, member: Member) -> Enrolment:
    """Add a member to the roster of this session only, after those with a pocket number."""
    return Enrolment.objects.create(
        training_class_id=session.training_class_id,
        member=member,
        organisation_id=organisations_of([member], session.held_on)[member.pk],
        sessions=_only(session),
    )


def _only(session: Session) -> NumericRange:
    return NumericRange(session.number, session.number + 1, "[)")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RollError(_("Say why."))


def _record(walk_in: WalkIn, act: str, *, by: Actor, at: datetime, **facts: Any) -> None:
    school = walk_in.session.training_class.school
    record_act(act=act, obj=walk_in, by=by, at=at, school_code=school.code, **facts)

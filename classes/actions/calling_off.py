"""Sessions that are not held as planned: called off before they begin, or moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.models import User
from accounts.origin import Actor
from accounts.records import lock_row
from classes.actions.enrolments import (
    LetIn,
    compare_waiting,
    let_in_waiting,
    list_marked,
    list_waiting,
    lock_class,
)
from classes.errors import RosterError
from classes.models import ClassNotice, Enrolment, LeaveRequest
from classes.models.notices import LONGEST_NOTICE
from classes.notices import say_called_off, tell_class, tell_joining_schools
from config.lib.dates import format_moment
from courses.models import Session, TrainingClass
from courses.records import lock_around, save_session
from courses.signals import sessions_called_off
from dispatch.actions.steps import lock_letter_of_class


@dataclass(frozen=True)
class CalledOff:
    """The sessions called off, the number of members on their rosters, and of requests ended."""

    sessions: list[Session]
    members: int
    leaves: int


def call_off_session(*, session_id: int, reason: str, by: Actor, at: datetime) -> CalledOff:
    """Call one session off: its venue and lecturer become free, and it never has a roll.

    A notice informs its trainees; requests for leave from it end. Raises Session.DoesNotExist,
    PermissionDenied like `lock_class`, and RosterError for a session that has begun, is already
    called off or has marks, or without a reason.
    """
    with transaction.atomic():
        seen = Session.objects.get(pk=session_id)
        lock_letter_of_class(seen.training_class_id)
        try:
            training_class, user = lock_class(seen.training_class_id, by, at)
        except TrainingClass.DoesNotExist as error:
            raise Session.DoesNotExist from error
        sessions = _lock(training_class, at, number=seen.number)
        if not sessions:
            raise RosterError(
                _("This session has begun, or was called off already: it stays as it is.")
            )
        return _call_off(training_class, sessions, reason, user, by=by, at=at)


def call_off_class(*, training_class_id: int, reason: str, by: Actor, at: datetime) -> CalledOff:
    """Call off all sessions of a class that have not begun.

    Raises the same errors as `lock_class`, and RosterError if none is left, if one has marks
    already, or without a reason.
    """
    with transaction.atomic():
        lock_letter_of_class(training_class_id)
        training_class, user = lock_class(training_class_id, by, at)
        sessions = _lock(training_class, at)
        if not sessions:
            raise RosterError(_("No session of this class is left to be called off."))
        return _call_off(training_class, sessions, reason, user, by=by, at=at)


def change_session(*, obj: Session, by: Actor, at: datetime, **kwargs: Any) -> LetIn:
    """Save a changed session; a notice informs its trainees of another time or place.

    Returns the members who got a place because of another venue. Raises RecordError like
    `save_session`, and PermissionDenied if the actor is no user.
    """
    if by.user is None:
        raise PermissionDenied
    with transaction.atomic():
        # In the order of `save_session`; nobody leaves the waiting list between this read and it.
        lock_row(obj.course, no_key=True)
        _school, _venue, training_class = lock_around(obj)
        before = Session.objects.select_related("venue").get(pk=obj.pk)
        has_trainees = Enrolment.objects.of_session(obj).exists()
        waited = list_waiting(training_class)
        save_session(obj=obj, by=by, at=at, **kwargs)
        if _when_and_where(before) != _when_and_where(obj):
            text = _move(before, obj)
            tell_joining_schools(training_class, text, at=at)
            if has_trainees:
                notice = ClassNotice.objects.create(
                    training_class=training_class, text=text, posted_at=at, posted_by=by.user
                )
                tell_class(notice)
        return compare_waiting(training_class, waited, at)


def _when_and_where(session: Session) -> tuple[datetime, datetime, str]:
    return session.starts_at, session.ends_at, session.where


def _move(before: Session, after: Session) -> str:
    """The text of the notice about a move, in the language of the installation."""
    with translation.override(settings.LANGUAGE_CODE):
        facts = {
            "number": after.number,
            "before": f"{format_moment(before.starts_at)} {before.where}",
            "after": f"{format_moment(after.starts_at)} {after.where}",
        }
        text = _("Session %(number)d is moved: %(after)s instead of %(before)s.") % facts
    return text[:LONGEST_NOTICE]


def _lock(training_class: TrainingClass, at: datetime, **which: int) -> list[Session]:
    """Sessions that have not begun, locked, so that none of their rolls begins meanwhile."""
    ahead = training_class.sessions.to_be_held().filter(starts_at__gt=at, **which)
    return list(ahead.select_for_update(of=("self",), no_key=True).order_by("number"))


def _call_off(
    training_class: TrainingClass,
    sessions: list[Session],
    reason: str,
    user: User,
    *,
    by: Actor,
    at: datetime,
) -> CalledOff:
    reason = reason.strip()
    if not reason:
        raise RosterError(_("Say why; the trainees read it."), field="reason")
    if list_marked(sessions):
        raise RosterError(_("The roll has marks already, so the session stays."))
    rows = Session.objects.filter(pk__in=[session.pk for session in sessions])
    rows.update(called_off_at=at, called_off_by=user, called_off_because=reason)
    for session in sessions:
        record_act(
            act="call_off_session",
            obj=session,
            by=by,
            at=at,
            school_code=training_class.school.code,
            after={"reason": reason},
        )
    sessions_called_off.send(Session, sessions=sessions, reason=reason, by=by, at=at)
    on_rosters = {
        member
        for session in sessions
        for member in Enrolment.objects.of_session(session).values_list("member", flat=True)
    }
    leaves = LeaveRequest.objects.current().filter(session__in=sessions).update(withdrawn_at=at)
    # The smallest venue may have been that of a session which is now called off.
    let_in_waiting(training_class=training_class, field="", by=by, at=at)
    notice = ClassNotice.objects.create(
        training_class=training_class,
        text=say_called_off(sessions, reason),
        posted_at=at,
        posted_by=user,
    )
    tell_class(notice)
    tell_joining_schools(training_class, notice.text, at=at)
    return CalledOff(sessions, len(on_rosters), leaves)

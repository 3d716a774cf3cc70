"""Receivers for signals of lower apps: a class and its engagements never disagree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from accounts.origin import Actor
from accounts.records import RecordError, lock_row
from config.lib.periods import at_local, end_of_day
from courses.models import Session
from courses.records import say_taken
from courses.signals import session_saved, sessions_called_off
from dispatch.actions.following import follow_session, withdraw_for_sessions
from dispatch.actions.merging import hand_over_letters
from dispatch.actions.taken_lecturers import (
    equals,
    keep_overridden,
    tell_called_off,
    tell_taken,
    weigh_taken,
)
from dispatch.enums import EngagementState
from dispatch.models import Engagement
from instructors.models import Instructor
from instructors.queries.availability import Teaching
from instructors.signals import teaching_asked
from schools.models import School
from schools.signals import school_merging


@receiver(session_saved, dispatch_uid="dispatch.follow_changed_session")
def follow_changed_session(
    session: Session, stored: Session | None, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """The engagement moves with its session; another letter's lecturer and venue stay with it.

    A lecturer whom the school takes past the desk is weighed as there, and told.
    """
    if session.instructor is not None:
        # The desk locks the lecturer too, so neither misses what the other is about to write.
        lock_row(session.instructor, no_key=True)
    findings = weigh_taken(session, stored, by=by, at=at)
    if stored is not None:
        follow_session(session, by=by, at=at)
    _refuse_engaged(session)
    keep_overridden(session, findings, by=by, at=at)
    tell_taken(session, stored, by=by, at=at)


@receiver(teaching_asked, dispatch_uid="dispatch.tell_engagements")
def tell_engagements(
    instructor: Instructor, first: date, last: date, **_kwargs: Any
) -> list[Teaching]:
    """The engagements of these days that were proposed or accepted and are no session yet."""
    told = (EngagementState.PROPOSED, EngagementState.ACCEPTED)
    rows = Engagement.objects.filter(
        instructor=instructor,
        session=None,
        state__in=told,
        starts_at__gte=at_local(first, 0),
        starts_at__lte=end_of_day(last),
    )
    return [
        Teaching(one.starts_at, one.ends_at, f"{one.letter.school} · {one.letter.title}")
        for one in rows.select_related("letter__school")
    ]


@receiver(sessions_called_off, dispatch_uid="dispatch.withdraw_called_off")
def withdraw_called_off(
    sessions: Sequence[Session], reason: str, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """Lecturers of sessions that are called off are free again, and are told."""
    tell_called_off(sessions, reason, by=by, at=at)
    withdraw_for_sessions(sessions, reason, by=by, at=at)


@receiver(school_merging, dispatch_uid="dispatch.hand_over_letters")
def hand_over_letters_of_merging(
    school: School, into: School, by: Actor, at: datetime, **_kwargs: Any
) -> list[str]:
    """Letters of a school that merges go on at the other."""
    return hand_over_letters(school, into, by=by, at=at)


def _refuse_engaged(session: Session) -> None:
    """Raise RecordError if lecturer or venue is engaged for another letter at that time."""
    at_once = Engagement.objects.with_venue().filter(
        starts_at__lt=session.ends_at, ends_at__gt=session.starts_at
    )
    own = Q(session=session) | equals(session)
    others = at_once.exclude(own).select_related("letter__school")
    for name, rows in {"instructor": others.live(), "venue": others}.items():
        key = getattr(session, f"{name}_id")
        other = rows.filter(**{name: key}).first() if key else None
        if other is not None:
            text = say_taken(
                session,
                name,
                title=other.letter.number,
                school=other.letter.school,
                starts_at=other.starts_at,
                ends_at=other.ends_at,
            )
            raise RecordError(text, field=name)

"""The private addresses of calendars: created, renewed, ended."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record_act
from accounts.origin import Actor
from classes.models import CalendarFeed
from classes.queries.calendar_feeds import hash_token
from instructors.models import Instructor
from trainees.models import Member

_TOKEN_BYTES = 32


def make_calendar_feed(*, by: Actor, at: datetime) -> str:
    """Return a new token for the actor's own timetable; a former token stops working.

    The token itself is not stored. Raises PermissionDenied if the actor is not a member.
    """
    with transaction.atomic():
        return _make(by, at, member=_lock_own(Member, by))


def end_calendar_feed(*, by: Actor, at: datetime) -> None:
    """End the actor's calendar address. Raises like `make_calendar_feed`."""
    with transaction.atomic():
        _end(by, at, member=_lock_own(Member, by))


def make_teaching_feed(*, by: Actor, at: datetime) -> str:
    """Return a new token for the sessions that the actor teaches; a former token stops working.

    The token itself is not stored. Raises PermissionDenied if the actor is not a lecturer.
    """
    with transaction.atomic():
        return _make(by, at, instructor=_lock_own(Instructor, by))


def end_teaching_feed(*, by: Actor, at: datetime) -> None:
    """End the actor's calendar address as a lecturer. Raises like `make_teaching_feed`."""
    with transaction.atomic():
        _end(by, at, instructor=_lock_own(Instructor, by))


def _make(by: Actor, at: datetime, **owner: Member | Instructor) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    facts = {"token_hash": hash_token(token), "made_at": at}
    feed, _new = CalendarFeed.objects.update_or_create(defaults=facts, **owner)  # type: ignore[arg-type]
    record_act(act="make_calendar_feed", obj=feed, by=by, at=at)
    return token


def _end(by: Actor, at: datetime, **owner: Member | Instructor) -> None:
    feed = CalendarFeed.objects.filter(**owner).first()
    if feed is not None:
        record_act(act="end_calendar_feed", obj=feed, by=by, at=at)
        feed.delete()


def _lock_own[M: (Member, Instructor)](model: type[M], by: Actor) -> M:
    """The actor's own row, locked, so that of two addresses made at once the later one counts."""
    own = model._default_manager.select_for_update(no_key=True).filter(user=by.user)
    row = own.first() if by.user else None
    if row is None:
        raise PermissionDenied
    return row

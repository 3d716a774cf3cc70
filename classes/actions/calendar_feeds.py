"""The private address of a member's timetable: created, renewed, ended."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record_act
from accounts.origin import Actor
from classes.models import CalendarFeed
from classes.queries.timetable import hash_token
from trainees.models import Member

_TOKEN_BYTES = 32


def make_calendar_feed(*, by: Actor, at: datetime) -> str:
    """Return a new token for the actor's own timetable; a former token stops working.

    The token itself is not stored. Raises PermissionDenied if the actor is not a member.
    """
    with transaction.atomic():
        member = _lock_member(by)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        facts = {"token_hash": hash_token(token), "made_at": at}
        feed, _new = CalendarFeed.objects.update_or_create(member=member, defaults=facts)
        record_act(act="make_calendar_feed", obj=feed, by=by, at=at)
    return token


def end_calendar_feed(*, by: Actor, at: datetime) -> None:
    """End the actor's calendar address. Raises like `make_calendar_feed`."""
    with transaction.atomic():
        feed = CalendarFeed.objects.filter(member=_lock_member(by)).first()
        if feed is not None:
            record_act(act="end_calendar_feed", obj=feed, by=by, at=at)
            feed.delete()


def _lock_member(by: Actor) -> Member:
    """The actor's own row, locked, so that of two addresses made at once the later one counts."""
    members = Member.objects.select_for_update(no_key=True).filter(user=by.user)
    member = members.first() if by.user else None
    if member is None:
        raise PermissionDenied
    return member

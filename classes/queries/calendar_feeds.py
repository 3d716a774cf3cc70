"""Whose sessions a calendar may fetch by its address, and which."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from classes.models import CalendarFeed
from classes.queries.engagements import list_teaching_events
from classes.queries.timetable import list_events
from config.lib.calendars import Event
from config.lib.encryption import keyed_hash


def hash_token(token: str) -> str:
    """The stored hash of a calendar address token."""
    return keyed_hash(token, purpose="calendar")


def find_feed(token: str) -> CalendarFeed | None:
    """The feed of this token, if its member or lecturer has an active account."""
    active = Q(member__user__is_active=True, member__merged_into=None) | Q(
        instructor__user__is_active=True
    )
    return (
        CalendarFeed.objects.filter(active, token_hash=hash_token(token))
        .select_related("member", "instructor")
        .first()
    )


def list_events_of(feed: CalendarFeed, now: datetime) -> list[Event]:
    """The sessions of the feed as calendar events; they name nobody."""
    events = list_teaching_events(feed.instructor, now) if feed.instructor else []
    return list_events(feed.member, now) if feed.member else events

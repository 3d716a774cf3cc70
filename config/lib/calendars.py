"""Calendars as iCalendar files (RFC 5545): events with times in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

CONTENT_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//Xuetang//Timetable//EN"
# The most octets in a line, line break excluded (RFC 5545, 3.1).
_LINE_OCTETS = 75


@dataclass(frozen=True)
class Event:
    """One event. `uid` stays the same each time the event is written.

    A cancelled event remains in the calendar, marked as cancelled (RFC 5545, 3.8.1.11); a tentative
    one is not settled yet.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    is_cancelled: bool = False
    is_tentative: bool = False


def write_calendar(name: str, events: Iterable[Event], *, at: datetime) -> bytes:
    """A calendar with these events; `at` is the time of writing."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape_text(name)}",
    ]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{_moment(at)}",
            f"DTSTART:{_moment(event.starts_at)}",
            f"DTEND:{_moment(event.ends_at)}",
            f"SUMMARY:{escape_text(event.summary)}",
        ]
        if event.is_cancelled:
            lines += ["STATUS:CANCELLED", "SEQUENCE:1", "TRANSP:TRANSPARENT"]
        elif event.is_tentative:
            lines.append("STATUS:TENTATIVE")
        if event.location:
            lines.append(f"LOCATION:{escape_text(event.location)}")
        if event.description:
            lines.append(f"DESCRIPTION:{escape_text(event.description)}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return b"".join(fold_line(line) + b"\r\n" for line in lines)


def escape_text(text: str) -> str:
    """Escape backslash, semicolon, comma and line break in a text value (RFC 5545, 3.3.11)."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def fold_line(line: str) -> bytes:
    """Fold a content line at 75 octets without splitting a character (RFC 5545, 3.1)."""
    parts, room = [b""], _LINE_OCTETS
    for sign in line:
        octets = sign.encode()
        if len(parts[-1]) + len(octets) > room:
            parts.append(b"")
            room = _LINE_OCTETS - 1  # a continuation line begins with a space
        parts[-1] += octets
    return b"\r\n ".join(parts)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

"""Marks as a device sends them, in JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from rolls.actions.device_marks import DeviceMark
from rolls.enums import AttendanceStatus

# A class has at most 300 people, and a device has one unanswered mark for each of them.
MARKS_AT_ONCE = 500
_LARGEST_ID = 2**63 - 1


def parse_device_marks(body: bytes) -> tuple[int, list[DeviceMark]]:
    """Parse `{"person", "marks": [{id, member, status, seen, made_at}]}` into person and marks.

    Raises ValueError if anything is missing, of a wrong type, or too much.
    """
    try:
        sent = json.loads(body)
        person, marks = sent["person"], sent["marks"]
        if type(person) is not int:
            raise ValueError("no account")
        if not isinstance(marks, list) or len(marks) > MARKS_AT_ONCE:
            raise ValueError("not a list of marks of this length")
        return person, [_parse_mark(mark) for mark in marks]
    except (AttributeError, KeyError, OverflowError, TypeError, RecursionError) as error:
        raise ValueError("not a list of marks") from error


def _parse_mark(mark: Any) -> DeviceMark:
    member, seen = mark["member"], mark["seen"]
    if type(member) is not int or not 0 < member <= _LARGEST_ID:
        raise ValueError("no member id")
    made_at = datetime.fromisoformat(mark["made_at"])
    if made_at.tzinfo is None:
        raise ValueError("a time without a zone")
    return DeviceMark(
        key=UUID(mark["id"]),
        member_id=member,
        status=AttendanceStatus(mark["status"]).value,
        seen=AttendanceStatus(seen).value if seen else "",
        device_at=made_at.astimezone(UTC),
    )

"""The marks of a school's own trainees in a class that it joins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classes.enums import RollState
from rolls.models import Attendance
from rolls.queries.rolls import format_mark


def read_joint_marks(page: Mapping[str, Any]) -> dict[str, Any] | None:
    """For each own trainee the marks of submitted rolls, by session; None before there is one.

    One statement.
    """
    joint = page["page"]
    marks = Attendance.objects.current().filter(
        session__in=joint.sessions,
        session__roll__state=RollState.SUBMITTED,
        member__in=[row.member_id for row in joint.own],
    )
    known = {
        (member, session): status
        for member, session, status in marks.values_list("member", "session", "status")
    }
    sessions = [session for session in joint.sessions if any(key[1] == session.pk for key in known)]
    if not sessions:
        return None
    lines = [
        (
            row.member.name,
            [
                (session.number, format_mark(status))
                if (status := known.get((row.member_id, session.pk), ""))
                else (session.number, "–")
                for session in sessions
            ],
        )
        for row in joint.own
    ]
    return {"marked_sessions": sessions, "mark_lines": lines}

"""The dispatch plan: its draft beside the last released version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from dispatch.enums import EngagementState
from dispatch.models import Engagement, PlanLine, PlanVersion
from dispatch.queries.candidates import list_blocks

_WHAT = ("letter__school", "course", "instructor")


@dataclass(frozen=True)
class Change:
    """A session that the next version has otherwise: as it was (if it was there), and as it is."""

    before: PlanLine | None
    after: Engagement | None

    @property
    def is_known(self) -> bool:
        """Whether the lecturers concerned know of it already."""
        return self.after is None or self.after.state != EngagementState.DRAFT

    @property
    def kind(self) -> str:
        """Whether it is `added`, `changed` or `dropped`."""
        if self.before is None:
            return "added"
        return "changed" if self.after else "dropped"


def last_version() -> PlanVersion | None:
    """The version that was released last."""
    return PlanVersion.objects.select_related("released_by").first()


def list_changes(version: PlanVersion | None, at: datetime) -> list[Change]:
    """What the draft changes, of sessions that are still to come, by their time."""
    rows = Engagement.objects.live().filter(starts_at__gt=at, instructor__isnull=False)
    draft = {(row.letter_id, row.number): row for row in rows.select_related(*_WHAT)}
    lines: dict[tuple[int, int], PlanLine] = {}
    if version is not None:
        for line in version.lines.filter(starts_at__gt=at).select_related(*_WHAT):
            lines[line.letter_id, line.number] = line
    changes = [
        Change(lines.get(key), draft.get(key))
        for key in draft.keys() | lines.keys()
        if says(lines.get(key)) != says(draft.get(key))
    ]
    return sorted(changes, key=_by_time)


def says(row: Engagement | PlanLine | None) -> tuple[object, ...]:
    """What a plan says of a session; nothing where it does not have it."""
    if row is None:
        return ()
    return row.letter_id, row.number, row.course_id, row.instructor_id, row.starts_at, row.ends_at


def list_lines_to_come(version: PlanVersion | None, at: datetime) -> list[PlanLine]:
    """The lines of a version whose sessions are still to come; without a version, none."""
    return list(version.lines.filter(starts_at__gt=at)) if version else []


def list_drafts(at: datetime) -> list[tuple[Engagement, str]]:
    """Drafts with a lecturer, by time, each with what has come to block them since.

    A constant number of statements.
    """
    rows = Engagement.objects.filter(
        state=EngagementState.DRAFT, starts_at__gt=at, instructor__isnull=False
    )
    drafts = list(rows.select_related(*_WHAT, "venue").prefetch_related("course__instructors"))
    blocks = list_blocks(drafts)
    return [(row, blocks.get(row.pk, "")) for row in drafts]


def _by_time(change: Change) -> tuple[datetime, int]:
    row = change.after or change.before
    if row is None:
        raise ValueError("a change has a session")
    return row.starts_at, row.pk


def list_lines(version: PlanVersion) -> QuerySet[PlanLine]:
    """The lines of a version, by time."""
    return version.lines.select_related(*_WHAT)

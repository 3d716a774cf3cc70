"""The dispatch plan: its draft beside the last released version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet

from dispatch.enums import EngagementState
from dispatch.models import Engagement, PlanLine, PlanVersion
from dispatch.queries.candidates import list_blocks

_WHAT = ("letter__school", "course", "instructor")


class ChangeKind(StrEnum):
    """What became of a session between two states of the plan."""

    ADDED = "added"
    CHANGED = "changed"
    OPEN = "open"
    OFF = "off"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Change:
    """A session that a plan has otherwise: as it was (if it was there), and as it is.

    `standing` is the last engagement of a session that the draft has no more.
    """

    before: PlanLine | None
    after: Engagement | PlanLine | None
    standing: Engagement | None = None

    @property
    def is_known(self) -> bool:
        """Whether the lecturers concerned know of it already."""
        return not isinstance(self.after, Engagement) or self.after.state != EngagementState.DRAFT

    @property
    def kind(self) -> ChangeKind:
        """One that is gone is `OPEN` where the next lecturer is looked for, and else `OFF`."""
        if self.before is None:
            return ChangeKind.ADDED
        if self.after is not None:
            return ChangeKind.CHANGED
        if self.standing is None:
            return ChangeKind.DROPPED
        session = self.standing.session
        is_off = session is not None and session.is_called_off
        if is_off or self.standing.letter.has_ended:
            return ChangeKind.OFF
        return ChangeKind.OPEN

    @property
    def why(self) -> str:
        """Why a session is gone: who declined, or what was said when it was withdrawn."""
        if self.standing is None or self.standing.state == EngagementState.DRAFT:
            return ""
        words = (str(self.standing.get_state_display()), self.standing.reason)
        return " · ".join(word for word in words if word)


def last_version() -> PlanVersion | None:
    """The version that was released last."""
    return PlanVersion.objects.select_related("released_by").first()


def list_changes(version: PlanVersion | None, at: datetime) -> list[Change]:
    """What the draft changes, of sessions that are still to come, by their time."""
    rows = Engagement.objects.live().filter(starts_at__gt=at, instructor__isnull=False)
    draft = {(row.letter_id, row.number): row for row in rows.select_related(*_WHAT)}
    lines = _lines_of(version, at)
    changed = [key for key in draft.keys() | lines if says(lines.get(key)) != says(draft.get(key))]
    standing = _read_standing([key for key in changed if key not in draft])
    changes = [Change(lines.get(key), draft.get(key), standing.get(key)) for key in changed]
    return sorted(changes, key=_by_time)


def _read_standing(keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Engagement]:
    """The last engagement of each of these sessions, by letter and number. One statement."""
    rows = Engagement.objects.filter(letter__in={letter for letter, _number in keys})
    rows = rows.select_related(*_WHAT, "session").order_by("pk")
    wanted = set(keys)
    found = ((row.letter_id, row.number) for row in rows)
    return {key: row for key, row in zip(found, rows, strict=True) if key in wanted}


def list_version_changes(version: PlanVersion) -> list[Change]:
    """What a version changed against the one before, of sessions to come at its release."""
    former = PlanVersion.objects.filter(number__lt=version.number).first()
    before = _lines_of(former, version.released_at)
    after = _lines_of(version, version.released_at)
    changes = [
        Change(before.get(key), after.get(key))
        for key in before.keys() | after
        if says(before.get(key)) != says(after.get(key))
    ]
    return sorted(changes, key=_by_time)


def _lines_of(version: PlanVersion | None, at: datetime) -> dict[tuple[int, int], PlanLine]:
    """The lines of a version whose sessions come after `at`, by letter and number."""
    if version is None:
        return {}
    rows = version.lines.filter(starts_at__gt=at).select_related(*_WHAT)
    return {(row.letter_id, row.number): row for row in rows}


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

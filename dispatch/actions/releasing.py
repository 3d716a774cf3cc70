"""Releasing the dispatch plan: the chosen drafts are proposed, and a version says what stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from config.lib.lock_classes import LockClass
from dispatch.actions.desk import propose
from dispatch.enums import EngagementState
from dispatch.errors import BookingError, EngagementError
from dispatch.models import Engagement, PlanLine, PlanVersion
from dispatch.permissions import dispatches
from dispatch.queries.candidates import list_blocks
from dispatch.queries.plan import last_version, list_lines_to_come, says


@dataclass(frozen=True)
class Release:
    """A new version, what it proposed, and what stays in the draft.

    `blocked` are drafts that were to go out, each with what has come to speak against it; `left`
    are those that nobody chose.
    """

    version: PlanVersion
    proposed: Sequence[Engagement]
    blocked: Sequence[tuple[Engagement, str]]
    left: Sequence[Engagement]


def release_plan(
    *, note: str, chosen: Collection[int] | None = None, by: Actor, at: datetime
) -> Release:
    """Release a version of the plan: the chosen drafts are proposed to their lecturers.

    `chosen` are keys of engagements; without it, all drafts with a lecturer. Whom a check has come
    to block since they were drafted stays in the draft and stops nobody else. The version holds
    what lecturers know of: each live engagement to come that is proposed or accepted. Its lecturers
    have the days of the rule to answer, and at most until the session begins. Raises
    PermissionDenied, BookingError if nothing changed since the last version, and EngagementError if
    all that was chosen is blocked.
    """
    with transaction.atomic():
        if by.user is None or not dispatches(by.user):
            raise PermissionDenied
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LockClass.PLAN_VERSIONS])
        rows = _lock_rows(at)
        drafts = [row for row in rows if row.state == EngagementState.DRAFT]
        wanted = [row for row in drafts if chosen is None or row.pk in chosen]
        blocks = list_blocks(wanted)
        proposed = [row for row in wanted if row.pk not in blocks]
        known = [row for row in rows if row.state != EngagementState.DRAFT] + proposed
        blocked = [(row, blocks[row.pk]) for row in wanted if row.pk in blocks]
        last = last_version()
        left = [row for row in drafts if row not in wanted]
        _require_news(last, known, blocked, left, at)
        version = PlanVersion.objects.create(
            number=last.number + 1 if last else 1,
            note=note.strip(),
            released_at=at,
            released_by=person_of(by),
        )
        propose(proposed, at)
        _store_lines(version, known)
        record_act(
            act="release_plan",
            obj=version,
            by=by,
            at=at,
            after={"lines": len(known), "proposed": len(proposed), "note": version.note},
        )
    return Release(version, proposed, blocked, left)


def _lock_rows(at: datetime) -> list[Engagement]:
    """What is engaged from now on, drafts included, locked."""
    rows = Engagement.objects.live().filter(starts_at__gt=at, instructor__isnull=False)
    rows = rows.select_related("letter__school", "course", "instructor", "venue")
    rows = rows.prefetch_related("course__instructors")
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _require_news(
    last: PlanVersion | None,
    known: Sequence[Engagement],
    blocked: Sequence[tuple[Engagement, str]],
    left: Sequence[Engagement],
    at: datetime,
) -> None:
    """Raise EngagementError or BookingError where the version would say what the last one says."""
    before = {says(line) for line in list_lines_to_come(last, at)}
    if before != {says(row) for row in known}:
        return
    if blocked:
        raise EngagementError(
            " ".join(f"{row.letter.number} · {row.instructor}: {why}" for row, why in blocked)
        )
    if left:
        raise BookingError(_("Choose what goes out."), "chosen")
    if last is None:
        raise BookingError(_("No session has a lecturer yet."))
    raise BookingError(_("Nothing changed since the last version."))


def _store_lines(version: PlanVersion, rows: Sequence[Engagement]) -> None:
    PlanLine.objects.bulk_create(
        PlanLine(
            version=version,
            engagement=row,
            letter_id=row.letter_id,
            number=row.number,
            course_id=row.course_id,
            instructor_id=row.instructor_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows
        if row.instructor_id is not None
    )

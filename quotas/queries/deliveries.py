"""What was taught in a year, session by session: live, or as the final reconciliation froze it.

Both come from one statement, so a report says the same the moment before and after the close.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from config.lib.rows import select_rows
from hours.queries.holders import HOLDER_OF_ROW, ROW_GIVEN_UP
from quotas.models import Reconciliation
from rolls.hours_source import ATTENDED_SQL

# The columns of a session delivered, in the order of `Delivered`.
COLUMNS = """
session_id, training_class_id, school_id, held_on, audience, module_id, strand, tasks, format,
mode, corps, programme_id, taught, hours, members
"""
_MEMBER = HOLDER_OF_ROW.format(member="mark.member_id", day="held.held_on")
# Sessions that are over and were not called off; marks *present* and *late* of submitted rolls,
# and the hours that the ledger holds of these rolls, counted at the school of the class. Members
# are those who hold these hours; one of whom both rows were marked stands there twice.
_LIVE = f"""
SELECT session.id AS session_id, class.id AS training_class_id, class.school_id,
       session.held_on, class.audience, class.module_id, course.strand, course.tasks,
       class.format, class.mode, coalesce(instructor.corps, '') AS corps, class.programme_id,
       session.hours AS taught, coalesce(posted.hours, 0) AS hours,
       coalesce(present.members, '{{}}') AS members
FROM courses_session session
JOIN courses_trainingclass class ON class.id = session.training_class_id
JOIN courses_course course ON course.id = session.course_id
LEFT JOIN instructors_instructor instructor ON instructor.id = session.instructor_id
LEFT JOIN (
    SELECT mark.session_id, array_agg({_MEMBER} ORDER BY {_MEMBER}) AS members
    FROM rolls_attendance mark
    JOIN courses_session held ON held.id = mark.session_id
    JOIN classes_roll roll ON roll.session_id = mark.session_id AND roll.state = 'submitted'
    {ROW_GIVEN_UP.format(member="mark.member_id")}
    WHERE mark.status IN {ATTENDED_SQL}
      AND held.held_on >= %(first)s AND held.held_on <= %(last)s
    GROUP BY mark.session_id
) present ON present.session_id = session.id
LEFT JOIN (
    SELECT roll.session_id, sum(entry.hours) AS hours
    FROM courses_session held
    JOIN classes_roll roll ON roll.session_id = held.id
    JOIN hours_assessment assessment ON assessment.source_id = roll.source_id
    JOIN hours_creditentry entry ON entry.assessment_id = assessment.id
    WHERE held.held_on >= %(first)s AND held.held_on <= %(last)s
    GROUP BY roll.session_id
) posted ON posted.session_id = session.id
WHERE session.held_on >= %(first)s AND session.held_on <= %(last)s
  AND session.called_off_at IS NULL AND session.ends_at <= %(now)s
"""  # noqa: S608 - fixed text, no input
_READ = f"{_LIVE} AND class.school_id = ANY(%(schools)s) ORDER BY session.held_on, session.id"
_FROZEN = f"""
SELECT {COLUMNS} FROM quotas_deliveredsession
WHERE reconciliation_id = %(reconciliation)s AND school_id = ANY(%(schools)s)
ORDER BY held_on, session_id
"""  # noqa: S608 - fixed text, no input
_STORE = f"""
INSERT INTO quotas_deliveredsession (reconciliation_id, {COLUMNS})
SELECT %(reconciliation)s, delivered.*
FROM ({_LIVE} ORDER BY session.held_on, session.id) delivered
"""  # noqa: S608 - fixed text, no input


@dataclass(frozen=True)
class Delivered:
    """A session that was held: what it was, the keys of those who attended, and its hours."""

    session_id: int
    training_class_id: int
    school_id: int
    held_on: date
    audience: str
    module_id: int
    strand: str
    tasks: list[str]
    format: str
    mode: str
    corps: str
    programme_id: int | None
    taught: Decimal
    hours: Decimal
    members: list[int]

    @property
    def person_times(self) -> int:
        return len(self.members)


def read_delivered(
    school_ids: Collection[int], first: date, last: date, now: datetime
) -> list[Delivered]:
    """The sessions of these schools from `first` to `last`, as they stand now. One statement."""
    values = _days(first, last, now) | {"schools": list(school_ids)}
    return _fetch(_READ, values)


def read_frozen(run: Reconciliation, school_ids: Collection[int]) -> list[Delivered]:
    """The sessions of these schools that a final reconciliation stored. One statement."""
    return _fetch(_FROZEN, {"reconciliation": run.pk, "schools": list(school_ids)})


def store_delivered(run: Reconciliation, now: datetime) -> int:
    """Freeze the sessions of the year of a final reconciliation; returns how many."""
    values = _days(date(run.year, 1, 1), date(run.year, 12, 31), now)
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values | {"reconciliation": run.pk})
        return int(cursor.rowcount)


def list_moved_sessions() -> list[int]:
    """The sessions of closed years with other members or hours than were frozen.

    A check of `verify_ledger`. What a course says of its strand and tasks may be corrected later.
    """
    moved: set[int] = set()
    for run in Reconciliation.objects.frozen():
        days = _days(date(run.year, 1, 1), date(run.year, 12, 31), run.started_at)
        stored = _fetch(
            f"SELECT {COLUMNS} FROM quotas_deliveredsession WHERE reconciliation_id = %(run)s",  # noqa: S608 - fixed text, no input
            {"run": run.pk},
        )
        moved |= {pk for pk, *_rest in _compared(stored) ^ _compared(_fetch(_LIVE, days))}
    return sorted(moved)


def _compared(rows: list[Delivered]) -> set[tuple[int, Decimal, tuple[int, ...]]]:
    return {(one.session_id, one.hours, tuple(one.members)) for one in rows}


def _days(first: date, last: date, now: datetime) -> dict[str, Any]:
    return {"first": first, "last": last, "now": now}


def _fetch(statement: str, values: dict[str, Any]) -> list[Delivered]:
    return select_rows(Delivered, statement, values)

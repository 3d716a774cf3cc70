"""The figures of each school in a year, live from the rows, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from config.lib.hours import ZERO
from config.lib.periods import local_date
from schools.models import School
from trainees.queries.requirements import OWED_BY_ALL, day_of_judgement

# `done` reads the ledger once, in the order of the covering index, and sums it twice: by member
# for the verdicts, and by school of the day and category (where member_id is null).
FIGURES = f"""
WITH done AS (
    SELECT member_id, school_id, category, sum(hours) AS hours FROM trainees_creditentry
    WHERE credit_year = %(year)s
    GROUP BY GROUPING SETS ((member_id), (school_id, category))
), owed AS ({OWED_BY_ALL}
), target AS (
    SELECT owed.school_id,
           count(*) FILTER (WHERE standing = 'normal' AND exemption IS NULL) AS counted,
           count(*) FILTER (WHERE standing = 'normal' AND exemption IS NULL
                                  AND coalesce(total.hours, 0) >= owed.owed) AS met,
           count(*) FILTER (WHERE standing = 'normal' AND exemption IS NOT NULL) AS exempt,
           count(*) FILTER (WHERE standing <> 'normal') AS out
    FROM owed
    LEFT JOIN done total ON total.member_id = owed.member_id
    GROUP BY owed.school_id
), hours AS (
    SELECT school_id, sum(hours) FILTER (WHERE category = 'concentrated') AS concentrated,
           sum(hours) FILTER (WHERE category = 'collective') AS collective
    FROM done WHERE member_id IS NULL GROUP BY school_id
), held AS (
    SELECT class.school_id, count(DISTINCT class.id) AS classes, count(*) AS sessions,
           count(*) FILTER (WHERE roll.state IS DISTINCT FROM 'submitted') AS due
    FROM courses_session session
    JOIN courses_trainingclass class ON class.id = session.training_class_id
    LEFT JOIN trainees_roll roll ON roll.session_id = session.id
    WHERE session.held_on >= %(first)s AND session.held_on <= %(last)s
      AND session.ends_at <= %(now)s
    GROUP BY class.school_id
), times AS (
    SELECT class.school_id, count(*) AS person_times, count(DISTINCT mark.member_id) AS members
    FROM courses_session session
    JOIN courses_trainingclass class ON class.id = session.training_class_id
    JOIN trainees_roll roll ON roll.session_id = session.id AND roll.state = 'submitted'
    JOIN trainees_attendance mark ON mark.session_id = session.id
    WHERE session.held_on >= %(first)s AND session.held_on <= %(last)s
      AND mark.status IN ('present', 'late') AND class.school_id = ANY(%(schools)s)
    GROUP BY GROUPING SETS ((class.school_id), ())
)
SELECT school.id, school.name, coalesce(held.classes, 0), coalesce(held.sessions, 0),
       coalesce(held.due, 0), coalesce(times.person_times, 0), coalesce(times.members, 0),
       (SELECT members FROM times WHERE school_id IS NULL),
       coalesce(hours.concentrated, 0), coalesce(hours.collective, 0),
       coalesce(target.counted, 0), coalesce(target.met, 0), coalesce(target.exempt, 0),
       coalesce(target.out, 0)
FROM schools_school school
LEFT JOIN held ON held.school_id = school.id
LEFT JOIN times ON times.school_id = school.id
LEFT JOIN hours ON hours.school_id = school.id
LEFT JOIN target ON target.school_id = school.id
WHERE school.id = ANY(%(schools)s)
ORDER BY school.code
"""  # noqa: S608 - fixed text, no input


@dataclass(frozen=True)
class SchoolFigures:
    """One school's year. `counted` members owe hours; `met` of them are on target. `exempt` owe
    nothing (Regulation art. 23), `out` are suspended or lost contact (art. 24).

    `members_of_all` is the number of distinct members over all schools asked for.
    """

    school_id: int
    name: str
    classes: int
    sessions: int
    due: int
    person_times: int
    members: int
    members_of_all: int
    concentrated: Decimal
    collective: Decimal
    counted: int
    met: int
    exempt: int
    out: int

    @property
    def share(self) -> Decimal | None:
        """Share on target in per cent, one decimal; None where nobody owes hours."""
        if not self.counted:
            return None
        return round(Decimal(self.met) * 100 / self.counted, 1)


def list_figures(schools: Iterable[School], year: int, now: datetime) -> list[SchoolFigures]:
    """The figures of `schools` for `year`, in the order of their codes."""
    values = figure_values([school.pk for school in schools], year, now)
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, values)
        return [SchoolFigures(*row) for row in cursor.fetchall()]


def figure_values(school_ids: list[int], year: int, now: datetime) -> dict[str, Any]:
    """The parameters of `FIGURES`."""
    today = local_date(now)
    return {
        "schools": school_ids,
        "year": year,
        "first": today.replace(year=year, month=1, day=1),
        "last": today.replace(year=year, month=12, day=31),
        "now": now,
        "as_of": day_of_judgement(year, today),
    }


def sum_figures(figures: list[SchoolFigures], name: str) -> SchoolFigures:
    """All schools together. A member who attended at two of them counts once."""

    def total(field: str) -> int:
        return sum(getattr(row, field) for row in figures)

    return SchoolFigures(
        school_id=0,
        name=name,
        classes=total("classes"),
        sessions=total("sessions"),
        due=total("due"),
        person_times=total("person_times"),
        members=figures[0].members_of_all,
        members_of_all=figures[0].members_of_all,
        concentrated=sum((row.concentrated for row in figures), ZERO),
        collective=sum((row.collective for row in figures), ZERO),
        counted=total("counted"),
        met=total("met"),
        exempt=total("exempt"),
        out=total("out"),
    )

"""The figures of each school in a year, computed live in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from config.lib.hours import ZERO
from config.lib.periods import calendar_year, last_day, local_date
from config.lib.years import day_of_judgement
from hours.queries.requirements import COUNTED, HOURS_DONE, OWED_BY_ALL, VERDICT_SQL, Outcome
from rolls.hours_source import ATTENDED_SQL
from schools.filters import OUTSIDE_AREAS
from schools.models import School
from trainees.queries.audiences import audience_sql

# The verdicts on the members in `owed`; `done` has their HOURS_DONE.
TARGET = f"""
    count(*) FILTER (WHERE {VERDICT_SQL[COUNTED]}) AS counted,
    count(*) FILTER (WHERE {VERDICT_SQL[Outcome.MET]}) AS met,
    count(*) FILTER (WHERE {VERDICT_SQL[Outcome.EXEMPT]}) AS exempt,
    count(*) FILTER (WHERE {VERDICT_SQL[Outcome.OUT]}) AS out
"""

# Attendances (person-times): marks *present* or *late* of submitted rolls.
MARKS = f"""
    FROM courses_session session
    JOIN courses_trainingclass class ON class.id = session.training_class_id
    JOIN classes_roll roll ON roll.session_id = session.id AND roll.state = 'submitted'
    JOIN rolls_attendance mark ON mark.session_id = session.id
    WHERE session.held_on >= %(first)s AND session.held_on <= %(last)s
      AND mark.status IN {ATTENDED_SQL} AND class.school_id = ANY(%(schools)s)
"""

# `done` reads the ledger once, in the order of the covering index, and sums it twice: by member
# for the verdicts, and by school of the day and category (where member_id is null). Verdicts are of
# the whole year, whichever part of it the other figures are counted in.
_FIGURES = f"""
WITH done AS (
    SELECT member_id, school_id, category, {HOURS_DONE}, sum(hours){{in_part}} AS part_hours
    FROM hours_creditentry
    WHERE credit_year = %(year)s{{of_entry}}
    GROUP BY GROUPING SETS ((member_id), (school_id, category))
), owed AS ({OWED_BY_ALL}
), target AS (
    SELECT owed.school_id, {TARGET}
    FROM owed
    LEFT JOIN done ON done.member_id = owed.member_id
    WHERE true{{of_owed}}
    GROUP BY owed.school_id
), hours AS (
    SELECT school_id, sum(part_hours) FILTER (WHERE category = 'concentrated') AS concentrated,
           sum(part_hours) FILTER (WHERE category = 'collective') AS collective,
           sum(part_hours) FILTER (WHERE category NOT IN ('concentrated', 'collective')) AS other
    FROM done WHERE member_id IS NULL GROUP BY school_id
), held AS (
    SELECT class.school_id, count(DISTINCT class.id) AS classes, count(*) AS sessions,
           count(*) FILTER (WHERE roll.state IS DISTINCT FROM 'submitted') AS due
    FROM courses_session session
    JOIN courses_trainingclass class ON class.id = session.training_class_id
    LEFT JOIN classes_roll roll ON roll.session_id = session.id
    WHERE session.held_on >= %(first)s AND session.held_on <= %(last)s
      AND session.ends_at <= %(now)s AND session.called_off_at IS NULL{{of_class}}
    GROUP BY class.school_id
), times AS (
    SELECT class.school_id, count(*) AS person_times, count(DISTINCT mark.member_id) AS members
    {MARKS}{{of_mark}}
    GROUP BY GROUPING SETS ((class.school_id), ())
)
SELECT school.id, school.name, coalesce(held.classes, 0), coalesce(held.sessions, 0),
       coalesce(held.due, 0), coalesce(times.person_times, 0), coalesce(times.members, 0),
       (SELECT members FROM times WHERE school_id IS NULL),
       coalesce(hours.concentrated, 0), coalesce(hours.collective, 0), coalesce(hours.other, 0),
       coalesce(target.counted, 0), coalesce(target.met, 0), coalesce(target.exempt, 0),
       coalesce(target.out, 0)
FROM (SELECT id, name, code FROM schools_school WHERE id = ANY(%(schools)s){{outside}}) school
LEFT JOIN held ON held.school_id = school.id
LEFT JOIN times ON times.school_id = school.id
LEFT JOIN hours ON hours.school_id = school.id
LEFT JOIN target ON coalesce(target.school_id, 0) = coalesce(school.id, 0)
ORDER BY school.code
"""  # noqa: S608 - fixed text, no input

# A last line without a school, if anybody belongs outside every school's area.
_OUTSIDE = """
      UNION ALL SELECT NULL, '', NULL WHERE EXISTS (SELECT FROM target WHERE school_id IS NULL)"""

IN_PART = "occurred_on >= %(first)s AND occurred_on <= %(last)s"


def narrowed_by(audience: str) -> dict[str, str]:
    """The conditions of an audience, keyed by their place in the statement."""
    if not audience:
        return {"of_entry": "", "of_owed": "", "of_mark": ""}
    columns = {"of_entry": "member_id", "of_owed": "owed.member_id", "of_mark": "mark.member_id"}
    return {place: f" AND {audience_sql(audience, column)}" for place, column in columns.items()}


def figures_sql(*, part: DateRange | None = None, audience: str = "", outside: bool = False) -> str:
    """The statement of `list_figures`, without conditions for unused filters."""
    return _FIGURES.format(
        in_part=f" FILTER (WHERE {IN_PART})" if part else "",
        outside=_OUTSIDE if outside else "",
        of_class=" AND class.audience = %(audience)s" if audience else "",
        **narrowed_by(audience),
    )


FIGURES = figures_sql()


@dataclass(frozen=True)
class SchoolFigures:
    """One school's year. `counted` members owe hours; `met` of them are on target. `exempt` owe
    nothing (Regulation art. 23), `out` are suspended or lost contact (art. 24).

    `members_of_all` is the number of distinct members over all requested schools. Without a school,
    the members outside every school's area.
    """

    school_id: int | None
    name: str
    classes: int
    sessions: int
    due: int
    person_times: int
    members: int
    members_of_all: int
    concentrated: Decimal
    collective: Decimal
    other: Decimal
    counted: int
    met: int
    exempt: int
    out: int

    @property
    def is_outside(self) -> bool:
        """Whether this is the line outside every school's area."""
        return self.school_id is None

    @property
    def share(self) -> Decimal | None:
        """Share on target in per cent, one decimal; None if nobody owes hours."""
        if not self.counted:
            return None
        return round(Decimal(self.met) * 100 / self.counted, 1)


def list_figures(
    schools: Iterable[School],
    year: int,
    now: datetime,
    *,
    part: DateRange | None = None,
    audience: str = "",
    outside: bool = False,
) -> list[SchoolFigures]:
    """The figures of `schools` for `year`, ordered by code.

    With `outside`, a last line has the members outside every school's area, if there are any.

    `part` narrows sessions and hours to some months. `audience` narrows classes to those meant for
    it, and everything else to its members by their posts on the day of judgement.
    """
    values = figure_values([s.pk for s in schools], year, now, part=part, audience=audience)
    with connection.cursor() as cursor:
        cursor.execute(figures_sql(part=part, audience=audience, outside=outside), values)
        figures = [SchoolFigures(*row) for row in cursor.fetchall()]
    return [replace(row, name=str(OUTSIDE_AREAS)) if row.is_outside else row for row in figures]


def figure_values(
    school_ids: list[int],
    year: int,
    now: datetime,
    *,
    part: DateRange | None = None,
    audience: str = "",
) -> dict[str, Any]:
    """The parameters of `figures_sql`."""
    days = part or calendar_year(year)
    return {
        "schools": school_ids,
        "year": year,
        "first": days.lower,
        "last": last_day(days),
        "now": now,
        "as_of": day_of_judgement(year, local_date(now)),
        "audience": audience,
    }


def sum_figures(figures: list[SchoolFigures], name: str) -> SchoolFigures:
    """All schools together. A member who attended at two schools counts once."""

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
        other=sum((row.other for row in figures), ZERO),
        counted=total("counted"),
        met=total("met"),
        exempt=total("exempt"),
        out=total("out"),
    )

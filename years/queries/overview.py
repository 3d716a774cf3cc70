"""The figures of each school in a year, from what is kept of members, hours and attendances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from config.lib.hours import ZERO
from config.lib.periods import calendar_year, last_day, local_date
from config.lib.rows import select_rows
from config.lib.years import day_of_judgement
from hours.queries.balances import HAS, BalanceSource, balance_source
from hours.queries.requirements import COUNTED, Outcome
from rolls.queries.attendances import attendances_sql
from schools.enums import Audience
from schools.filters import OUTSIDE_AREAS
from schools.models import School
from trainees.queries.audiences import audience_sql

# The verdicts on the members in `balance`, which are numbers of members that are alike.
TARGET = ", ".join(
    f"sum(balance.members) FILTER (WHERE {HAS[outcome]}) AS {name}"
    for name, outcome in {
        "counted": COUNTED,
        "met": Outcome.MET,
        "exempt": Outcome.EXEMPT,
        "out": Outcome.OUT,
    }.items()
)

# The hours of `done` by category.
HOURS = """
    sum(done.hours) FILTER (WHERE category = 'concentrated') AS concentrated,
    sum(done.hours) FILTER (WHERE category = 'collective') AS collective,
    sum(done.hours) FILTER (WHERE category NOT IN ('concentrated', 'collective')) AS other
"""

# Verdicts are of the whole year, whichever part of it the other figures are counted in.
_FIGURES = f"""
WITH target AS (
    SELECT balance.school_id, {TARGET} FROM {{balances}}
    WHERE true{{of_balance}}
    GROUP BY balance.school_id HAVING sum(balance.members) <> 0
), hours AS (
    SELECT done.school_id, {HOURS} FROM {{hours}} GROUP BY done.school_id
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
    SELECT mark.school_id, sum(mark.times) AS person_times,
           count(DISTINCT mark.member_id) AS members
    FROM {{marks}}
    WHERE true{{of_mark}}
    GROUP BY GROUPING SETS ((mark.school_id), ())
)
SELECT school.id AS school_id, school.name, coalesce(held.classes, 0) AS classes,
       coalesce(held.sessions, 0) AS sessions, coalesce(held.due, 0) AS due,
       coalesce(times.person_times, 0) AS person_times, coalesce(times.members, 0) AS members,
       (SELECT members FROM times WHERE school_id IS NULL) AS members_of_all,
       coalesce(hours.concentrated, 0) AS concentrated,
       coalesce(hours.collective, 0) AS collective, coalesce(hours.other, 0) AS other,
       coalesce(target.counted, 0) AS counted, coalesce(target.met, 0) AS met,
       coalesce(target.exempt, 0) AS exempt, coalesce(target.out, 0) AS out
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

_IN_PART = "occurred_on >= %(first)s AND occurred_on <= %(last)s"
# The parts of a year are whole months.
_IN_MONTHS = "make_date(year, month, 1) >= %(first)s AND make_date(year, month, 1) <= %(last)s"
# Hours of the year by school and organisation of the day: of everybody, or from the entries of the
# few who hold a post, since who holds one today says nothing of the totals.
_TOTALS = """
    SELECT school_id, organisation_id, category, hours FROM hours_monthtotal
    WHERE year = %(year)s AND {in_part}"""
_ENTRIES = """
    SELECT school_id, organisation_id, category, {sign}hours FROM hours_creditentry
    WHERE credit_year = %(year)s AND {in_part} AND member_id = ANY(ARRAY(
        SELECT DISTINCT post.member_id FROM trainees_post post WHERE {is_held}))"""
_HOLDING = (Audience.SECRETARIES, Audience.AFFAIRS_WORKERS)


def hours_done(part: DateRange | None, audience: str) -> str:
    """The hours posted for the year or a part of it, as the FROM item `done`.

    Those of ordinary members are the totals less what the members with a post have.
    """
    totals = _TOTALS.format(in_part=_IN_MONTHS if part else "true")
    if not audience:
        rows = [totals]
    elif audience in _HOLDING:
        rows = [_entries(part, [audience])]
    else:
        rows = [totals, _entries(part, _HOLDING, sign="-")]
    return f"({' UNION ALL '.join(rows)}) done"


def _entries(part: DateRange | None, audiences: Iterable[str], sign: str = "") -> str:
    """The entries of who holds such a post, found by member: the planner would read them all."""
    held = (f"({audience_sql(audience, 'post.member_id')})" for audience in audiences)
    return _ENTRIES.format(
        sign=sign, in_part=_IN_PART if part else "true", is_held=" OR ".join(held)
    )


def narrowed_by(audience: str) -> dict[str, str]:
    """The conditions of an audience, keyed by their place in the statement."""
    if not audience:
        return {"of_balance": "", "of_mark": ""}
    return {
        "of_balance": " AND balance.audience = %(audience)s",
        "of_mark": f" AND {audience_sql(audience, 'mark.member_id')}",
    }


def figures_sql(
    balances: BalanceSource,
    *,
    part: DateRange | None = None,
    audience: str = "",
    outside: bool = False,
) -> str:
    """The statement of `list_figures`, without conditions for unused filters."""
    return _FIGURES.format(
        balances=balances.numbers,
        hours=hours_done(part, audience),
        marks=attendances_sql(balances.unsettled, is_whole_year=part is None),
        outside=_OUTSIDE if outside else "",
        of_class=" AND class.audience = %(audience)s" if audience else "",
        **narrowed_by(audience),
    )


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
    balances = balance_source(year, local_date(now))
    values = figure_values([s.pk for s in schools], year, now, part=part, audience=audience)
    statement = figures_sql(balances, part=part, audience=audience, outside=outside)
    figures = select_rows(SchoolFigures, statement, values | balances.values)
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

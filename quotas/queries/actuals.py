"""What was done in a year, counted as the lines of the annual task ask for it.

`Measure` says what is counted. Classes, marks and entries are those of the overview
(`years/queries/overview.py`), verdicts those of `hours.queries.balances`. A class that others join
counts once, with its marks, at the school that holds it, as in the lists of both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from config.lib.hours import ZERO
from config.lib.periods import local_date
from config.lib.rows import select_rows
from config.lib.years import day_of_judgement
from hours.queries.balances import HAS, BalanceSource, balance_source
from hours.queries.requirements import COUNTED, TRAINED_ONCE, Outcome
from quotas.enums import COVERAGES, Measure
from rolls.queries.attendances import ATTENDANCES

# The audience of {member}, by posts on %(as_of)s: as `trainees.queries.audiences` has it, for all
# members at once. It joins `holder`.
HOLDERS = """
SELECT member_id, bool_or(kind = 'secretary') AS is_secretary
FROM trainees_post
WHERE kind IN ('secretary', 'affairs_worker') AND period @> %(as_of)s::date
GROUP BY member_id
"""
AUDIENCE = """
CASE WHEN holder.member_id IS NULL THEN 'ordinary'
     WHEN holder.is_secretary THEN 'secretaries' ELSE 'affairs_workers' END
"""

# Each figure for all of the year, and for its days up to %(until)s. A class counts on the day of
# its first session, a member on the day of the first mark.
_EVENTS = """
SELECT 'events' AS measure, school_id, audience, module_id, count(*) AS amount,
       count(*) FILTER (WHERE first_on <= %(until)s) AS part
FROM (
    SELECT class.id, class.school_id, class.audience, class.module_id,
           min(session.held_on) AS first_on
    FROM courses_trainingclass class
    JOIN courses_session session ON session.training_class_id = class.id
    WHERE class.school_id = ANY(%(schools)s) AND session.called_off_at IS NULL
      AND session.ends_at <= %(now)s
      AND session.held_on >= %(first)s AND session.held_on <= %(last)s
    GROUP BY class.id
) held
GROUP BY CUBE (school_id, audience, module_id)
"""
_MARKS = f"""
marked AS MATERIALIZED (
    SELECT mark.school_id, {AUDIENCE} AS audience, mark.module_id, mark.member_id, mark.held_on
    FROM ({ATTENDANCES}) mark
    LEFT JOIN holder ON holder.member_id = mark.member_id
), marks AS (
    SELECT school_id, audience, module_id, count(*) AS times,
           count(*) FILTER (WHERE held_on <= %(until)s) AS times_part,
           count(DISTINCT member_id) AS members,
           count(DISTINCT member_id) FILTER (WHERE held_on <= %(until)s) AS members_part
    FROM marked
    GROUP BY CUBE (school_id, audience, module_id)
)
"""  # noqa: S608 - fixed text, no input
_MARK_ROWS = """
SELECT 'person_times', school_id, audience, module_id, times, times_part FROM marks
UNION ALL
SELECT 'members', school_id, audience, module_id, members, members_part FROM marks
"""
# Hours of classes by module; whatever else is concentrated training has none.
_TRAINING = f"""
SELECT 'training_hours', school_id, audience, nullif(module_id, 0), coalesce(sum(hours), 0),
       coalesce(sum(hours) FILTER (WHERE occurred_on <= %(until)s), 0)
FROM (
    SELECT entry.school_id, {AUDIENCE} AS audience, coalesce(class.module_id, 0) AS module_id,
           entry.hours, entry.occurred_on
    FROM hours_creditentry entry
    JOIN hours_assessment assessment ON assessment.id = entry.assessment_id
    LEFT JOIN classes_roll roll ON roll.source_id = assessment.source_id
    LEFT JOIN courses_session session ON session.id = roll.session_id
    LEFT JOIN courses_trainingclass class ON class.id = session.training_class_id
    LEFT JOIN holder ON holder.member_id = entry.member_id
    WHERE entry.credit_year = %(year)s AND entry.category = 'concentrated'
      AND entry.school_id = ANY(%(schools)s)
) training
GROUP BY CUBE (school_id, audience, module_id)
HAVING module_id <> 0 OR grouping(module_id) = 1
"""  # noqa: S608 - fixed text, no input
_HOURS = f"""
SELECT 'hours', school_id, audience, NULL, coalesce(sum(hours), 0),
       coalesce(sum(hours) FILTER (WHERE occurred_on <= %(until)s), 0)
FROM (
    SELECT entry.school_id, {AUDIENCE} AS audience, entry.hours, entry.occurred_on
    FROM hours_creditentry entry
    LEFT JOIN holder ON holder.member_id = entry.member_id
    WHERE entry.credit_year = %(year)s AND entry.school_id = ANY(%(schools)s)
) study
GROUP BY CUBE (school_id, audience)
"""  # noqa: S608 - fixed text, no input
# Of the members who owe hours (`part`), those who were trained, and those on target (`amount`).
_COVERAGE = f"""
covered AS (
    SELECT coalesce(school_id, 0) AS school_id, audience, count(*) AS counted,
           count(*) FILTER (WHERE {HAS[TRAINED_ONCE]}) AS trained,
           count(*) FILTER (WHERE {HAS[Outcome.MET]}) AS met
    FROM {{balances}}
    WHERE (school_id = ANY(%(schools)s) OR %(outside)s AND school_id IS NULL) AND {HAS[COUNTED]}
    GROUP BY CUBE (coalesce(school_id, 0), audience)
)
"""  # noqa: S608 - fixed text, no input
_COVERAGE_ROWS = """
SELECT 'trained', school_id, audience, NULL, trained, counted FROM covered
UNION ALL
SELECT 'on_target', school_id, audience, NULL, met, counted FROM covered
"""


def _statement(balances: BalanceSource | None) -> str:
    tables = [f"holder AS ({HOLDERS})", _MARKS]
    rows = [_EVENTS, _MARK_ROWS, _TRAINING, _HOURS]
    if balances:
        columns = "school_id, audience, verdict, concentrated"
        tables.append(_COVERAGE.format(balances=balances.rows(columns)))
        rows.append(_COVERAGE_ROWS)
    return f"WITH {', '.join(tables)} {' UNION ALL '.join(rows)}"


# Measure, school or None for all, audience or "" for all, module or None for all.
type Cell = tuple[str, int | None, str, int | None]


@dataclass(frozen=True)
class Actuals:
    """What was done in a year, by `Cell`: in all of it, and in its days until some day."""

    amounts: dict[Cell, Decimal] = field(default_factory=dict)
    parts: dict[Cell, Decimal] = field(default_factory=dict)

    def amount(self, cell: Cell) -> Decimal:
        """Number, hours, or per cent with one decimal (0 if nobody owes hours)."""
        if cell[0] not in COVERAGES:
            return self.amounts.get(cell, ZERO)
        counted = self.parts.get(cell, ZERO)
        return round(self.amounts[cell] * 100 / counted, 1) if counted else ZERO

    def part(self, cell: Cell) -> Decimal:
        """The same until the day; not for shares of members, which have no past."""
        return self.parts.get(cell, ZERO)


class _Counted(NamedTuple):
    """A cell with its figures, as the statement counts it."""

    measure: str
    school_id: int | None
    audience: str | None
    module_id: int | None
    amount: Decimal
    part: Decimal


def read_actuals(
    school_ids: Collection[int],
    year: int,
    now: datetime,
    *,
    until: date | None = None,
    coverage: bool = True,
    outside: bool = False,
) -> Actuals:
    """What these schools did in `year` as it stands at `now`, also until the day `until` in it.

    Members of schools are those of the day of judgement. Shares of members are read from their
    balances, and left out without `coverage`. With `outside` the members outside every school's
    area are among the district's. Two statements at most.
    """
    values: dict[str, Any] = {
        "schools": list(school_ids),
        "year": year,
        "first": date(year, 1, 1),
        "last": date(year, 12, 31),
        "outside": outside,
        "until": until or date(year, 12, 31),
        "now": now,
        "as_of": day_of_judgement(year, local_date(now)),
    }
    balances = balance_source(year, local_date(now)) if coverage else None
    values |= balances.values if balances else {}
    found = Actuals()
    for row in select_rows(_Counted, _statement(balances), values):
        cell = (row.measure, row.school_id, row.audience or "", row.module_id)
        found.amounts[cell] = Decimal(row.amount)
        found.parts[cell] = Decimal(row.part)
    return found


def cell_of(measure: str, audience: str, module: int | None, school: int | None = None) -> Cell:
    """The figure of a line, of one school or all."""
    return Measure(measure).value, school, audience, module

"""One figure of a year by month. One statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.lib.hours import ZERO
from config.lib.periods import local_date
from config.lib.rows import select_map
from config.lib.years import day_of_judgement
from quotas.enums import Measure
from quotas.queries.actuals import AUDIENCE, HOLDERS
from rolls.queries.attendances import ATTENDANCES

_OF_MEMBER = f"""
    AND (%(audience)s = '' OR %(audience)s = {AUDIENCE})"""
_OF_MODULE = """
    AND (%(module)s::bigint IS NULL OR {of}.module_id = %(module)s)"""
_MARKED = f"""
    FROM ({ATTENDANCES}) mark
    LEFT JOIN holder ON holder.member_id = mark.member_id
    WHERE true {_OF_MEMBER}{_OF_MODULE.format(of="mark")}"""
_ENTRIES = f"""
    FROM hours_creditentry entry
    LEFT JOIN holder ON holder.member_id = entry.member_id
    {{joins}}
    WHERE entry.credit_year = %(year)s AND entry.school_id = ANY(%(schools)s)
    {_OF_MEMBER}"""
_TO_CLASS = """
    JOIN hours_assessment assessment ON assessment.id = entry.assessment_id
    LEFT JOIN classes_roll roll ON roll.source_id = assessment.source_id
    LEFT JOIN courses_session session ON session.id = roll.session_id
    LEFT JOIN courses_trainingclass class ON class.id = session.training_class_id"""
# Day and amount; a class counts on the day of its first session, a member of the first mark.
_DAYS: dict[str, str] = {
    Measure.EVENTS: f"""
    SELECT min(session.held_on) AS day, 1 AS amount
    FROM courses_trainingclass class
    JOIN courses_session session ON session.training_class_id = class.id
    WHERE class.school_id = ANY(%(schools)s) AND session.called_off_at IS NULL
      AND session.ends_at <= %(now)s
      AND session.held_on >= %(first)s AND session.held_on <= %(last)s
      AND (%(audience)s = '' OR class.audience = %(audience)s)
    {_OF_MODULE.format(of="class")}
    GROUP BY class.id""",  # noqa: S608 - fixed text, no input
    Measure.PERSON_TIMES: f"SELECT mark.held_on AS day, 1 AS amount {_MARKED}",
    Measure.MEMBERS: f"""
    SELECT min(mark.held_on) AS day, 1 AS amount {_MARKED} GROUP BY mark.member_id""",
    Measure.TRAINING_HOURS: f"""
    SELECT entry.occurred_on AS day, entry.hours AS amount
    {_ENTRIES.format(joins=_TO_CLASS)} AND entry.category = 'concentrated'
    {_OF_MODULE.format(of="class")}""",
    Measure.HOURS: f"""
    SELECT entry.occurred_on AS day, entry.hours AS amount {_ENTRIES.format(joins="")}""",
}


def list_months(
    measure: str,
    audience: str,
    module: int | None,
    *,
    school_ids: Collection[int],
    year: int,
    now: datetime,
) -> list[Decimal]:
    """What each month of `year` added to a figure, January first. Not for shares of members."""
    values: dict[str, Any] = {
        "schools": list(school_ids),
        "year": year,
        "first": date(year, 1, 1),
        "last": date(year, 12, 31),
        "now": now,
        "as_of": day_of_judgement(year, local_date(now)),
        "audience": audience,
        "module": module,
    }
    statement = f"""
        WITH holder AS ({HOLDERS})
        SELECT extract(month FROM day)::int, sum(amount) FROM ({_DAYS[measure]}) days GROUP BY 1
    """  # noqa: S608 - fixed text, no input
    found = select_map(statement, values)
    return [Decimal(found.get(month, ZERO)) for month in range(1, 13)]

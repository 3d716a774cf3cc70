"""What one member owes in a year, as the lists and the member's page say it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from config.lib.hours import format_hours
from config.lib.periods import local_date
from config.lib.prepared import PreparedStatement
from config.lib.rows import select_row
from config.lib.sql_steps import Once, with_steps
from config.lib.years import day_of_judgement, is_over
from hours.queries.requirements import (
    CHOSEN,
    HOURS_DONE,
    TRAINED,
    Verdict,
    facts_of,
    judge,
    owed_steps,
)
from trainees.models import Member

_DEBT = PreparedStatement(
    with_steps(
        {
            "chosen": Once("SELECT %(member)s::bigint AS id"),
            **owed_steps(facts_of(CHOSEN), of_page=True),
            "done": f"""
            SELECT {HOURS_DONE} FROM entry
            WHERE member_id = %(member)s AND credit_year = %(year)s""",  # noqa: S608 - fixed text
        },
        f"""
SELECT owed.owed, coalesce(done.hours, 0) AS done, owed.trainings, {TRAINED} AS trained,
       owed.exemption, owed.membership_status
FROM owed CROSS JOIN done
""",  # noqa: S608 - fixed text, no input
    ),
    member="bigint",
    year="integer",
    as_of="date",
)


class _Debt(NamedTuple):
    """What `_DEBT` finds, as `judge` asks for it."""

    owed: Decimal
    done: Decimal
    trainings: int
    trained: int
    exemption: str | None
    membership_status: str


def find_debt(member_id: int, year: int, on: date) -> Verdict | None:
    """The verdict for `year` as of the day `on`; None without a membership on the day it is judged.

    One statement.
    """
    values: dict[str, Any] = {
        "member": member_id,
        "year": year,
        "as_of": day_of_judgement(year, on),
    }
    debt = select_row(_Debt, _DEBT, values)
    return judge(**debt._asdict(), is_over=is_over(year, on)) if debt else None


def say_debts(member: Member, first_year: int, at: datetime) -> list[str]:
    """What the member owes in each year from `first_year` to the one of `at`, in sentences."""
    on = local_date(at)
    debts = {year: find_debt(member.pk, year, on) for year in range(first_year, on.year + 1)}
    text = _("%(year)s: %(name)s (%(number)s) then owes %(owed)s credit hours, %(done)s are done.")
    who = {"name": member.name, "number": member.number}
    return [text % {**who, "year": year, **_figures(debt)} for year, debt in debts.items() if debt]


def _figures(debt: Verdict) -> dict[str, str]:
    return {"owed": format_hours(debt.owed), "done": format_hours(debt.done)}

"""What is read and kept of members' years, beside what the live statement says."""

from __future__ import annotations

from datetime import date

from django.db import connection

from config.lib.years import day_of_judgement
from hours.queries.balances import (
    _ALIKE,
    _JUDGED_ALL,
    BALANCE,
    BALANCES_OF_ALL,
    COLUMNS,
    balance_source,
)
from tests.evidence import TODAY

YEAR = TODAY.year


def read(statement: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return sorted(cursor.fetchall(), key=str)


def as_read(year: int = YEAR, on: date = TODAY) -> list[tuple]:
    """The balances as lists and figures read them."""
    source = balance_source(year, on)
    parts = [f"SELECT {BALANCE} FROM {part}" for part in source.parts]
    return read(" UNION ALL ".join(parts), source.values)


def as_counted(year: int = YEAR, on: date = TODAY) -> list[tuple]:
    """How many balances are alike, as lists count them and figures add them up."""
    source = balance_source(year, on)
    statement = f"SELECT {_ALIKE}, sum(members) FROM {source.numbers} GROUP BY {_ALIKE}"
    return read(f"{statement} HAVING sum(members) <> 0", source.values)


def as_judged_alike(year: int = YEAR, on: date = TODAY) -> list[tuple]:
    """The same by the live statement."""
    values = {"year": year, "as_of": day_of_judgement(year, on)}
    statement = f"SELECT {_ALIKE}, count(*) FROM ({_JUDGED_ALL}) judged GROUP BY {_ALIKE}"
    return read(statement, values)


def as_judged(year: int = YEAR, on: date = TODAY) -> list[tuple]:
    """The balances by the live statement."""
    values = {"year": year, "as_of": day_of_judgement(year, on)}
    return read(f"SELECT {BALANCE} FROM ({_JUDGED_ALL}) judged", values)


def kept(year: int = YEAR) -> list[tuple]:
    """The rows that are kept."""
    columns = ", ".join(("member_id", *COLUMNS, "holds_until"))
    return read(f"SELECT {columns} FROM hours_balance WHERE year = %(year)s", {"year": year})


def to_be_kept(year: int = YEAR, on: date = TODAY) -> list[tuple]:
    """The rows that should be kept, computed for everybody."""
    columns = ", ".join(("member_id", *COLUMNS, "holds_until"))
    values = {"year": year, "as_of": day_of_judgement(year, on)}
    return read(f"SELECT {columns} FROM ({BALANCES_OF_ALL}) judged", values)

"""Settling the balances: computing again what changes and days have made out of date.

This writes no fact and no hours, only what `hours.queries.requirements` says of them, so there is
no entry in the trail. Correctness does not rest on it: readers judge live what is not settled.

One transaction settles at a time, by an advisory lock: otherwise one that read earlier could write
later. Acts take no part in that lock; they only add rows to `BalanceChange`. A change is forgotten
in the transaction that computed its members' balances after it was read, so none is lost.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection, transaction

from config.lib.lock_classes import LockClass
from config.lib.rows import select_value
from config.lib.sql_steps import with_steps
from config.lib.years import day_of_judgement
from hours.kept_sums import settle_kept_sums
from hours.models import BalanceChange, BalanceYear, CreditEntry
from hours.queries.balances import (
    BALANCES_OF_ALL,
    BALANCES_OF_THESE,
    COLUMNS,
    MANY,
    MISSING_NUMBERS,
    MISSING_TOTALS,
    done_steps,
    list_expired,
)
from hours.queries.requirements import REACHED, THESE, TRAINED

_STORED = ("year", "member_id", *COLUMNS, "holds_until")
_CHANGING = _STORED[2:]

# In order of member, and only rows that differ are written.
_WRITE = """
INSERT INTO hours_balance AS kept ({stored})
SELECT {stored} FROM ({{balances}}) judged ORDER BY member_id
ON CONFLICT (year, member_id) DO UPDATE SET ({changing}) = ROW ({new})
WHERE ({old}) IS DISTINCT FROM ({new})
""".format(
    stored=", ".join(_STORED),
    changing=", ".join(_CHANGING),
    new=", ".join(f"excluded.{name}" for name in _CHANGING),
    old=", ".join(f"kept.{name}" for name in _CHANGING),
)
_WRITE_ALL = _WRITE.format(balances=BALANCES_OF_ALL)
_WRITE_THESE = _WRITE.format(balances=BALANCES_OF_THESE)

# Who belongs nowhere on any day of the year has no balance.
_DELETE = """
DELETE FROM hours_balance kept WHERE year = %(year)s AND {of} AND NOT EXISTS (
    SELECT FROM trainees_membership belonged WHERE belonged.member_id = kept.member_id
       AND belonged.period && daterange(make_date(%(year)s, 1, 1), make_date(%(year)s + 1, 1, 1)))
"""
_DELETE_ANY = _DELETE.format(of="true")
_DELETE_THESE = _DELETE.format(of="member_id = ANY(%(members)s)")

# Where only hours were posted, what is owed stands; `owed` is what is kept.
_RECOUNTED = f"""
SELECT owed.id, owed.owed, owed.trainings, coalesce(done.hours, 0) AS hours,
       coalesce(done.concentrated, 0) AS concentrated, {TRAINED} AS trained
FROM hours_balance owed
LEFT JOIN done ON done.member_id = owed.member_id
WHERE owed.year = %(year)s AND owed.member_id = ANY(%(members)s) AND owed.verdict <> 'none'
OFFSET 0
"""  # noqa: S608 - fixed text, no input
_RECOUNT = with_steps(
    done_steps(THESE) | {"judged": _RECOUNTED},
    f"""
UPDATE hours_balance kept
SET hours = judged.hours, concentrated = judged.concentrated, trained = judged.trained,
    verdict = CASE WHEN kept.verdict NOT IN ('met', 'unreached') THEN kept.verdict
                   WHEN {REACHED} THEN 'met' ELSE 'unreached' END
FROM judged
WHERE kept.id = judged.id
""",  # noqa: S608 - fixed text, no input
)

# Rows of acts that are not committed yet are not seen here, and stay.
_ADD_UP = """
WITH added AS (DELETE FROM hours_monthtotal WHERE NOT is_settled RETURNING *)
INSERT INTO hours_monthtotal AS kept
    (year, month, school_id, organisation_id, category, hours, is_settled)
SELECT year, month, school_id, organisation_id, category, sum(hours), true
FROM added GROUP BY year, month, school_id, organisation_id, category
ORDER BY year, month, school_id, organisation_id, category
ON CONFLICT (year, month, school_id, organisation_id, category) WHERE is_settled
DO UPDATE SET hours = kept.hours + excluded.hours
"""

# In one statement, which sees of each posting both its entries and its totals, or neither.
_CORRECT_TOTALS = f"""
INSERT INTO hours_monthtotal (year, month, school_id, organisation_id, category, hours)
{MISSING_TOTALS}
"""
_CORRECT_NUMBERS = f"""
INSERT INTO hours_balancecount AS kept
    (year, school_id, organisation_id, audience, rule_group, verdict, members)
{MISSING_NUMBERS}
ON CONFLICT (year, school_id, organisation_id, audience, rule_group, verdict)
DO UPDATE SET members = kept.members + excluded.members
"""


def settle_balances(*, on: date) -> int:
    """Compute again what is out of date on the day `on`; returns how many changes were settled.

    The year of `on` is kept from its first settling on. Does nothing while another transaction
    settles.
    """
    with transaction.atomic():
        if not _lock(waits=False):
            return 0
        return _settle_all(on, ())


def rebuild_balances(years: Collection[int], *, on: date) -> None:
    """Keep these years, and compute all their balances again, as judged on the day `on`.

    Numbers of members and totals of months, of all years, are corrected where they are wrong.
    """
    with transaction.atomic():
        _lock(waits=True)
        _settle_all(on, years)
        with connection.cursor() as cursor:
            cursor.execute(_CORRECT_NUMBERS)
            cursor.execute(_CORRECT_TOTALS)
            cursor.execute(_ADD_UP)


def _settle_all(on: date, wholly: Collection[int]) -> int:
    """Settle each kept year, and as a whole these years and the year of `on` if it is not kept.

    Returns the number of changes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP)
    changes = list(BalanceChange.objects.values_list("pk", "year", "members"))
    kept = dict(BalanceYear.objects.values_list("year", "judged_on"))
    whole = {*wholly, *({on.year} - kept.keys())}
    for year in sorted(kept.keys() - whole):
        _settle(year, kept[year], max(kept[year], day_of_judgement(year, on)), changes)
    for year in sorted(whole):
        _keep(year, day_of_judgement(year, on))
    if changes:
        BalanceChange.objects.filter(pk__in=[pk for pk, _year, _members in changes]).delete()
    return len(changes)


def years_with_hours(on: date) -> list[int]:
    """The years that have hours, and the year of `on`."""
    years = CreditEntry.objects.order_by().values_list("credit_year", flat=True).distinct()
    return sorted({*years, on.year})


def _lock(*, waits: bool) -> bool:
    """Be the only one to settle until this transaction ends; without `waits`, or else False."""
    function = "pg_advisory_xact_lock" if waits else "pg_try_advisory_xact_lock"
    return select_value(f"SELECT {function}(%s, 0)", [LockClass.BALANCES]) is not False


def _settle(
    year: int,
    judged_on: date,
    as_of: date,
    changes: Collection[tuple[int, int | None, list[int] | None]],
) -> None:
    """The balances of a year kept as of `judged_on`, after these changes and as of `as_of`."""
    facts = [members for _pk, of_year, members in changes if of_year is None]
    hours = [members for _pk, of_year, members in changes if of_year == year]
    # Nothing else has expired since the day for which they were settled last.
    expired = list_expired(year, as_of) if as_of > judged_on else set()
    judged = {member for members in facts for member in members or ()} | expired
    counted = {member for members in hours for member in members or ()} - judged
    if any(members is None for members in facts) or len(judged) + len(counted) > MANY:
        _keep(year, as_of)
        return
    values: dict[str, Any] = {"year": year, "as_of": as_of}
    with connection.cursor() as cursor:
        if judged:
            cursor.execute(_DELETE_THESE, {**values, "members": sorted(judged)})
            cursor.execute(_WRITE_THESE, {**values, "members": sorted(judged)})
        if counted:
            cursor.execute(_RECOUNT, {**values, "members": sorted(counted)})
    settle_kept_sums(year, sorted(judged | counted))
    if as_of > judged_on:
        BalanceYear.objects.filter(year=year).update(judged_on=as_of)


def _keep(year: int, as_of: date) -> None:
    """All balances of one year."""
    values: dict[str, Any] = {"year": year, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_ANY, values)
        cursor.execute(_WRITE_ALL, values)
    settle_kept_sums(year, None)
    BalanceYear.objects.update_or_create(year=year, defaults={"judged_on": as_of})

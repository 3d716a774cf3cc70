"""Settling the standings: computing again what changes and days have made out of date.

This writes no fact and no hours, only what `hours.queries.requirements` says of them, so there is
no entry in the trail. Correctness does not rest on it: readers judge live what is not settled.

One transaction settles at a time, by an advisory lock: otherwise one that read earlier could write
later. Acts take no part in that lock; they only add rows to `StandingChange`. A change is forgotten
in the transaction that computed its members' standings after it was read, so none is lost.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction

from config.lib.lock_classes import LockClass
from config.lib.years import day_of_judgement
from hours.models import CreditEntry, StandingChange, StandingYear
from hours.queries.requirements import REACHED, TRAINED
from hours.queries.standings import (
    COLUMNS,
    DONE_BY_THESE,
    MANY,
    STANDINGS_OF_ALL,
    STANDINGS_OF_THESE,
    list_expired,
)

_STORED = ("year", "member_id", *COLUMNS, "holds_until")
_CHANGING = _STORED[2:]

# In order of member, and only rows that differ are written.
_WRITE = """
INSERT INTO hours_standing AS kept ({stored})
SELECT {stored} FROM ({{standings}}) judged ORDER BY member_id
ON CONFLICT (year, member_id) DO UPDATE SET ({changing}) = ROW ({new})
WHERE ({old}) IS DISTINCT FROM ({new})
""".format(
    stored=", ".join(_STORED),
    changing=", ".join(_CHANGING),
    new=", ".join(f"excluded.{name}" for name in _CHANGING),
    old=", ".join(f"kept.{name}" for name in _CHANGING),
)
_WRITE_ALL = _WRITE.format(standings=STANDINGS_OF_ALL)
_WRITE_THESE = _WRITE.format(standings=STANDINGS_OF_THESE)

# Who belongs nowhere on any day of the year has no standing.
_DELETE = """
DELETE FROM hours_standing kept WHERE year = %(year)s AND {of} AND NOT EXISTS (
    SELECT FROM trainees_membership belonged WHERE belonged.member_id = kept.member_id
       AND belonged.period && daterange(make_date(%(year)s, 1, 1), make_date(%(year)s + 1, 1, 1)))
"""
_DELETE_ANY = _DELETE.format(of="true")
_DELETE_THESE = _DELETE.format(of="member_id = ANY(%(members)s)")

# Where only hours were posted, what is owed stands; `owed` is what is kept.
_RECOUNT = f"""
UPDATE hours_standing kept
SET hours = counted.hours, concentrated = counted.concentrated, trained = counted.trained,
    verdict = counted.verdict
FROM (
    SELECT owed.id, coalesce(done.hours, 0) AS hours,
           coalesce(done.concentrated, 0) AS concentrated, {TRAINED} AS trained,
           CASE WHEN owed.verdict NOT IN ('met', 'unreached') THEN owed.verdict
                WHEN {REACHED} THEN 'met' ELSE 'unreached' END AS verdict
    FROM hours_standing owed
    LEFT JOIN ({DONE_BY_THESE}) done ON done.member_id = owed.member_id
    WHERE owed.year = %(year)s AND owed.member_id = ANY(%(members)s)
      AND owed.verdict <> 'none'
) counted
WHERE kept.id = counted.id
"""  # noqa: S608 - fixed text, no input


def settle_standings(*, on: date) -> int:
    """Compute again what is out of date on the day `on`; returns how many changes were settled.

    The year of `on` is kept from its first settling on. Does nothing while another transaction
    settles.
    """
    with transaction.atomic():
        if not _lock(waits=False):
            return 0
        changes = list(StandingChange.objects.values_list("pk", "year", "members"))
        years = dict(StandingYear.objects.values_list("year", "judged_on"))
        if on.year not in years:
            _keep(on.year, day_of_judgement(on.year, on))
        for year, judged_on in sorted(years.items()):
            _settle(year, max(judged_on, day_of_judgement(year, on)), changes)
        StandingChange.objects.filter(pk__in=[pk for pk, _year, _members in changes]).delete()
    return len(changes)


def rebuild_standings(years: Collection[int], *, on: date) -> None:
    """Keep these years, and compute all their standings again, as judged on the day `on`."""
    for year in sorted(years):
        with transaction.atomic():
            _lock(waits=True)
            _keep(year, day_of_judgement(year, on))


def years_with_hours(on: date) -> list[int]:
    """The years that have hours, and the year of `on`."""
    years = CreditEntry.objects.order_by().values_list("credit_year", flat=True).distinct()
    return sorted({*years, on.year})


def _lock(*, waits: bool) -> bool:
    """Be the only one to settle until this transaction ends; without `waits`, or else False."""
    function = "pg_advisory_xact_lock" if waits else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, 0)", [LockClass.STANDINGS])
        return cursor.fetchone()[0] is not False


def _settle(
    year: int, as_of: date, changes: Collection[tuple[int, int | None, list[int] | None]]
) -> None:
    """The standings of one kept year, after these changes and on this day of judgement."""
    facts = [members for _pk, of_year, members in changes if of_year is None]
    hours = [members for _pk, of_year, members in changes if of_year == year]
    if any(members is None for members in (*facts, *hours)):
        _keep(year, as_of)
        return
    judged = {member for members in facts for member in members or ()} | list_expired(year, as_of)
    counted = {member for members in hours for member in members or ()} - judged
    if len(judged) + len(counted) > MANY:
        _keep(year, as_of)
        return
    with connection.cursor() as cursor:
        values = {"year": year, "as_of": as_of, "members": sorted(judged)}
        if judged:
            cursor.execute(_DELETE_THESE, values)
            cursor.execute(_WRITE_THESE, values)
        if counted:
            cursor.execute(_RECOUNT, {**values, "members": sorted(counted)})
    StandingYear.objects.filter(year=year).exclude(judged_on=as_of).update(judged_on=as_of)


def _keep(year: int, as_of: date) -> None:
    """All standings of one year."""
    values = {"year": year, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_ANY, values)
        cursor.execute(_WRITE_ALL, values)
    StandingYear.objects.update_or_create(year=year, defaults={"judged_on": as_of})

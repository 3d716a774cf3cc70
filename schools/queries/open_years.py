"""Which years take facts, study, marks and disputes: one deadline for all, and closed years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from config.lib.dates import format_day
from config.lib.lock_classes import LockClass
from config.lib.periods import day_before, local_date
from config.lib.rows import select_rows
from config.lib.years import last_unsettled_day
from schools.models import YearLock

# The days that the rule of the year's last day leaves, and the last lock of the year.
_READ = """
SELECT (SELECT days FROM schools_yearendrule WHERE period @> make_date(%(year)s, 12, 31)) AS days,
       lock.locked_at, lock.released_at
FROM (SELECT) AS one
LEFT JOIN (
    SELECT locked_at, released_at FROM schools_yearlock WHERE year = %(year)s
    ORDER BY revision DESC LIMIT 1
) lock ON true
"""


class YearState(NamedTuple):
    """What decides whether a past year takes facts: its deadline, and its last lock."""

    deadline: date
    locked_at: datetime | None
    released_at: datetime | None

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None and self.released_at is None

    @property
    def last_open_day(self) -> date | None:
        """The last day on which the year takes facts; None for one that was opened again."""
        if self.released_at is not None:
            return None
        if self.locked_at is None:
            return self.deadline
        return min(self.deadline, day_before(local_date(self.locked_at)))

    def is_open(self, on: date) -> bool:
        """Whether the year takes facts on the day `on`.

        A locked year takes none, whatever the deadline. One that was opened again takes them until
        it is locked again, although the deadline has passed.
        """
        if self.locked_at is None:
            return on <= self.deadline
        return self.released_at is not None


class _Read(NamedTuple):
    """What `_READ` finds; `days` is None without a rule of the year's end."""

    days: int | None
    locked_at: datetime | None
    released_at: datetime | None


def read_state(year: int) -> YearState:
    """The deadline of a year and its last lock. One statement."""
    [read] = select_rows(_Read, _READ, {"year": year})
    last = date(year, 12, 31)
    deadline = last_unsettled_day(year) if read.days is None else last + timedelta(days=read.days)
    return YearState(deadline, read.locked_at, read.released_at)


def last_open_day(year: int) -> date | None:
    """The last day on which anything of `year` may be entered or changed. One statement.

    All acts of all roles ask the same rule: on memberships, posts, exemptions, places of
    organisations, study, rolls and disputes. None for a closed year that was opened again.
    """
    return read_state(year).last_open_day


def first_open_year(on: date) -> int:
    """The first year from which on every year takes facts on the day `on`.

    A statement for each past year that does, and one more. No rule keeps a year open for longer
    than the next one lasts, so there are two, unless closed years were opened again.
    """
    year = on.year
    while is_open(year - 1, on):
        year -= 1
    return year


def is_open(year: int, on: date) -> bool:
    """Whether facts of the year may still be entered. No statement for this year or a later one.

    Else one. No year is locked before it is over.
    """
    return year >= on.year or read_state(year).is_open(on)


def list_locked_years() -> set[int]:
    """The closed years."""
    return set(YearLock.objects.filter(released_at=None).values_list("year", flat=True))


def refuse_settled(day: date, at: datetime, error: Callable[[str], Exception]) -> None:
    """Raise `error` for a day of a year that takes nothing any more.

    No statement for days of this year or a later one. A year that is open cannot be locked until
    the caller's transaction ends.
    """
    on = local_date(at)
    if day.year >= on.year:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LockClass.YEARS, day.year])
    if not is_open(day.year, on):
        raise error(say_settled(day.year))


def refuse_closed(year: int, error: Callable[[str], Exception]) -> None:
    """Raise `error` for a year that is closed, whatever its deadline; two statements.

    A year that is open cannot be locked until the caller's transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LockClass.YEARS, year])
    if read_state(year).is_locked:
        raise error(say_settled(year))


def refuse_settled_since(day: date, at: datetime, error: Callable[[str], Exception]) -> None:
    """Raise `error` unless every year from that of `day` to this one takes facts.

    For facts that go on from the day: they count in the years after it as well.
    """
    for year in range(day.year, local_date(at).year):
        refuse_settled(date(year, 12, 31), at, error)


def say_settled(year: int) -> str:
    """Why nothing of the year can be entered or changed any more, with the last day."""
    state = read_state(year)
    if state.is_locked and state.locked_at is not None:
        return _(
            "The year %(year)s was closed on %(day)s: its facts, study, marks and disputes can be "
            "entered or changed no more."
        ) % {"year": year, "day": format_day(local_date(state.locked_at))}
    return _(
        "The figures of %(year)s are settled: facts, study, marks and disputes of that year could "
        "be entered or changed until %(day)s."
    ) % {"year": year, "day": format_day(state.deadline)}

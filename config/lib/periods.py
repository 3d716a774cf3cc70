"""Dates and periods. Only this module knows how a period ends.

A period is half-open, `[start, end)`, like PostgreSQL's daterange; no end means open-ended. No
other module computes `+ 1 day`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField, Func, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")

# The years that people may enter; dates outside are typing errors or the calendar's end.
REACH = range(1900, 2101)


def is_in_reach(day: date) -> bool:
    """Whether people may enter this day."""
    return day.year in REACH


def parse_day(text: str) -> date | None:
    """The day that an address or a form sends as YYYY-MM-DD, if it is one within reach."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_in_reach(day) else None


def period(start: date, end: date | None = None) -> DateRange:
    """The period from `start` up to, but excluding, `end`."""
    return DateRange(start, end, "[)")


def inclusive_period(start: date, last: date) -> DateRange:
    """The period from `start` to `last`, both days included, as people write it."""
    return DateRange(start, last + timedelta(days=1), "[)")


def first_day(value: DateRange) -> date:
    """The first day of a stored period. Raises ValueError for a period without one."""
    if value.lower is None:
        raise ValueError("A stored period has a first day.")
    return value.lower


def day_before(day: date) -> date:
    """The last day on which something that ends at `day` still holds."""
    return day - timedelta(days=1)


def last_day(value: DateRange) -> date | None:
    """The last day of a period, or None if it has no end."""
    return day_before(value.upper) if value.upper else None


def shared_days(first: DateRange, other: DateRange) -> DateRange | None:
    """The days in both stored periods; None if there are none."""
    start = max(first_day(first), first_day(other))
    ends = [end for end in (first.upper, other.upper) if end is not None]
    end = min(ends, default=None)
    return None if end is not None and end <= start else period(start, end)


def days_without(value: DateRange, others: Iterable[DateRange]) -> list[DateRange]:
    """The days of a stored period that none of `others` has, as periods in their order."""
    left = [value]
    for other in sorted(others, key=first_day):
        whole = left.pop()
        shared = shared_days(whole, other)
        if shared is None:
            left.append(whole)
            continue
        if first_day(whole) < first_day(shared):
            left.append(period(first_day(whole), shared.lower))
        if shared.upper is None or shared.upper == whole.upper:
            return left
        left.append(period(shared.upper, whole.upper))
    return left


def calendar_year(year: int) -> DateRange:
    """1 January to 31 December of `year`."""
    return period(date(year, 1, 1), date(year + 1, 1, 1))


def months_of(year: int, first: int, last: int) -> DateRange:
    """The months `first` to `last` (1 to 12) of `year`."""
    return period(date(year, first, 1), date(year + last // 12, last % 12 + 1, 1))


def years_from(start: date, years: int) -> DateRange:
    """So many whole years from `start` on; from 29 February they end with a February."""
    day = date(start.year, 3, 1) if (start.month, start.day) == (2, 29) else start
    return period(start, day.replace(year=start.year + years))


def in_force(on: date, field: str = "period") -> Q:
    """Rows whose period contains the day `on`."""
    return Q(**{f"{field}__contains": on})


def today() -> date:
    """The current date in Asia/Shanghai. For views, tasks and commands only."""
    return timezone.now().astimezone(SHANGHAI).date()


def local_date(moment: datetime) -> date:
    """The date in Asia/Shanghai of an aware `moment`; it decides the year for which hours count."""
    return moment.astimezone(SHANGHAI).date()


def at_local(day: date, hour: int, minute: int = 0) -> datetime:
    """The instant of a wall-clock time in Asia/Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def end_of_day(day: date) -> datetime:
    """The last instant of a day in Asia/Shanghai."""
    return datetime.combine(day, time.max, SHANGHAI)


class PeriodField(DateRangeField):
    """A half-open period of days. A database check requires a first day and at least one day."""

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        column = connection.ops.quote_name(self.column or "")
        return f"NOT isempty({column}) AND NOT lower_inf({column})"

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            value = period(*value)
        return super().get_prep_value(value)


OVERLAPS = RangeOperators.OVERLAPS
SAME = RangeOperators.EQUAL
OTHER = RangeOperators.NOT_EQUAL
DIFFERENT = RangeOperators.NOT_EQUAL


class TimestampRange(Func):
    """The time between two timestamps, end excluded, so adjacent ranges do not overlap.

    The two are sorted here, so that the constraint that checks their order is the one that fails.
    """

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()

    def __init__(self, start: str, end: str) -> None:
        super().__init__(Least(start, end), Greatest(start, end))


class LocalDate(Func):
    """The date in Asia/Shanghai of a timestamp; immutable, so constraints can use it."""

    template = "((%(expressions)s) AT TIME ZONE 'Asia/Shanghai')::date"
    output_field = DateField()

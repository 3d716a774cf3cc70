"""Weeks and months as days in rows. A week begins on a Monday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

DAYS = 7


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def list_days(first: date, number: int = DAYS) -> Sequence[date]:
    """So many days from `first` on: those of a week, if `first` is a Monday."""
    return [first + timedelta(days=place) for place in range(number)]


def weeks_from(day: date, weeks: int) -> date:
    """The day so many weeks later, or earlier where `weeks` is negative."""
    return day + timedelta(days=weeks * DAYS)


def first_of_month(day: date, months: int = 0) -> date:
    """The first day of the month so many months later, or earlier where `months` is negative."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def list_month(day: date) -> Sequence[date]:
    """The days of all weeks that have a day of the month of `day`, from a Monday to a Sunday."""
    first = monday_of(first_of_month(day))
    after = first_of_month(day, 1)
    weeks = -(-(after - first).days // DAYS)
    return list_days(first, weeks * DAYS)

"""Until when a year takes facts, study, marks and disputes: one deadline for all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from config.lib.dates import format_day
from config.lib.periods import in_force, local_date
from config.lib.years import last_unsettled_day
from schools.models import YearEndRule


def last_open_day(year: int) -> date:
    """The last day on which anything of `year` may be entered or changed. One statement.

    All acts of all roles ask the same rule: on memberships, posts, exemptions, places of
    organisations, study, rolls and disputes.
    """
    last = date(year, 12, 31)
    rule = YearEndRule.objects.filter(in_force(last)).first()
    return last_unsettled_day(year) if rule is None else last + timedelta(days=rule.days)


def first_open_year(on: date) -> int:
    """The first year of which facts may still be entered on the day `on`. One statement.

    No rule keeps a year open for longer than the next one lasts.
    """
    return on.year - (on <= last_open_day(on.year - 1))


def is_open(year: int, on: date) -> bool:
    """Whether facts of the year may still be entered. No statement for this year or a later one."""
    return year >= on.year or year >= first_open_year(on)


def refuse_settled(day: date, at: datetime, error: Callable[[str], Exception]) -> None:
    """Raise `error` for a day of a year that takes nothing any more.

    No statement for days of this year or a later one.
    """
    if not is_open(day.year, local_date(at)):
        raise error(say_settled(day.year))


def say_settled(year: int) -> str:
    """Why nothing of the year can be entered or changed any more, with the last day."""
    return _(
        "The figures of %(year)s are settled: facts, study, marks and disputes of that year could "
        "be entered or changed until %(day)s."
    ) % {"year": year, "day": format_day(last_open_day(year))}

"""Which years still take facts."""

from __future__ import annotations

from datetime import date

from config.lib.periods import in_force
from config.lib.years import first_unsettled_day
from schools.models import YearEndRule


def first_open_day(on: date) -> date:
    """The first day of which facts may still be entered on the day `on`. One statement.

    All entries ask the same rule, whoever makes them: memberships, posts, exemptions, places of
    organisations, study and disputes.
    """
    last = date(on.year - 1, 12, 31)
    rule = YearEndRule.objects.filter(in_force(last)).first()
    if rule is None:
        return first_unsettled_day(on)
    return date(on.year - ((on - last).days <= rule.days), 1, 1)


def first_open_year(on: date) -> int:
    """The first year for which facts may still be entered on the day `on`."""
    return first_open_day(on).year


def is_open(year: int, on: date) -> bool:
    """Whether facts of the year may still be entered. No statement for this year or a later one."""
    return year >= on.year or year >= first_open_year(on)

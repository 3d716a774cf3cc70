"""Which years still take facts."""

from __future__ import annotations

from datetime import date

from config.lib.years import first_unsettled_day


def first_open_year(on: date) -> int:
    """The first year for which facts may still be entered on the day `on`."""
    return first_unsettled_day(on).year

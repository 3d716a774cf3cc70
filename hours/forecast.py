"""Where the pace of a year leads: one rule, in Python for one member and in SQL for all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from config.lib.hours import STEP

# In the first weeks of a year there is no meaningful forecast.
FIRST_FORECAST_DAY = 60


def forecast_hours(done: Decimal, on: date) -> Decimal | None:
    """The hours at the end of the year at the pace so far, until `on`.

    Rounded down to a step of 0.25; None in the first weeks, when a forecast has no meaning.
    """
    gone = on.timetuple().tm_yday
    days = date(on.year, 12, 31).timetuple().tm_yday
    if gone < FIRST_FORECAST_DAY:
        return None
    return done * days / gone // STEP * STEP


# The same for the hours {done} and the parameters %(days)s and %(gone)s, the days of the year and
# those that are gone; once FIRST_FORECAST_DAY is reached.
FORECAST_SQL = f"floor({{done}} * %(days)s / %(gone)s / {STEP}) * {STEP}"

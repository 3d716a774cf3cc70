"""The projection of a figure for 31 December. One rule for pages and warnings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from config.lib.hours import ZERO
from hours.forecast import FIRST_FORECAST_DAY
from quotas.enums import COVERAGES, IN_NUMBERS

# Last year is a measure of this one if it had a quarter of it by the same day.
LEAST = 4


def project(
    measure: str, done: Decimal, *, on: date, before: Decimal, before_by_then: Decimal
) -> Decimal | None:
    """What a figure of this year will be on 31 December, if `done` was reached by the day `on`.

    As much is added as last year after this day, in proportion: `before` is last year's whole
    figure, `before_by_then` that of its days up to the same one. If last year had less than a
    quarter of `done` by then, it is no measure, and the year goes on at its pace so far. Rounded
    down to whole numbers, or to 0.01 of an hour. None in the first weeks, when it has no meaning,
    and for shares of members, whose past no row keeps.
    """
    gone = on.timetuple().tm_yday
    if measure in COVERAGES or gone < FIRST_FORECAST_DAY:
        return None
    if before_by_then > ZERO and before_by_then * LEAST >= done:
        ahead = done * before / before_by_then
    else:
        ahead = done * date(on.year, 12, 31).timetuple().tm_yday / gone
    step = Decimal(1) if measure in IN_NUMBERS else Decimal("0.01")
    return max(ahead // step * step, done)


def same_day(on: date, year: int) -> date:
    """The same day in another year; 28 February for the 29th."""
    if (on.month, on.day) == (2, 29):
        return date(year, 2, 28)
    return on.replace(year=year)

"""Credit years: the first year, and when a year is settled."""

from datetime import date

# The network of schools began in this year.
FIRST_YEAR = 2019
# In January, study from the previous year may still be recorded.
LATE_MONTH = 1


def day_of_judgement(year: int, on: date) -> date:
    """The day on which the facts decide about `year`: today during it, afterwards its last day."""
    return min(max(on, date(year, 1, 1)), date(year, 12, 31))


def is_over(year: int, on: date) -> bool:
    """Whether `year` has ended by the day `on`."""
    return on.year > year


def first_unsettled_day(on: date) -> date:
    """The first day for which study may still be recorded, or reported missing, on the day `on`."""
    return date(on.year - (on.month == LATE_MONTH), 1, 1)

"""Credit years: the first year, and when a year is settled."""

from datetime import date

# The network of schools began in this year.
FIRST_YEAR = 2019


def day_of_judgement(year: int, on: date) -> date:
    """The day on which the facts decide about `year`: today during it, afterwards its last day."""
    return min(max(on, date(year, 1, 1)), date(year, 12, 31))


def is_over(year: int, on: date) -> bool:
    """Whether `year` has ended by the day `on`."""
    return on.year > year


def last_unsettled_day(year: int) -> date:
    """The last day on which facts of `year` may still be entered where no rule says another."""
    return date(year + 1, 1, 31)


def first_month_left(year: int, on: date) -> int:
    """The first month of the year that is not over on the day `on`: January of a later year.

    Of an earlier year none is left, which is 13.
    """
    if year == on.year:
        return on.month
    return 1 if year > on.year else 13

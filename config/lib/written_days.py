"""Days as offices write them in a table, and months of which no day is known."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212~", "-"))
# A space between two numbers separates them; one beside another separator says nothing.
_BETWEEN = r"(?: ?[-./\\,\u3001\u3002\u00b7\u5e74\u6708] ?| )"
_AFTER = r"(?: ?[-./\u3002\u65e5\u53f7])?"
_HALF = r"(?:[AP]M|\u4e0a\u5348|\u4e0b\u5348)"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
_TIME = rf"(?:[ T]|(?<=[\u65e5\u53f7])) ?{_HALF}? ?{_CLOCK} ?{_HALF}?"
_PARTED = re.compile(
    rf"(?P<year>(?:19|20)\d\d){_BETWEEN}(?P<month>\d\d?)"
    rf"(?:{_BETWEEN}(?P<day>\d\d?){_AFTER}| ?[-./\u3002\u6708])?(?:{_TIME})?",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)?", re.ASCII)
# A number 2019.10 loses its last zero, so this may be January or October.
_LOST_ZERO = re.compile(r"(?:19|20)\d\d\.1", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2099


class DayFault(StrEnum):
    """Why something is not read as a day."""

    NO_DATE = "no_date"
    NO_SUCH_DAY = "no_such_day"
    LOST_ZERO = "month_lost_zero"


class DayError(ValueError):
    """It is not a day, or not one for certain; `fault` says why."""

    def __init__(self, fault: DayFault) -> None:
        super().__init__(fault)
        self.fault = fault


class Month(date):
    """A date cell that shows only its month, as the first day of it."""


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day as an office wrote it; `is_month` means that only its month was written."""

    day: date
    is_month: bool = False

    def fits(self, stored: date | None) -> bool:
        """Whether `stored` agrees with this; if only a month was written, the month must agree."""
        if stored is None or not self.is_month:
            return stored == self.day
        return (stored.year, stored.month) == (self.day.year, self.day.month)


def day_of_cell(cell: date) -> WrittenDay:
    """The day of a date cell, without its time. Raises DayError for an unlikely year."""
    if not _FIRST_YEAR <= cell.year <= _LAST_YEAR:
        raise DayError(DayFault.NO_DATE)
    return WrittenDay(date(cell.year, cell.month, cell.day), is_month=isinstance(cell, Month))


def day_of_text(text: str) -> WrittenDay:
    """The day in a text such as 1995-07-01, 1995.7.1 or 19950701, with or without a time.

    A month without a day becomes its first day. The year comes first and has four digits. Raises
    DayError for anything else: no sign is left out, so that no day is read as another one.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    if _LOST_ZERO.fullmatch(plain):
        raise DayError(DayFault.LOST_ZERO)
    match = _PARTED.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if match is None:
        raise DayError(DayFault.NO_DATE)
    year, month = int(match["year"]), int(match["month"])
    try:
        day = date(year, month, int(match["day"] or 1))
    except ValueError as error:
        raise DayError(DayFault.NO_SUCH_DAY) from error
    return WrittenDay(day, is_month=match["day"] is None)

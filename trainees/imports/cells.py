"""Cells of a register: each becomes a value, or a reason why it cannot."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from accounts.validators import validate_phone
from backstage.imports.cells import Words, read_text, whole_number, without_spaces
from backstage.imports.reasons import CellError
from config.lib.resident_ids import clean_resident_id
from trainees.enums import RegisterField
from trainees.imports.reasons import Reason

_WORDS = Path(__file__).resolve().parents[1] / "data" / "register_words.csv"
_DAY = re.compile(r"((?:19|20)\d\d)(?:\D(\d{1,2})(?:\D(\d{1,2}))?\D?|(\d\d)(\d\d)?)", re.ASCII)
_MIDNIGHT = re.compile(r"0?0:00(:00)?$")
_LONGEST_NAME, _LONGEST_NUMBER = 80, 12


def read_name(cell: Any) -> str:
    """A name. Raises CellError for a number or a date."""
    return read_text(cell, _LONGEST_NAME)


def read_number(cell: Any) -> str:
    """A member number. A number cell is accepted only if it contains a whole number.

    Leading zeros that a spreadsheet dropped are not restored.
    """
    text = whole_number(cell) if isinstance(cell, int | float) else read_text(cell, _LONGEST_NUMBER)
    if not re.fullmatch(r"[0-9A-Za-z-]{1,12}", text):
        raise CellError(Reason.NO_MEMBER_NUMBER)
    return text


def read_resident_id(cell: Any) -> str:
    """A resident ID number in its canonical form. Raises CellError, also for a number cell.

    A spreadsheet stores 15 digits of a number; the last three are lost and never guessed.
    """
    if not isinstance(cell, str):
        raise CellError(Reason.ID_IS_NUMBER)
    text = unicodedata.normalize("NFKC", cell).replace(" ", "").strip("'")
    try:
        return clean_resident_id(text)
    except ValidationError as error:
        raise _refuse_id(text) from error


def _refuse_id(text: str) -> CellError:
    if re.fullmatch(r"\d+(\.\d+)?[eE]\+?\d+", text):
        return CellError(Reason.ID_WAS_NUMBER)
    if len(text) != 18:
        return CellError(Reason.ID_LENGTH, n=len(text))
    if re.fullmatch(r"[1-9]\d{16}[\dXx]", text):
        return CellError(Reason.ID_CHECK)
    return CellError(Reason.ID_CHARACTERS)


def read_phone(cell: Any) -> str:
    """A mobile number, from text or a whole number. Raises CellError."""
    text = whole_number(cell) if isinstance(cell, int | float) else without_spaces(cell)
    text = text.removeprefix("+86")
    try:
        validate_phone(text)
    except ValidationError as error:
        raise CellError(Reason.NO_PHONE) from error
    return text


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


@lru_cache(maxsize=16_384, typed=True)
def read_day(cell: Any) -> WrittenDay:
    """A day, from a date cell or text such as 1995-07-01, 1995.7.1, 19950701; any separators.

    A month without a day becomes its first day. Raises CellError.
    """
    if isinstance(cell, datetime):
        return WrittenDay(cell.date())
    if isinstance(cell, date):
        return WrittenDay(cell)
    text = whole_number(cell) if isinstance(cell, int | float) else without_spaces(cell)
    text = _MIDNIGHT.sub("", text)
    match = _DAY.fullmatch(text)
    if not match:
        raise CellError(Reason.NO_DATE)
    year, *parts = (int(part) for part in match.groups() if part)
    month, day = (*parts, 1)[:2]
    try:
        return WrittenDay(date(year, month, day), is_month=len(parts) == 1)
    except ValueError as error:
        raise CellError(Reason.NO_SUCH_DAY) from error


@lru_cache(maxsize=1_024)
def read_word(cell: Any, field: RegisterField) -> str:
    """The stored value of a word such as "normal". Raises CellError with words to use."""
    return _known_words().read(cell, field)


def offered_words_of(field: RegisterField) -> list[str]:
    """One Chinese word for each possible value of a field: the first known one."""
    return _known_words().offered(field)


@cache
def _known_words() -> Words:
    """Stored values by the words that offices use."""
    return Words(_WORDS)

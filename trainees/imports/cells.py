"""Cells of a register: each becomes a value, or a reason why it cannot."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from accounts.validators import validate_phone
from config.lib.names import clean_name
from config.lib.resident_ids import clean_resident_id
from trainees.enums import RegisterField
from trainees.imports.reasons import Reason, in_words

_WORDS = Path(__file__).resolve().parents[1] / "data" / "register_words.csv"
_DAY = re.compile(r"((?:19|20)\d\d)(?:\D(\d{1,2})(?:\D(\d{1,2}))?\D?|(\d\d)(\d\d)?)", re.ASCII)
_MIDNIGHT = re.compile(r"0?0:00(:00)?$")
_MOST = {RegisterField.NAME: 80, RegisterField.NUMBER: 12, RegisterField.ORGANISATION: 100}


class CellError(ValueError):
    """The cell cannot be accepted; `reason` with its `values` says why, and what to do."""

    def __init__(self, reason: Reason, **values: Any) -> None:
        super().__init__(reason, values)
        self.reason = reason
        self.values = values

    def __str__(self) -> str:
        return in_words(self.reason, self.values)


def is_empty(cell: Any) -> bool:
    """Whether a cell is empty or blank."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_text(cell: Any, field: RegisterField) -> str:
    """A name or another short text. Raises CellError for a number or a date."""
    if not isinstance(cell, str):
        raise CellError(Reason.NO_TEXT)
    text = clean_name(cell)
    if len(text) > _MOST[field]:
        raise CellError(Reason.TOO_LONG, n=_MOST[field])
    return text


def read_number(cell: Any) -> str:
    """A member number. A number cell is accepted only if it contains a whole number.

    Leading zeros that a spreadsheet dropped are not restored.
    """
    text = _digits(cell) if isinstance(cell, int | float) else read_text(cell, RegisterField.NUMBER)
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
    text = _digits(cell) if isinstance(cell, int | float) else _without_spaces(cell)
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
    text = _digits(cell) if isinstance(cell, int | float) else _without_spaces(cell)
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
    words = _known_words()[field]
    text = _without_spaces(cell).casefold()
    try:
        return words[text]
    except KeyError as error:
        raise CellError(Reason.UNKNOWN_WORD, words=offered_words_of(field)) from error


def offered_words_of(field: RegisterField) -> list[str]:
    """One Chinese word for each possible value of a field: the first known one."""
    words: dict[str, str] = {}
    for word, value in _known_words()[field].items():
        if not word.isascii():
            words.setdefault(value, word)
    return list(words.values())


@cache
def _known_words() -> Mapping[RegisterField, dict[str, str]]:
    """Stored values by the words that offices use, in the order of `data/register_words.csv`."""
    words: dict[RegisterField, dict[str, str]] = {}
    with _WORDS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            word = "".join(row["word"].split()).casefold()
            words.setdefault(RegisterField(row["field"]), {})[word] = row["value"]
    return words


def _digits(cell: float) -> str:
    if isinstance(cell, bool) or not float(cell).is_integer():
        raise CellError(Reason.NO_WHOLE_NUMBER)
    return str(int(cell))


def _without_spaces(cell: Any) -> str:
    if not isinstance(cell, str):
        raise CellError(Reason.NO_TEXT)
    return "".join(unicodedata.normalize("NFKC", cell).split())

"""Cells of a register: each becomes a value, or a reason that the office understands."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.validators import validate_phone
from config.lib.names import clean_name
from config.lib.resident_ids import clean_resident_id
from trainees.enums import RegisterField

_WORDS = Path(__file__).resolve().parents[1] / "data" / "register_words.csv"
_DAY = re.compile(r"((?:19|20)\d\d)(?:\D(\d{1,2})(?:\D(\d{1,2}))?\D?|(\d\d)(\d\d)?)", re.ASCII)
_MIDNIGHT = re.compile(r"0?0:00(:00)?$")
_MOST = {RegisterField.NAME: 80, RegisterField.NUMBER: 12, RegisterField.ORGANISATION: 100}


class CellError(ValueError):
    """The cell cannot be taken as it is; the message says why, and what to do."""


def is_empty(cell: Any) -> bool:
    """Whether a cell says nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_text(cell: Any, field: RegisterField) -> str:
    """A name, or another short text. Raises CellError for a number or a date."""
    if not isinstance(cell, str):
        raise CellError(_("This is not text."))
    text = clean_name(cell)
    if len(text) > _MOST[field]:
        raise CellError(_("This is longer than %(n)d characters.") % {"n": _MOST[field]})
    return text


def read_number(cell: Any) -> str:
    """A member number. A number cell is taken only if it holds a whole number.

    Leading zeros that a spreadsheet has dropped are not put back.
    """
    text = _digits(cell) if isinstance(cell, int | float) else read_text(cell, RegisterField.NUMBER)
    if not re.fullmatch(r"[0-9A-Za-z-]{1,12}", text):
        raise CellError(_("A member number has up to 12 letters and digits."))
    return text


def read_resident_id(cell: Any) -> str:
    """A resident ID number in its canonical form. Raises CellError, also for a number cell.

    A spreadsheet keeps 15 digits of a number; the last three are gone and are never guessed.
    """
    if not isinstance(cell, str):
        raise CellError(
            _(
                "This is a number cell, which has lost the last digits. Format the column as text "
                "and type the ID number again."
            )
        )
    text = unicodedata.normalize("NFKC", cell).replace(" ", "").strip("'")
    try:
        return clean_resident_id(text)
    except ValidationError as error:
        raise CellError(_reason_of_bad_id(text)) from error


def _reason_of_bad_id(text: str) -> str:
    if re.fullmatch(r"\d+(\.\d+)?[eE]\+?\d+", text):
        return _("This was a number once and has lost digits. Type the ID number again, as text.")
    if len(text) != 18:
        return _("An ID number has 18 characters; here are %(n)d.") % {"n": len(text)}
    if re.fullmatch(r"[1-9]\d{16}[\dXx]", text):
        return _("The date of birth or the last character does not fit: a digit is wrong.")
    return _("An ID number has 17 digits and a digit or X at the end.")


def read_phone(cell: Any) -> str:
    """A mobile number, from text or a whole number. Raises CellError."""
    text = _digits(cell) if isinstance(cell, int | float) else _without_spaces(cell)
    text = text.removeprefix("+86")
    try:
        validate_phone(text)
    except ValidationError as error:
        raise CellError(error.messages[0]) from error
    return text


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day as an office wrote it; `is_month` says that only its month was written."""

    day: date
    is_month: bool = False

    def fits(self, stored: date | None) -> bool:
        """Whether `stored` says the same, as far as this says anything."""
        if stored is None or not self.is_month:
            return stored == self.day
        return (stored.year, stored.month) == (self.day.year, self.day.month)


def read_day(cell: Any) -> WrittenDay:
    """A day, from a date cell or text such as 1995-07-01, 1995.7.1, 19950701, with any separators.

    A month without a day stands for its first day. Raises CellError.
    """
    if isinstance(cell, datetime):
        return WrittenDay(cell.date())
    if isinstance(cell, date):
        return WrittenDay(cell)
    text = _digits(cell) if isinstance(cell, int | float) else _without_spaces(cell)
    text = _MIDNIGHT.sub("", text)
    found = _DAY.fullmatch(text)
    if not found:
        raise CellError(_("This is not a date. Write it as 1995-07-01."))
    year, *parts = (int(part) for part in found.groups() if part)
    month, day = (*parts, 1)[:2]
    try:
        return WrittenDay(date(year, month, day), is_month=len(parts) == 1)
    except ValueError as error:
        raise CellError(_("There is no such day. Write it as 1995-07-01.")) from error


def read_word(cell: Any, field: RegisterField) -> str:
    """The stored value of a word such as a standing. Raises CellError, naming the words known."""
    words = _known_words()[field]
    text = _without_spaces(cell).casefold()
    try:
        return words[text]
    except KeyError as error:
        known = _(", ").join(known_words_of(field))
        raise CellError(_("This word is not known. Known are: %(words)s") % {"words": known}) from (
            error
        )


def known_words_of(field: RegisterField) -> list[str]:
    """The Chinese words for what a field may say, as offices write them."""
    return [word for word in _known_words()[field] if not word.isascii()]


@cache
def _known_words() -> Mapping[RegisterField, dict[str, str]]:
    """Stored values by the words that offices use (`data/register_words.csv`)."""
    words: dict[RegisterField, dict[str, str]] = {}
    with _WORDS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            word = "".join(row["word"].split()).casefold()
            words.setdefault(RegisterField(row["field"]), {})[word] = row["value"]
    return words


def _digits(cell: float) -> str:
    if isinstance(cell, bool) or not float(cell).is_integer():
        raise CellError(_("This is not a whole number."))
    return str(int(cell))


def _without_spaces(cell: Any) -> str:
    if not isinstance(cell, str):
        raise CellError(_("This is not text."))
    return "".join(unicodedata.normalize("NFKC", cell).split())

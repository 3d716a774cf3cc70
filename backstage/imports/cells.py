"""Cells of an uploaded table: each becomes a value, or a reason why it cannot."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from backstage.imports.reasons import CellError, CellReason
from config.lib.names import clean_text
from config.lib.resident_ids import clean_resident_id
from config.lib.written_days import DayError, WrittenDay, day_of_cell, day_of_text


def is_empty(cell: Any) -> bool:
    """Whether a cell is empty or blank."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_text(cell: Any, most: int) -> str:
    """A name or another text of at most `most` characters.

    Raises CellError, also for a number or a date.
    """
    if not isinstance(cell, str):
        raise CellError(CellReason.NO_TEXT)
    text = clean_text(cell)
    if len(text) > most:
        raise CellError(CellReason.TOO_LONG, n=most)
    return text


def whole_number(cell: float) -> str:
    """The digits of a number cell. Raises CellError unless it contains a whole number."""
    if isinstance(cell, bool) or not float(cell).is_integer():
        raise CellError(CellReason.NO_WHOLE_NUMBER)
    return str(int(cell))


def without_spaces(cell: Any) -> str:
    """A text without any spaces, in its usual width. Raises CellError for any other cell."""
    if not isinstance(cell, str):
        raise CellError(CellReason.NO_TEXT)
    return "".join(unicodedata.normalize("NFKC", cell).split())


@lru_cache(maxsize=16_384, typed=True)
def read_day(cell: Any) -> WrittenDay:
    """A day, from a date cell, a text or digits (`config.lib.written_days`). Raises CellError.

    The serial number of a day is refused: a workbook may count from 1900 or 1904.
    """
    try:
        if isinstance(cell, date):
            return day_of_cell(cell)
        if isinstance(cell, int | float):
            return day_of_text(whole_number(cell))
        if not isinstance(cell, str):
            raise CellError(CellReason.NO_TEXT)
        return day_of_text(cell)
    except DayError as error:
        raise CellError(error.fault) from error


def read_resident_id(cell: Any) -> str:
    """A resident ID number in its canonical form. Raises CellError, also for a number cell.

    A spreadsheet stores 15 digits of a number; the last three are lost and never guessed.
    """
    if not isinstance(cell, str):
        raise CellError(CellReason.ID_IS_NUMBER)
    text = unicodedata.normalize("NFKC", cell).replace(" ", "").strip("'")
    try:
        return clean_resident_id(text)
    except ValidationError as error:
        raise _refuse_id(text) from error


def _refuse_id(text: str) -> CellError:
    if re.fullmatch(r"\d+(\.\d+)?[eE]\+?\d+", text):
        return CellError(CellReason.ID_WAS_NUMBER)
    if len(text) != 18:
        return CellError(CellReason.ID_LENGTH, n=len(text))
    if re.fullmatch(r"[1-9]\d{16}[\dXx]", text):
        return CellError(CellReason.ID_CHECK)
    return CellError(CellReason.ID_CHARACTERS)


class Words:
    """The words that offices use for values, from a file with the columns field, value, word."""

    def __init__(self, path: Path) -> None:
        self._by_field: dict[str, dict[str, str]] = {}
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                word = "".join(row["word"].split()).casefold()
                self._by_field.setdefault(row["field"], {})[word] = row["value"]

    @property
    def by_field(self) -> Mapping[str, Mapping[str, str]]:
        """Values by word, for each field, in the order of the file."""
        return self._by_field

    def read(self, cell: Any, field: str) -> str:
        """The value of a word such as "normal". Raises CellError with words to use."""
        text = without_spaces(cell).casefold()
        try:
            return self._by_field[field][text]
        except KeyError as error:
            raise CellError(CellReason.UNKNOWN_WORD, words=self.offered(field)) from error

    def offered(self, field: str) -> list[str]:
        """One Chinese word for each possible value of a field: the first in the file."""
        words: dict[str, str] = {}
        for word, value in self._by_field[field].items():
            if not word.isascii():
                words.setdefault(value, word)
        return list(words.values())

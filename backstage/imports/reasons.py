"""Reasons for refusing a cell or a row of an uploaded table: as codes with values, and in words.

A problem is kept as a code with the values of its sentence, because the reader's language may
differ from the uploader's. An import has codes of its own beside these, and registers their
sentences. A code may be stored for months, so its meaning never changes: a new meaning is a new
code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.lib import spreadsheet_refusals
from config.lib.dates import format_day
from config.lib.written_days import DayFault

# The field of the column, the code, and the values of its sentence.
type Problem = tuple[str, str, Mapping[str, Any]]
# A row as people find it: its number, or number and sheet where several sheets are read.
type RowPlace = int | list[Any]


class CellReason(StrEnum):
    """Codes for problems that any table may have."""

    EMPTY = "empty"
    FORMULA = "formula"
    NO_TEXT = "no_text"
    TOO_LONG = "too_long"
    NO_WHOLE_NUMBER = "no_whole_number"
    UNKNOWN_WORD = "unknown_word"
    SAME_IN_ROWS = "same_in_rows"
    SAME_IN_MANY_ROWS = "same_in_many_rows"
    FILE_GONE = "file_gone"
    ID_IS_NUMBER = "id_is_number"
    ID_WAS_NUMBER = "id_was_number"
    ID_LENGTH = "id_length"
    ID_CHECK = "id_check"
    ID_CHARACTERS = "id_characters"


SENTENCES: dict[str, Promise | str] = {
    CellReason.EMPTY: _("This is empty."),
    CellReason.FORMULA: _(
        "This is a formula, and the file does not hold its result. Paste the values, or save the "
        "file once more in a spreadsheet program."
    ),
    CellReason.NO_TEXT: _("This is not text."),
    CellReason.TOO_LONG: _("This is longer than %(n)d characters."),
    CellReason.NO_WHOLE_NUMBER: _("This is not a whole number."),
    CellReason.UNKNOWN_WORD: _("This word is not known. Known are: %(words)s"),
    CellReason.SAME_IN_ROWS: _("The same stands in row %(rows)s."),
    CellReason.SAME_IN_MANY_ROWS: _("The same stands in %(n)d other rows, such as row %(rows)s."),
    CellReason.FILE_GONE: _("This file is no longer kept."),
    CellReason.ID_IS_NUMBER: _(
        "This is a number cell, which has lost the last digits. Format the column as text and "
        "type the ID number again."
    ),
    CellReason.ID_WAS_NUMBER: _(
        "This was a number once and has lost digits. Type the ID number again, as text."
    ),
    CellReason.ID_LENGTH: _("An ID number has 18 characters; here are %(n)d."),
    CellReason.ID_CHECK: _(
        "The date of birth or the last character does not fit: a digit is wrong."
    ),
    CellReason.ID_CHARACTERS: _("An ID number has 17 digits and a digit or X at the end."),
    DayFault.NO_DATE: _("This is not a date. Write it as 1995-07-01."),
    DayFault.NO_SUCH_DAY: _("There is no such day. Write it as 1995-07-01."),
    DayFault.LOST_ZERO: _(
        "This may be January, or October of which a spreadsheet program dropped the zero. Write "
        "it as 2019-01 or 2019-10."
    ),
    **spreadsheet_refusals.SENTENCES,
}


def register_reasons(sentences: Mapping[str, Promise | str]) -> None:
    """Add the sentences of an import's own codes; called at start-up.

    Raises ImproperlyConfigured if a code has another sentence already.
    """
    for code, sentence in sentences.items():
        if SENTENCES.setdefault(code, sentence) is not sentence:
            raise ImproperlyConfigured(f"Two sentences for the code {code}.")


def in_words(code: str, values: Mapping[str, Any]) -> str:
    """The sentence of a problem in the reader's language. Raises KeyError if the code is unknown.

    A list is joined, a row of a sheet is a `RowPlace`; the value `day` is a day as ISO text.
    """
    return str(SENTENCES[code]) % {name: _said(name, value) for name, value in values.items()}


def _said(name: str, value: Any) -> Any:
    match value:
        case [int(), str()]:
            return format_place(value)
        case list():
            return gettext(", ").join(str(_said(name, part)) for part in value)
        case _:
            return format_day(date.fromisoformat(value)) if name == "day" else value


def format_place(place: RowPlace) -> str:
    """A row for people: its number, with its sheet where several are read."""
    if isinstance(place, int):
        return str(place)
    number, sheet = place
    return gettext("%(row)s (%(sheet)s)") % {"row": number, "sheet": sheet}


class CellError(ValueError):
    """The cell cannot be accepted; the code `reason` with its `values` says why, and what to do."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason, values)
        self.reason = reason
        self.values = values

    def __str__(self) -> str:
        return in_words(self.reason, self.values)

"""Cells of a register: each becomes a value, or a reason why it cannot."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from backstage.imports.cells import Words, read_text, whole_number, without_spaces
from backstage.imports.reasons import CellError
from config.lib.names import clean_name
from config.lib.telephones import clean_mobile
from trainees.enums import RegisterField
from trainees.imports.reasons import Reason

_WORDS = Path(__file__).resolve().parents[1] / "data" / "register_words.csv"
_LONGEST_NAME, _LONGEST_NUMBER = 80, 12


def read_name(cell: Any) -> str:
    """A name. Raises CellError for a number or a date."""
    return clean_name(read_text(cell, _LONGEST_NAME))


def read_number(cell: Any) -> str:
    """A member number. A number cell is accepted only if it contains a whole number.

    Leading zeros that a spreadsheet dropped are not restored.
    """
    text = whole_number(cell) if isinstance(cell, int | float) else read_text(cell, _LONGEST_NUMBER)
    if not re.fullmatch(r"[0-9A-Za-z-]{1,12}", text):
        raise CellError(Reason.NO_MEMBER_NUMBER)
    return text


def read_phone(cell: Any) -> str:
    """A mobile number, from text or a whole number. Raises CellError."""
    text = whole_number(cell) if isinstance(cell, int | float) else without_spaces(cell)
    try:
        return clean_mobile(text)
    except ValidationError as error:
        raise CellError(Reason.NO_PHONE) from error


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

"""Resident identity numbers (GB 11643-1999): 17 digits and a check character."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric

_SHAPE = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
# Eighteen characters that read as an ID number, wherever they stand in a text.
LOOKS_LIKE_ONE = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")


def clean_resident_id(text: str) -> str:
    """The number in its canonical form (upper-case X). Raises ValidationError otherwise.

    Checks length, digits, date of birth and check character. The area code is left alone: it is
    that of the first registration, which may have been abolished or have come into being at any
    time since.
    """
    number = text.strip().upper()
    if not _SHAPE.fullmatch(number) or not _is_consistent(number):
        raise ValidationError(_("This is not a valid resident ID number."), code="resident_id")
    return number


def _is_consistent(number: str) -> bool:
    """Whether date of birth and check character are possible."""
    try:
        birth_date_of(number)
    except ValueError:
        return False
    return ric.calc_check_digit(number) == number[-1]


def birth_date_of(number: str) -> date:
    """The date of birth that a number carries. Raises ValueError if there is no such day."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def mask_resident_id(number: str) -> str:
    """All but the first three and last two characters hidden, for screens and the trail."""
    return f"{number[:3]}{'*' * 13}{number[-2:]}"


def holds_resident_id(text: str) -> bool:
    """Whether something that reads as an ID number stands in `text`."""
    return bool(LOOKS_LIKE_ONE.search(text))

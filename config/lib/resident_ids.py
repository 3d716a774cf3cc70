"""Resident identity numbers (GB 11643-1999): 17 digits and a check character."""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric

_SHAPE = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
# Eighteen characters that look like an ID number, anywhere in a text.
LOOKS_LIKE_ONE = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
# A SHA-256 in hex: one in a few hundred has eighteen digits in a row.
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
# The same as people type it: in groups, with spaces or hyphens of any kind between them.
_BETWEEN = r"[\s\-_.\u00b7\u2010-\u2015\u2212\ufe58\ufe63]{0,3}"
_IN_GROUPS = re.compile(rf"(?<!\d)(?=((?:\d{_BETWEEN}){{17}}[\dX])(?![\dX]))")


def clean_resident_id(text: str) -> str:
    """The number in its canonical form (upper-case X). Raises ValidationError if it is invalid.

    Checks length, digits, date of birth and check character. The area code is not checked: it is
    the area of first registration, which may have been created or abolished at any time.
    """
    number = text.strip().upper()
    if not _SHAPE.fullmatch(number) or not _is_consistent(number):
        raise ValidationError(_("This is not a valid resident ID number."), code="resident_id")
    return number


def _is_consistent(number: str) -> bool:
    """Whether date of birth and check character are valid."""
    try:
        birth_date_of(number)
    except ValueError:
        return False
    return ric.calc_check_digit(number) == number[-1]


def birth_date_of(number: str) -> date:
    """The date of birth in a number. Raises ValueError if there is no such day."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex_of(number: str) -> str:
    """The sex in a number: "m" or "f"."""
    return "m" if int(number[16]) % 2 else "f"


def mask_resident_id(number: str) -> str:
    """Hide all but the first three and last two characters, for screens and the audit trail."""
    return f"{number[:3]}{'*' * 13}{number[-2:]}"


def holds_plain_id(text: str) -> bool:
    """Whether `text` contains eighteen characters in a row that look like an ID number.

    Digests (64 hexadecimal characters) are none, whatever figures are in them.
    """
    return bool(LOOKS_LIKE_ONE.search(_DIGEST.sub("", text)))


def holds_resident_id(text: str) -> bool:
    """Whether typed text contains what looks like an ID number, in any width or in groups.

    In groups it has a date of birth: other figures may stand side by side, such as two phones.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    return holds_plain_id(plain) or any(
        _has_birth_date(re.sub(r"[^\dX]", "", found[1])) for found in _IN_GROUPS.finditer(plain)
    )


def _has_birth_date(number: str) -> bool:
    try:
        return 1900 <= birth_date_of(number).year < 2100
    except ValueError:
        return False

"""Telephone numbers: typed in many ways, stored in one form, shown in words.

A mobile number is stored as its 11 digits, that of an office as `022-83910000`, or
`022-83910000-8` with an extension.
"""

import re
import unicodedata
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Words before an extension: the Chinese for "transfer to" and "extension", and the English ones.
_BEFORE_EXTENSION = "\u8f6c\u5206\u673a|\u8f6c|\u8f49|\u5206\u673a|ext\\.?|x|#"
_WITH_EXTENSION = re.compile(
    rf"(?P<number>.*\d)[ ,]*(?:{_BEFORE_EXTENSION})[ :]*(?P<extension>\d+)", re.IGNORECASE
)
_STORED_EXTENSION = re.compile(r"(?P<number>.*\d)-(?P<extension>\d{1,6})")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_MOBILE = re.compile(r"1\d{10}", re.ASCII)
_MAINLAND = 86
_BEFORE_MOBILE = frozenset({"", "0", "86", "0086"})
_NO_MOBILE = gettext_lazy("A mobile number has 11 digits and begins with 1.")
# The digits of a number with area code, of a mobile number, or of a 400 number.
_WHOLE_DIGITS = 10
# A local number: no area code; only a space between its two halves.
_LOCAL = re.compile(r"[2-8]\d{2,3} ?\d{4}")


def clean_mobile(text: str) -> str:
    """The 11 digits of a mainland mobile number, from text with hyphens, brackets, 86 or +86.

    Raises ValidationError for anything else, two numbers or an extension included.
    """
    if _MOBILE.fullmatch(text):
        return text
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    try:
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_NO_MOBILE, code="phone") from error
    digits = str(number.national_number)
    before = "".join(filter(str.isdigit, plain)).removesuffix(digits)
    is_mainland = number.country_code == _MAINLAND and number.extension is None
    # The library takes what it finds; here no digit of the text may be left over.
    if not is_mainland or before not in _BEFORE_MOBILE or not _MOBILE.fullmatch(digits):
        raise ValidationError(_NO_MOBILE, code="phone")
    return digits


def clean_telephone(text: str) -> str:
    """The stored form. Raises ValidationError if an extension follows no full number."""
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    match = _WITH_EXTENSION.fullmatch(plain)
    if match is None:
        return plain
    stored = f"{match['number']}-{match['extension']}"
    if split_telephone(stored) != (match["number"], match["extension"]):
        raise ValidationError(
            _("Before an extension of at most six digits stands a whole number."), code="extension"
        )
    return stored


def split_telephone(stored: str) -> tuple[str, str]:
    """Split a stored number into number and extension, which may be empty.

    In `022-8391-0000`, the last part is no extension, because no full number precedes it.
    """
    match = _STORED_EXTENSION.fullmatch(stored)
    if match is None:
        return stored, ""
    number = match["number"]
    digits = re.sub(r"\D", "", number.removeprefix("+86"))
    if len(digits) >= _WHOLE_DIGITS or _LOCAL.fullmatch(number):
        return number, match["extension"]
    return stored, ""


def format_telephone(stored: str) -> str:
    """A stored number in the reader's language."""
    number, extension = split_telephone(stored)
    if not extension:
        return number
    return _("%(number)s ext. %(extension)s") % {"number": number, "extension": extension}


class TelephoneField(forms.CharField):
    """An office telephone number, with or without an extension."""

    default_validators = [
        RegexValidator(
            r"^[\d +-]{5,}$",
            gettext_lazy("Digits, spaces and hyphens, as in 022-83910000 or 022-83910000-8."),
        )
    ]

    def to_python(self, value: Any) -> str:
        return clean_telephone(super().to_python(value) or "")

    def prepare_value(self, value: Any) -> Any:
        return format_telephone(value) if isinstance(value, str) else value

"""Reasons for refusing a row of a register or a whole import: as stored, and in words.

A problem is stored as a code with the values of its sentence, because the reader's language may
differ from the uploader's. Rows are stored for months, so the meaning of a code never changes: a
new meaning is a new code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.lib import spreadsheet_refusals
from config.lib.dates import format_day

# The field of a register (RegisterField), the code, and the values of its sentence.
type Problem = tuple[str, str, Mapping[str, Any]]


class Reason(StrEnum):
    """Codes for problems with a cell, a row or an import."""

    # Stored as text before there were codes; it stays in its original language.
    AS_WRITTEN = "as_written"
    # a cell
    EMPTY = "empty"
    FORMULA = "formula"
    NO_TEXT = "no_text"
    TOO_LONG = "too_long"
    NO_WHOLE_NUMBER = "no_whole_number"
    NO_MEMBER_NUMBER = "no_member_number"
    ID_IS_NUMBER = "id_is_number"
    ID_WAS_NUMBER = "id_was_number"
    ID_LENGTH = "id_length"
    ID_CHECK = "id_check"
    ID_CHARACTERS = "id_characters"
    NO_PHONE = "no_phone"
    NO_DATE = "no_date"
    NO_SUCH_DAY = "no_such_day"
    UNKNOWN_WORD = "unknown_word"
    # an organisation
    SAME_NAME = "same_name"
    NEAREST_NAMES = "nearest_names"
    NO_ORGANISATION = "no_organisation"
    RENAMED = "renamed"
    MERGED = "merged"
    ORGANISATION_ENDS = "organisation_ends"
    # a row
    AFTER_REGISTER = "after_register"
    BEFORE_BIRTH = "before_birth"
    BEFORE_JOINING = "before_joining"
    ID_BIRTH_DATE = "id_birth_date"
    ID_OTHERWISE = "id_otherwise"
    SAME_IN_ROWS = "same_in_rows"
    # the stored members
    SAME_MEMBER = "same_member"
    NUMBER_OF_ANOTHER = "number_of_another"
    NUMBER_STAYS = "number_stays"
    OTHER_NAME = "other_name"
    NEEDS_ID = "needs_id"
    STORED_ID_OTHERWISE = "stored_id_otherwise"
    POST_RECORDED = "post_recorded"
    LATER_MEMBERSHIP = "later_membership"
    LATER_POST = "later_post"
    SECRETARY_THERE = "secretary_there"
    # an import
    FILE_GONE = "file_gone"
    CHANGED_MEANWHILE = "changed_meanwhile"


_OWN: dict[str, Promise | str] = {
    Reason.AS_WRITTEN: "%(text)s",
    Reason.EMPTY: _("This is empty."),
    Reason.FORMULA: _(
        "This is a formula, and the file does not hold its result. Paste the values, or save the "
        "file once more in a spreadsheet program."
    ),
    Reason.NO_TEXT: _("This is not text."),
    Reason.TOO_LONG: _("This is longer than %(n)d characters."),
    Reason.NO_WHOLE_NUMBER: _("This is not a whole number."),
    Reason.NO_MEMBER_NUMBER: _("A member number has up to 12 letters and digits."),
    Reason.ID_IS_NUMBER: _(
        "This is a number cell, which has lost the last digits. Format the column as text and "
        "type the ID number again."
    ),
    Reason.ID_WAS_NUMBER: _(
        "This was a number once and has lost digits. Type the ID number again, as text."
    ),
    Reason.ID_LENGTH: _("An ID number has 18 characters; here are %(n)d."),
    Reason.ID_CHECK: _("The date of birth or the last character does not fit: a digit is wrong."),
    Reason.ID_CHARACTERS: _("An ID number has 17 digits and a digit or X at the end."),
    Reason.NO_PHONE: _("A mobile number has 11 digits and begins with 1."),
    Reason.NO_DATE: _("This is not a date. Write it as 1995-07-01."),
    Reason.NO_SUCH_DAY: _("There is no such day. Write it as 1995-07-01."),
    Reason.UNKNOWN_WORD: _("This word is not known. Known are: %(words)s"),
    Reason.SAME_NAME: _("Several organisations have this name; write the code: %(codes)s"),
    Reason.NEAREST_NAMES: _("No organisation has this name. Nearest: %(names)s"),
    Reason.NO_ORGANISATION: _("No organisation has this name or code."),
    Reason.RENAMED: _("This was renamed to %(name)s on %(day)s. Nearest: %(names)s"),
    Reason.MERGED: _("This was merged into %(name)s on %(day)s. Nearest: %(names)s"),
    Reason.ORGANISATION_ENDS: _("This organisation is closed, or its end is recorded."),
    Reason.AFTER_REGISTER: _("This is after the day of the register."),
    Reason.BEFORE_BIRTH: _("This is before the date of birth."),
    Reason.BEFORE_JOINING: _("This is before joining the Party."),
    Reason.ID_BIRTH_DATE: _("This is not the date of birth in the ID number."),
    Reason.ID_OTHERWISE: _("The ID number says otherwise."),
    Reason.SAME_IN_ROWS: _("The same stands in row %(rows)s."),
    Reason.SAME_MEMBER: _("Row %(row)s means the same member."),
    Reason.NUMBER_OF_ANOTHER: _("Another member has this member number."),
    Reason.NUMBER_STAYS: _("This member has the number %(number)s, which stays."),
    Reason.OTHER_NAME: _("The member of this number has another name."),
    Reason.NEEDS_ID: _("A new member needs an ID number."),
    Reason.STORED_ID_OTHERWISE: _("The ID number that is stored says otherwise."),
    Reason.POST_RECORDED: _("This post is recorded from a later day on already."),
    Reason.LATER_MEMBERSHIP: _("A later membership, from %(day)s on, is recorded already."),
    Reason.LATER_POST: _("A post in the organisation that is left begins on that day or later."),
    Reason.SECRETARY_THERE: _("%(name)s is secretary there. End that post first."),
    Reason.FILE_GONE: _("This file is no longer kept."),
    Reason.CHANGED_MEANWHILE: _(
        "Members were changed meanwhile, so the file was compared anew. Look again."
    ),
}
SENTENCES: Mapping[str, Promise | str] = _OWN | spreadsheet_refusals.SENTENCES


def in_words(code: str, values: Mapping[str, Any]) -> str:
    """The sentence of a stored problem in the reader's language. Raises KeyError if unknown.

    A list is joined; the value `day` is a day as ISO text.
    """
    return str(SENTENCES[code]) % {name: _said(name, value) for name, value in values.items()}


def _said(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return gettext(", ").join(map(str, value))
    return format_day(date.fromisoformat(value)) if name == "day" else value

"""Reasons for refusing a row of a register or a whole import, beside those of any table.

Rows are stored for months with their codes, so the meaning of a code never changes: a new meaning
is a new code (`backstage.imports.reasons`).
"""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    """Codes for problems with a cell, a row or an import."""

    # Stored as text before there were codes; it stays in its original language.
    AS_WRITTEN = "as_written"
    # a cell
    NO_MEMBER_NUMBER = "no_member_number"
    NO_PHONE = "no_phone"
    # an organisation
    ORGANISATION_ENDS = "organisation_ends"
    # a row
    AFTER_REGISTER = "after_register"
    BEFORE_BIRTH = "before_birth"
    BEFORE_JOINING = "before_joining"
    ID_BIRTH_DATE = "id_birth_date"
    ID_OTHERWISE = "id_otherwise"
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
    HAS_LEFT = "has_left"
    # an import
    CHANGED_MEANWHILE = "changed_meanwhile"


SENTENCES: dict[str, Promise | str] = {
    Reason.AS_WRITTEN: "%(text)s",
    Reason.NO_MEMBER_NUMBER: _("A member number has up to 12 letters and digits."),
    Reason.NO_PHONE: _("A mobile number has 11 digits and begins with 1."),
    Reason.ORGANISATION_ENDS: _("This organisation is closed, or its end is recorded."),
    Reason.AFTER_REGISTER: _("This is after the day of the register."),
    Reason.BEFORE_BIRTH: _("This is before the date of birth."),
    Reason.BEFORE_JOINING: _("This is before joining the Party."),
    Reason.ID_BIRTH_DATE: _("This is not the date of birth in the ID number."),
    Reason.ID_OTHERWISE: _("The ID number says otherwise."),
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
    Reason.HAS_LEFT: _(
        "Recorded as having left on %(day)s. On the register card, take that back or take the "
        "member in again."
    ),
    Reason.CHANGED_MEANWHILE: _(
        "Members were changed meanwhile, so the file was compared anew. Look again."
    ),
}

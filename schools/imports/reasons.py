"""Reasons for refusing a row of a founding table, beside those of any table."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FoundingReason(StrEnum):
    """Codes for problems with a row."""

    # a cell
    NO_CODE = "no_code"
    CODE_WAS_NUMBER = "code_was_number"
    LONG_CODE = "long_code"
    ID_NUMBER = "id_number"
    # any table
    OTHER_NAME_STORED = "other_name_stored"
    ROW_ABOVE_REFUSED = "row_above_refused"
    UNKNOWN_TOWNSHIP = "unknown_township"
    # divisions
    DIVISION_DIGITS = "division_digits"
    OTHER_DISTRICT = "other_district"
    OTHER_DIVISION = "other_division"
    # schools
    SCHOOL_NAME_TAKEN = "school_name_taken"
    SCHOOL_CLOSED = "school_closed"
    SERVED_ALREADY = "served_already"
    OTHER_AREA_STORED = "other_area_stored"
    # organisations
    LEVEL_MISFIT = "level_misfit"
    NO_PARENT = "no_parent"
    UNKNOWN_PARENT = "unknown_parent"
    IN_A_CIRCLE = "in_a_circle"
    PARENT_LATER = "parent_later"
    ROOT_STANDS_ALONE = "root_stands_alone"
    ROOT_THERE = "root_there"
    NEEDS_TOWNSHIP = "needs_township"
    ONE_TOWNSHIP = "one_township"
    TOWNSHIP_OF_PARENT = "township_of_parent"
    UNKNOWN_VILLAGE = "unknown_village"
    VILLAGE_ELSEWHERE = "village_elsewhere"
    ORGANISATION_CLOSED = "organisation_closed"
    OTHER_LEVEL_STORED = "other_level_stored"
    OTHER_PARENT_STORED = "other_parent_stored"
    OTHER_TOWNSHIP_STORED = "other_township_stored"
    OTHER_VILLAGE_STORED = "other_village_stored"


R = FoundingReason
SENTENCES: dict[str, Promise | str] = {
    R.NO_CODE: _("A code has only digits."),
    R.CODE_WAS_NUMBER: _(
        "This is a number cell, which has lost the last digits. Format the column as text and "
        "type the code again."
    ),
    R.LONG_CODE: _("This code has more than %(n)d digits."),
    R.ID_NUMBER: _("An ID number does not belong here."),
    R.OTHER_NAME_STORED: _("What is stored with this code is called %(name)s."),
    R.ROW_ABOVE_REFUSED: _("Row %(row)s, to which this one belongs, is refused."),
    R.UNKNOWN_TOWNSHIP: _("No township has the code %(code)s."),
    R.DIVISION_DIGITS: _(
        "The code of a township has 9 digits, that of a village or community 12; here are %(n)d."
    ),
    R.OTHER_DISTRICT: _("The codes of this district begin with %(code)s."),
    R.OTHER_DIVISION: _("By its own code it belongs to %(code)s."),
    R.SCHOOL_NAME_TAKEN: _("The school %(code)s has this name."),
    R.SCHOOL_CLOSED: _("The school with this code is closed."),
    R.SERVED_ALREADY: _("%(township)s is served by %(school)s already."),
    R.OTHER_AREA_STORED: _("The school with this code serves: %(townships)s"),
    R.LEVEL_MISFIT: _("A %(level)s does not stand below a %(upper)s."),
    R.NO_PARENT: _(
        "Only the district committee (level %(top)s) stands below nothing. Give the code of the "
        "higher organisation."
    ),
    R.UNKNOWN_PARENT: _("No organisation has this code, neither stored nor in this file."),
    R.IN_A_CIRCLE: _("Followed upwards, this row leads back to itself."),
    R.PARENT_LATER: _("%(name)s is recorded there from %(day)s on only."),
    R.ROOT_STANDS_ALONE: _("The district committee stands below nothing and in no township."),
    R.ROOT_THERE: _("%(name)s is the district committee already."),
    R.NEEDS_TOWNSHIP: _("Directly below the district committee, name the township."),
    R.ONE_TOWNSHIP: _("An organisation stands in one township."),
    R.TOWNSHIP_OF_PARENT: _("The higher organisation stands in %(township)s."),
    R.UNKNOWN_VILLAGE: _("No village or community has the code %(code)s."),
    R.VILLAGE_ELSEWHERE: _("%(village)s does not lie in %(township)s."),
    R.ORGANISATION_CLOSED: _("The organisation with this code is closed, or its end is recorded."),
    R.OTHER_LEVEL_STORED: _("What is stored with this code is a %(level)s."),
    R.OTHER_PARENT_STORED: _("What is stored with this code stands below %(name)s (%(code)s)."),
    R.OTHER_TOWNSHIP_STORED: _("What is stored with this code stands in %(township)s."),
    R.OTHER_VILLAGE_STORED: _("What is stored with this code stands in %(village)s."),
}

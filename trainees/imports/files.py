"""Files for an office: its refused rows with the reasons, and an empty register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backstage.files import read_file
from config.lib.periods import in_force
from config.lib.spreadsheet_formulas import Formula
from config.lib.spreadsheet_reading import read_table
from config.lib.spreadsheet_writing import Column, Kind, Marked, write_table
from schools.enums import OrganisationKind
from schools.models import Organisation
from trainees.enums import RegisterField, RowKind
from trainees.imports.cells import offered_words_of
from trainees.imports.columns import place_of_refused, refused_headers
from trainees.imports.reasons import in_words
from trainees.models import RegisterImport
from trainees.queries.register import field_label

F = RegisterField
EMPTY_ROWS = 40_000  # more than the members of the district
_TEMPLATE = (
    (F.ORGANISATION, 32),
    (F.NAME, 12),
    (F.RESIDENT_ID, 22),
    (F.PHONE, 14),
    (F.SEX, 8),
    (F.JOINED_ON, 14),
    (F.FULL_MEMBER_ON, 14),
    (F.MEMBERSHIP_STATUS, 12),
    (F.POST, 14),
)


def write_error_file(register: RegisterImport) -> bytes:
    """The refused rows as uploaded: wrong cells marked, all reasons in a last column.

    After correction, this file can be uploaded as it is. Raises FileError or SpreadsheetError.
    """
    if register.file is None or register.header_row is None:
        raise ValueError("An import that is over, or not read yet, has no refused rows.")
    table = read_table(read_file(register.file), register.file_name)
    header = table.rows[register.header_row - 1]
    # From a file of refused rows, the old row numbers and reasons are left out.
    former = place_of_refused([text for text, _field in register.headers])
    left_out = () if former is None else (former, former + 1)
    places = [place for place in range(len(header)) if place not in left_out]
    row_header, reason_header = refused_headers()
    target = BytesIO()
    write_table(
        target,
        title=_("Refused rows of %(file)s") % {"file": register.file_name},
        sheet_name=_("Refused rows"),
        notes=[_("Correct the marked cells and upload this file as it is.")],
        columns=[
            *(Column(str(header[place] or ""), width=20) for place in places),
            Column(row_header),
            Column(reason_header, width=60),
        ],
        rows=_marked_rows(register, table.rows, places),
    )
    return target.getvalue()


def _marked_rows(
    register: RegisterImport, rows: list[list[Any]], places: list[int]
) -> Iterator[list[Any]]:
    for refused in register.rows.filter(kind=RowKind.REFUSED).order_by("row_number"):
        number = refused.row_number or 0
        reasons: dict[str, str] = {}
        for field, code, values in refused.problems:
            reason = in_words(code, values)
            reasons[field] = _follow(reasons[field], reason) if field in reasons else reason
        cells = [None if cell is Formula.WITHOUT_RESULT else cell for cell in rows[number - 1]]
        marked = [
            Marked(cells[place], reasons[field]) if field in reasons else cells[place]
            for place in places
            for field in [register.headers[place][1]]
        ]
        sentences = [
            _("%(label)s: %(value)s") % {"label": field_label(field), "value": reason}
            for field, reason in reasons.items()
        ]
        summary = reduce(_follow, sentences)
        yield [*marked, str(number), summary]


def _follow(summary: str, other: str) -> str:
    """Two sentences, one after the other."""
    return pgettext("two sentences", "%(one)s %(other)s") % {"one": summary, "other": other}


def write_template(on: date) -> bytes:
    """An empty register with drop-down lists: branches in force on `on`, and known words."""
    branches = Organisation.objects.filter(in_force(on), kind=OrganisationKind.BRANCH)
    choices = {F.ORGANISATION: list(branches.order_by("code").values_list("name", flat=True))}
    choices |= {field: offered_words_of(field) for field in (F.SEX, F.MEMBERSHIP_STATUS, F.POST)}
    target = BytesIO()
    write_table(
        target,
        title=_("Register of members"),
        notes=[
            _(
                "Needed: Party organisation, name, ID number. What is left empty stays as it is "
                "stored. All cells are text; dates as 1995-07-01. The words to choose from are "
                "Chinese."
            )
        ],
        columns=[
            Column(field_label(field), Kind.TEXT, width, choices.get(field, ()))
            for field, width in _TEMPLATE
        ],
        rows=[],
        empty_rows=EMPTY_ROWS,
    )
    return target.getvalue()

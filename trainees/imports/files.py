"""Files for an office: its refused rows with the reasons, and an empty register."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from django.utils.translation import gettext as _

from backstage.files import read_file
from backstage.imports.columns import Header
from backstage.imports.refused_rows import write_refused_rows
from backstage.imports.sheets import place_of, read_again
from config.lib.periods import in_force
from config.lib.spreadsheet_writing import Column, Kind, write_table
from schools.enums import OrganisationKind
from schools.models import Organisation
from trainees.enums import RegisterField, RowKind
from trainees.imports.cells import offered_words_of
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
    """The refused rows as uploaded, marked with their reasons (`write_refused_rows`).

    Raises FileError or SpreadsheetError.
    """
    if register.file is None or register.header_row is None:
        raise ValueError("An import that is over, or not read yet, has no refused rows.")
    layout = register.layout
    texts, fields = zip(*register.headers, strict=True)
    refused = register.rows.filter(kind=RowKind.REFUSED).order_by("row_number")
    return write_refused_rows(
        file_name=register.file_name,
        table=read_again(read_file(register.file), register.file_name, layout),
        header=Header(register.header_row - 1, texts, fields),
        refused=((n := row.row_number or 0, place_of(layout, n), row.problems) for row in refused),
        label=field_label,
    )


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

"""Fill a layout in: numbers into the cells that are understood, all else stays as it was."""

from __future__ import annotations

from copy import copy
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from config.lib.spreadsheet_layouts import LayoutError
from reports.queries.statistics import MemberHoursLines, Statistics
from reports.sheets.reading import MemberTable, Reading

# openpyxl holds all cells in memory.
MOST_MEMBERS = 20_000


def fill_layout(
    book: Workbook, reading: Reading, statistics: Statistics, members: MemberHoursLines
) -> bytes:
    """The filled workbook. Raises LayoutError for a list of more members than a sheet holds."""
    for place in reading.places:
        meaning = place.meaning
        book[place.sheet][place.cell].value = statistics.figure(meaning.measure, meaning.narrowed)
    for table in reading.tables:
        if len(members) > MOST_MEMBERS:
            text = _("These are %(n)d members, and a layout holds %(most)d: choose a school.")
            raise LayoutError(text % {"n": len(members), "most": MOST_MEMBERS})
        _fill_members(book[table.sheet], table, members)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _fill_members(sheet: Worksheet, table: MemberTable, members: MemberHoursLines) -> None:
    """A row for each member below the header, formatted as the first of them is."""
    first: Any = {column: sheet.cell(table.row + 1, column) for column in table.columns}
    styles = {column: copy(cell._style) for column, cell in first.items()}
    for row, member in enumerate(members.iterator(), start=table.row + 1):
        for column, key in table.columns.items():
            cell: Any = sheet.cell(row, column)
            cell._style = copy(styles[column])
            cell.value = getattr(member, key)
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text is never read as a formula

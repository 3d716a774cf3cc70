"""Tables for offices, as .xlsx: exports, files of errors, templates to fill in.

Text is only ever written as text: an ID number keeps its digits and zeros, `=1+1` is no formula and
`http://…` no link. Rows may come from an iterator; memory does not grow with them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import zip_longest
from tempfile import TemporaryDirectory
from typing import BinaryIO
from xml.sax.saxutils import escape

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from config.lib.spreadsheet_safety import SpreadsheetError

_LAST_ROW = 1_048_575  # counted from 0, as XlsxWriter does
_MOST_COMMENTS = 2_000  # with more of them spreadsheet programs become slow
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\0-\x1f]")
_RED = "#FFC7CE"
_CHOICES = "_choices"  # the name of the hidden sheet
_A4 = 9

type Value = str | Promise | float | Decimal | date | datetime | time | timedelta | None


class Kind(Enum):
    """How the cells of a column are written and shown; the value is the number format.

    A number is the format that every spreadsheet program has built in under it.
    """

    TEXT = 49  # @: what is typed stays text
    WHOLE = 1  # 0
    HOURS = 2  # 0.00
    DATE = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"  # in local time
    AS_READ = 0  # General: each cell by the type of its value: a number stays a number


# The formats of what an AS_READ column may hold beside numbers and text.
_FORMAT_BY_TYPE = {
    datetime: "yyyy-mm-dd hh:mm:ss",
    date: "yyyy-mm-dd",
    time: "hh:mm:ss",
    timedelta: "[h]:mm:ss",
}


@dataclass(frozen=True)
class Column:
    """One column. `choices` become a drop-down in all rows below the header."""

    header: str | Promise
    kind: Kind = Kind.TEXT
    width: int = 14  # in characters of the standard font; a Chinese one takes two
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Marked:
    """A value in a cell that is filled red, with a comment (in the first 2,000 such cells)."""

    value: Value
    comment: str = ""


def write_table(
    target: str | BinaryIO,
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value | Marked]],
    note: str = "",
) -> int:
    """Write `rows` under the headers of `columns` to `target`; return how many there were.

    `title` names the sheet and heads each printed page. Each line of `note` is a row of its own
    above the headers. Cells below the last row have the format of their column, so that a table of
    no rows, or of a few samples, is a template. Raises SpreadsheetError if there are more rows than
    a sheet can hold.
    """
    with TemporaryDirectory(prefix="xuetang-") as folder:  # XlsxWriter would leave its own behind
        options = {"constant_memory": True, "tmpdir": folder, "nan_inf_to_errors": True}
        with Workbook(target, options) as book:
            name = _NOT_IN_SHEET_NAMES.sub(" ", title)[:31].strip(" '") or "1"
            sheet = _Sheet(book, name, columns)
            header_row = sheet.write_head(note)
            count = sheet.write_rows(rows)
            sheet.finish(title, header_row)
            _offer_choices(book, sheet.worksheet, columns, header_row + 1)
    return count


class _Sheet:
    """The sheet being written, from top to bottom."""

    def __init__(self, book: Workbook, name: str, columns: Sequence[Column]) -> None:
        self.worksheet: Worksheet = book.add_worksheet(name)
        self.columns = columns
        self.row = 0
        self._book = book
        self._comments = 0
        self._formats: dict[tuple[int | str, bool], Format] = {}
        for number, column in enumerate(columns):
            column_format = self._format(column.kind.value)
            self.worksheet.set_column(number, number, column.width, column_format)

    def write_head(self, note: str) -> int:
        """Write the lines of `note` and the headers; return the row of the headers."""
        plain = self._format(Kind.TEXT.value)
        for line in note.splitlines():
            self._write_text(0, line, plain)
            self.row += 1
        bold = self._book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "top",
                "bottom": 1,
                "num_format": Kind.TEXT.value,
            }
        )
        for number, column in enumerate(self.columns):
            self._write_text(number, str(column.header), bold)
        self.row += 1
        return self.row - 1

    def write_rows(self, rows: Iterable[Sequence[Value | Marked]]) -> int:
        """Write `rows`, each as long as there are columns; return their number."""
        first = self.row
        for row in rows:
            if self.row > _LAST_ROW:
                raise SpreadsheetError(_("The list is too long for a sheet. Narrow it down."), 413)
            for number, (column, cell) in enumerate(zip(self.columns, row, strict=True)):
                if isinstance(cell, Marked):
                    self._write(number, column.kind, cell.value, marked=True)
                    self._comment(number, cell.comment)
                elif cell is not None:
                    self._write(number, column.kind, cell)
            self.row += 1
        return self.row - first

    def finish(self, title: str, header_row: int) -> None:
        """What needs to know the last row, and how the sheet is shown and printed."""
        sheet, last_column = self.worksheet, len(self.columns) - 1
        sheet.freeze_panes(header_row + 1, 0)
        sheet.autofilter(header_row, 0, max(self.row - 1, header_row), last_column)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        sheet.repeat_rows(header_row)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_header("&C" + title[:100].replace("&", "&&"))
        sheet.set_footer("&C&P / &N")

    def _write(self, number: int, kind: Kind, value: Value, *, marked: bool = False) -> None:
        if isinstance(value, datetime) and timezone.is_aware(value):
            value = timezone.make_naive(value)
        if kind is Kind.TEXT and value is not None:
            value = str(value)
        number_format: int | str = kind.value
        if kind is Kind.AS_READ:
            number_format = _FORMAT_BY_TYPE.get(type(value), number_format)
        cell_format = self._format(number_format, marked=marked)
        match value:
            case None:
                self.worksheet.write_blank(self.row, number, None, cell_format)
            case bool():
                self.worksheet.write_boolean(self.row, number, value, cell_format)
            case int() | float() | Decimal():
                self.worksheet.write_number(self.row, number, float(value), cell_format)
            case date() | time() | timedelta():
                self.worksheet.write_datetime(self.row, number, value, cell_format)
            case _:
                self._write_text(number, str(value), cell_format)

    def _write_text(self, number: int, text: str, cell_format: Format) -> None:
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter takes such a text for markup of its own and would not escape it.
            text = f'<r><t xml:space="preserve">{escape(text)}</t></r>'
        self.worksheet.write_string(self.row, number, text, cell_format)

    def _comment(self, number: int, comment: str) -> None:
        if comment and self._comments < _MOST_COMMENTS:
            self._comments += 1
            self.worksheet.write_comment(self.row, number, comment, {"x_scale": 2})

    def _format(self, number_format: int | str, *, marked: bool = False) -> Format:
        key = number_format, marked
        if key not in self._formats:
            properties: dict[str, object] = {"num_format": number_format}
            if marked:
                properties["bg_color"] = _RED
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]


def _offer_choices(
    book: Workbook, sheet: Worksheet, columns: Sequence[Column], first_row: int
) -> None:
    """Give the cells from `first_row` on the drop-downs of their columns.

    The choices stand on a hidden sheet, one column each: in the cell itself they could be neither
    longer than 255 characters together nor contain a comma.
    """
    choices = {number: column.choices for number, column in enumerate(columns) if column.choices}
    if not choices:
        return
    hidden = book.add_worksheet(_CHOICES)
    hidden.hide()
    for row, texts in enumerate(zip_longest(*choices.values())):
        for place, text in enumerate(texts):
            if text is not None:
                hidden.write_string(row, place, text)
    for place, (number, column_choices) in enumerate(choices.items()):
        cells = xl_range_abs(0, place, len(column_choices) - 1, place)
        rule = {
            "validate": "list",
            "source": f"={_CHOICES}!{cells}",
            "error_title": _("Not in the list"),
            "error_message": _("Please choose from the list."),
        }
        sheet.data_validation(first_row, number, _LAST_ROW, number, rule)

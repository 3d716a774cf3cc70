"""Write tables for offices: .xlsx workbooks in which text stays text.

Three uses: a list as a file; the refused rows of an import, with the reasons as cell comments; and
an empty table to fill in, with drop-down lists. Rows are written as they arrive, so memory does not
grow with their number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from config.lib.periods import SHANGHAI
from config.lib.written_days import Month

# The rows of a sheet, minus room for title, notes and header.
MOST_ROWS = 1_048_576 - 20
# Comments stay in memory until the end; cells beyond this number are marked without one.
MOST_COMMENTS = 2_000
_MOST_IN_CELL = 32_767
_A4 = 9
_MOST_IN_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\0-\x1f]")


class Kind(Enum):
    """The kind of data in a column."""

    TEXT = "text"
    NUMBER = "number"
    HOURS = "hours"
    DATE = "date"
    MONTH = "month"
    MOMENT = "moment"


_FORMATS = {
    Kind.TEXT: "@",
    Kind.NUMBER: "#,##0",
    Kind.HOURS: "#,##0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MONTH: "yyyy-mm",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True)
class Column:
    """A column: its header, kind, width in characters, and the choices offered in it."""

    header: str
    kind: Kind = Kind.TEXT
    width: int = 14
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Marked:
    """An invalid cell: it is filled red and has the reason as a comment."""

    value: Any
    reason: str


def write_table(
    target: BinaryIO,
    *,
    title: str,
    sheet_name: str = "",
    notes: Sequence[str] = (),
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    empty_rows: int = 0,
) -> None:
    """Write one table: title and notes above the header, then `rows` with cells as in `columns`.

    The sheet is named `sheet_name`, or by default after the title. A cell is text, a number, a
    Decimal, a date, an aware datetime, None, or one of these in a `Marked`. Text is never read as a
    formula, number or link; a date in a text column stays a date. `empty_rows` extra rows offer the
    choices of their columns. It prints on A4 with the header on every page.
    """
    options = {"constant_memory": True, "default_date_format": _FORMATS[Kind.DATE]}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(_name_of_sheet(sheet_name or title))
        has_choices = any(column.choices for column in columns)
        lists = book.add_worksheet(_("Choices")) if has_choices else None
        styles = _Styles(book)
        head, last = _fill(sheet, styles, Table(title, notes, columns, rows))
        if lists is not None:
            _offer_choices(sheet, lists, columns, head + 1, last + empty_rows)
        _set_page(sheet, head, last, len(columns))


@dataclass(frozen=True)
class Table:
    """A sheet's content: title and notes, the columns, and the rows under them."""

    title: str
    notes: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def write_tables(target: BinaryIO, tables: Mapping[str, Table]) -> None:
    """Write one sheet for each table, by its name, as `write_table` does; they offer no choices."""
    options = {"constant_memory": True, "default_date_format": _FORMATS[Kind.DATE]}
    with xlsxwriter.Workbook(target, options) as book:
        styles = _Styles(book)
        for name, table in tables.items():
            sheet = book.add_worksheet(_name_of_sheet(name))
            head, last = _fill(sheet, styles, table)
            _set_page(sheet, head, last, len(table.columns))


def _fill(sheet: Worksheet, styles: _Styles, table: Table) -> tuple[int, int]:
    """Write a table into its sheet; returns the rows of its header and of its last row."""
    columns = table.columns
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, styles.cell(column.kind))
    for number, line in enumerate((table.title, *table.notes)):
        sheet.write_string(number, 0, line, styles.title if number == 0 else styles.note)
    head = 1 + len(table.notes)
    for place, column in enumerate(columns):
        sheet.write_string(head, place, column.header, styles.header)
    last, comments = head, 0
    for last, row in enumerate(table.rows, start=head + 1):
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            if isinstance(value, Marked):
                comments += 1
                if comments <= MOST_COMMENTS:
                    sheet.write_comment(last, place, value.reason, {"x_scale": 2})
                style = styles.marked(_kind_of(value.value, column))
                _write(sheet, (last, place), value.value, style)
            else:
                _write(sheet, (last, place), value, styles.cell(_kind_of(value, column)))
    return head, last


def _name_of_sheet(text: str) -> str:
    """A name that spreadsheet programs accept: 31 UTF-16 units, without forbidden characters."""
    units = _FORBIDDEN.sub(" ", text).encode("utf-16-le")[: 2 * _MOST_IN_NAME]
    return units.decode("utf-16-le", errors="ignore").strip(" '")


class _Styles:
    """The formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._cells = {kind: book.add_format({"num_format": f}) for kind, f in _FORMATS.items()}
        self._marked = {
            kind: book.add_format({"num_format": f, "bg_color": "#F4C7C3"})
            for kind, f in _FORMATS.items()
        }
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"font_color": "#565C63"})
        self.header = book.add_format(
            {"bold": True, "bg_color": "#ECECEA", "bottom": 1, "text_wrap": True, "valign": "top"}
        )

    def cell(self, kind: Kind) -> Any:
        return self._cells[kind]

    def marked(self, kind: Kind) -> Any:
        return self._marked[kind]


def _kind_of(value: Any, column: Column) -> Kind:
    """The kind that formats a cell: a date in text format would show as a bare number."""
    if column.kind is not Kind.TEXT or not isinstance(value, date):
        return column.kind
    if isinstance(value, Month):
        return Kind.MONTH
    return Kind.MOMENT if isinstance(value, datetime) else Kind.DATE


def _write(sheet: Worksheet, place: tuple[int, int], value: Any, style: Any) -> None:
    """Write one cell by the type of its value: a number in a text column stays a number."""
    match value:
        case None | "":
            sheet.write_blank(*place, None, style)
        case str():
            sheet.write_string(*place, value[:_MOST_IN_CELL], style)
        case bool():
            sheet.write_boolean(*place, value, style)
        case int() | float() | Decimal():
            sheet.write_number(*place, value, style)
        case datetime():
            local = value.astimezone(SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
            sheet.write_datetime(*place, local, style)
        case date():
            sheet.write_datetime(*place, value, style)
        case _:
            sheet.write_string(*place, str(value)[:_MOST_IN_CELL], style)


def _offer_choices(
    sheet: Worksheet, lists: Worksheet, columns: Sequence[Column], first: int, last: int
) -> None:
    """Add drop-down lists. Their words are on a hidden sheet, since a cell allows 255 characters.

    The sheet is written row by row, as constant-memory mode requires.
    """
    lists.hide()
    for row in range(max(len(column.choices) for column in columns)):
        for place, column in enumerate(columns):
            if row < len(column.choices):
                lists.write_string(row, place, column.choices[row])
    for place, column in enumerate(columns):
        if column.choices and last >= first:
            letter = xl_col_to_name(place, col_abs=True)
            source = f"='{lists.get_name()}'!{letter}$1:{letter}${len(column.choices)}"
            sheet.data_validation(
                first,
                place,
                last,
                place,
                {
                    "validate": "list",
                    "source": source,
                    "error_title": column.header[:32],
                    "error_message": _("Choose from the list."),
                },
            )


def _set_page(sheet: Worksheet, head: int, last: int, width: int) -> None:
    """Set the layout on screen and on paper."""
    sheet.freeze_panes(head + 1, 0)
    if last > head:
        sheet.autofilter(head, 0, last, width - 1)
    sheet.repeat_rows(head)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")

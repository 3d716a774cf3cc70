"""Read tables that offices upload, .xlsx workbooks and delimited text, without changing them.

Values keep the type that they have in the file. Nothing is repaired or guessed here: a number in
place of a text has already lost digits, and the import must be able to detect that.
"""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from typing import TextIO

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from config.lib.spreadsheet_formats import find_months
from config.lib.spreadsheet_formulas import Formula, find_formulas
from config.lib.spreadsheet_refusals import FileFault, SpreadsheetError
from config.lib.spreadsheet_safety import (
    MEGABYTE,
    CheckedWorkbook,
    Limits,
    check_workbook,
    damaged,
    encrypted,
    foreign_format,
    not_a_spreadsheet,
)
from config.lib.written_days import Month

__all__ = [
    "Cell",
    "Limits",
    "SheetFault",
    "SpreadsheetError",
    "Table",
    "empty",
    "read_sheets",
    "read_table",
]

type Cell = str | float | bool | date | datetime | time | timedelta | Formula | None
type Row = list[Cell]

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_TEXT_NAMES = (".csv", ".tsv", ".txt")
_DELIMITERS = ",\t;"
ROWS_OF_HIDDEN = 20
_SAMPLE_ROWS, _SAMPLE_LENGTH = 50, 1 << 16
_NEVER_IN_TEXT = re.compile(r"[\0-\x08\x0e-\x1f]")


class SheetFault(StrEnum):
    """Why a sheet of a workbook is not read as the others are."""

    HIDDEN = "hidden"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Table:
    """A sheet. `rows[0]` is row 1 in the spreadsheet program.

    All rows have the same length. Empty rows and columns at the end are dropped; those before the
    first filled cell remain. Empty cells and cells with an error such as #N/A are None. A formula
    without a stored result is `Formula.WITHOUT_RESULT`; the first of a month in a cell that shows
    no day is a `Month`. Cells merged within a column all hold its value. Every number of a workbook
    is a float. Delimited text has no types: all its cells are texts. Of a hidden sheet there are
    only the first `ROWS_OF_HIDDEN` rows, of one that is too large none; `fault` says so.
    """

    rows: list[Row]
    sheet: str  # empty for delimited text
    fault: SheetFault | None = None

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.rows[0])


def read_table(data: bytes, file_name: str, *, limits: Limits | None = None) -> Table:
    """The first visible sheet that has content (`read_sheets`). Raises SpreadsheetError."""
    limits = limits or Limits()
    for table in read_sheets(data, file_name, limits=limits):
        if table.fault is SheetFault.TOO_LARGE:
            raise limits.too_many()
        if table.fault is None:
            return table
    raise empty()


def read_sheets(data: bytes, file_name: str, *, limits: Limits | None = None) -> Iterator[Table]:
    """The sheets of an uploaded file that have content, one by one. Raises SpreadsheetError.

    The content decides the file type. The name only tells whether plain text is meant as a table.
    """
    limits = limits or Limits()
    if len(data) > limits.size:
        raise SpreadsheetError(FileFault.TOO_LARGE, 413, limit=limits.size // MEGABYTE)
    if data.startswith(_ZIP):
        yield from _read_workbook(data, limits)
        return
    if data.startswith(_OLE):
        raise _ole_refusal(data)
    if not file_name.lower().endswith(_TEXT_NAMES):
        raise not_a_spreadsheet()
    yield _read_text(data, limits)


def _ole_refusal(data: bytes) -> SpreadsheetError:
    """The reason for refusing a file in the old Office container format."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return encrypted()
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book\0")):
        return foreign_format()
    return not_a_spreadsheet()


def _read_workbook(data: bytes, limits: Limits) -> Iterator[Table]:
    checked = check_workbook(data, limits)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(checked.data)) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.typ == SheetTypeEnum.WorkSheet:
                    is_hidden = sheet.visible != SheetVisibleEnum.Visible
                    table = _read_sheet(workbook, sheet.name, checked, limits, is_hidden=is_hidden)
                    if table.rows or table.fault is SheetFault.TOO_LARGE:
                        yield table
    except CalamineError:
        raise damaged() from None


def _read_sheet(
    workbook: CalamineWorkbook,
    name: str,
    checked: CheckedWorkbook,
    limits: Limits,
    *,
    is_hidden: bool,
) -> Table:
    """One sheet. Raises CalamineError, and SpreadsheetError for merged cells without end."""
    try:
        sheet = workbook.get_sheet_by_name(name)
    except CalamineError:
        if not checked.has_oversized_sheets:
            raise
        return Table([], name, SheetFault.TOO_LARGE)
    if is_hidden:
        cells = sheet.to_python(skip_empty_area=False, nrows=ROWS_OF_HIDDEN)
        return Table(_trim([_blank_as_none(row) for row in cells]), name, SheetFault.HIDDEN)
    rows = [_blank_as_none(row) for row in sheet.to_python(skip_empty_area=False)]
    if checked.has_formulas:
        _mark_formulas(rows, find_formulas(checked.data, name))
    _mark_months(rows, find_months(checked.data, name))
    _carry_down(rows, sheet.merged_cell_ranges or [], limits)
    return Table(_trim(rows), name)


def _mark_formulas(rows: list[Row], places: list[tuple[int, int]]) -> None:
    """Distinguish formulas without a result from empty cells, also beyond the last value."""
    if not places:
        return
    height = max(row for row, _column in places) + 1
    width = max(len(rows[0]) if rows else 0, max(column for _row, column in places) + 1)
    rows.extend([] for _missing in range(height - len(rows)))
    for cells in rows:
        cells.extend([None] * (width - len(cells)))
    for row, column in places:
        if rows[row][column] is None:
            rows[row][column] = Formula.WITHOUT_RESULT


def _mark_months(rows: list[Row], places: list[tuple[int, int]]) -> None:
    """Distinguish months from days; a cell that holds another day than the first is exact."""
    for row, column in places:
        if row < len(rows) and column < len(rows[row]):
            cell = rows[row][column]
            if isinstance(cell, date) and cell.day == 1:
                rows[row][column] = Month(cell.year, cell.month, 1)


def _carry_down(
    rows: list[Row], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]], limits: Limits
) -> None:
    """Write the value of cells that are merged within a column into each row that they span.

    Rows that hold nothing else stay empty. Raises SpreadsheetError if they overlap endlessly.
    """
    columns = [(first, last, left) for (first, left), (last, right) in merged if left == right]
    if not columns:
        return
    empty_rows = {n for n, row in enumerate(rows) if all(cell is None for cell in row)}
    filled = 0
    for first, last, column in columns:
        end = min(last + 1, len(rows))
        if first >= end or column >= len(rows[first]):
            continue
        filled += end - first
        if filled > limits.cells:
            raise limits.too_many()
        value = rows[first][column]
        for number in range(first + 1, end):
            if number not in empty_rows:
                rows[number][column] = value


def _blank_as_none(row: Sequence[Cell]) -> Row:
    return [None if cell == "" else cell for cell in row]


def empty() -> SpreadsheetError:
    """The error for a file in which no cell is filled."""
    return SpreadsheetError(FileFault.EMPTY)


def _trim(rows: list[Row]) -> list[Row]:
    """`rows`, all of the same length, without empty rows at the bottom and columns at the right."""
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    width = len(rows[0]) if rows else 0
    end = width
    while end and all(row[end - 1] is None for row in rows):
        end -= 1
    return rows if end == width else [row[:end] for row in rows]


def _read_text(data: bytes, limits: Limits) -> Table:
    text, encoding = _decode(data)
    if _NEVER_IN_TEXT.search(text) or text.lstrip().startswith(("<", "%PDF", "{\\rtf")):
        raise not_a_spreadsheet()
    delimiter = _find_delimiter(text)
    if text.count(delimiter) > limits.cells:
        raise limits.too_many()
    rows: list[Row] = []
    width = 0
    for record in _parse(TextIOWrapper(BytesIO(data), encoding, newline=""), delimiter):
        rows.append([cell or None for cell in record])
        width = max(width, len(record))
        if len(rows) > limits.rows or len(rows) * width > limits.cells:
            raise limits.too_many()
    for row in rows:
        row.extend([None] * (width - len(row)))
    rows = _trim(rows)
    if not rows:
        raise empty()
    if len(rows[0]) > limits.columns:
        raise limits.too_many()
    return Table(rows=rows, sheet="")


def _decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding: UTF-8, UTF-16 with a byte order mark, or GB18030; no data is lost.

    Raises SpreadsheetError.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif data.startswith(BOM_UTF8):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise SpreadsheetError(FileFault.UNKNOWN_CHARACTERS)


def _find_delimiter(text: str) -> str:
    """The delimiter that gives most of the first rows the same number of columns."""

    def agreement(delimiter: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        with suppress(SpreadsheetError):  # expected where the sample is cut off
            for record in islice(_parse(StringIO(sample, newline=""), delimiter), _SAMPLE_ROWS):
                widths[len(record)] += 1
        del widths[0], widths[1]
        return max(((rows, width) for width, rows in widths.items()), default=(0, 0))

    sample = text[:_SAMPLE_LENGTH]
    return max(_DELIMITERS, key=agreement)


def _parse(lines: TextIO, delimiter: str) -> Iterator[list[str]]:
    """The records of a delimited text. Raises SpreadsheetError for a misplaced quotation mark."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    row = 0
    while True:
        row += 1
        try:
            record = next(reader, None)
        except csv.Error:
            raise SpreadsheetError(FileFault.STRAY_QUOTE, row=row) from None
        if record is None:
            return
        yield record

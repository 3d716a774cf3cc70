"""Reading a founding table: its header, and each row as a line with texts and codes."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from backstage.imports.cells import Words, is_empty, read_text, whole_number, without_spaces
from backstage.imports.columns import Header, find_header, place_of_refused, plain
from backstage.imports.notes import is_note, is_remark, without_last_notes
from backstage.imports.reasons import CellError, CellReason, Problem, RowPlace
from backstage.imports.repeated import list_repeated, refuse_repeated
from backstage.imports.sheets import Joined, join_sheets, sheets_in_words
from config.lib.resident_ids import holds_resident_id
from config.lib.spreadsheet_formulas import Formula
from config.lib.spreadsheet_reading import Table
from schools.enums import LineKind, TableField, TableKind
from schools.errors import SchoolsError
from schools.imports.reasons import FoundingReason

F = TableField
_DATA = Path(__file__).resolve().parents[1] / "data"
_CODES = re.compile(r"[、,;\s]+")
# What a last row's only cell holds if it is no code, right or wrong; and no name.
_LIKE_CODE = re.compile(r"(?=.*\d)[\w\s.'、,;-]+", re.ASCII)
# A number cell keeps fifteen digits.
_MOST_OF_A_NUMBER = 10**15

# The columns that a table of each kind must have, and those that it may have.
NEEDED: Mapping[TableKind, tuple[TableField, ...]] = {
    TableKind.DIVISIONS: (F.CODE, F.NAME),
    TableKind.SCHOOLS: (F.CODE, F.NAME, F.TOWNSHIPS),
    TableKind.TREE: (F.CODE, F.NAME, F.LEVEL, F.PARENT),
}
OPTIONAL: Mapping[TableKind, tuple[TableField, ...]] = {
    TableKind.DIVISIONS: (F.PARENT,),
    TableKind.SCHOOLS: (),
    TableKind.TREE: (F.TOWNSHIPS, F.VILLAGE),
}
LONGEST_NAME = {TableKind.DIVISIONS: 60, TableKind.SCHOOLS: 40, TableKind.TREE: 100}
LONGEST_CODE = {TableKind.DIVISIONS: 12, TableKind.SCHOOLS: 9, TableKind.TREE: 20}


@dataclass(slots=True)
class Line:
    """What one row says; an empty text means that it says nothing."""

    row_number: int
    place: RowPlace
    code: str = ""
    name: str = ""
    level: str = ""
    parent: str = ""
    townships: tuple[str, ...] = ()
    village: str = ""
    kind: LineKind = LineKind.NEW
    problems: tuple[Problem, ...] = ()

    def refuse(self, field: TableField, reason: str, **values: Any) -> None:
        """Refuse the row because of the cell of a field."""
        self.kind = LineKind.REFUSED
        self.problems += ((field.value, str(reason), values),)

    @property
    def is_refused(self) -> bool:
        """Whether the row was refused so far."""
        return self.kind is LineKind.REFUSED


@dataclass(frozen=True)
class FoundingTable:
    """An uploaded table of one kind with its header; `lines` reads its rows."""

    kind: TableKind
    file_name: str
    joined: Joined[TableField]
    header: Header[TableField]

    @property
    def table(self) -> Table:
        """The rows of all sheets that are read."""
        return self.joined.table

    @property
    def sheets(self) -> str:
        """Which sheets are read and which are left out; empty if the file has one."""
        return sheets_in_words(self.joined.layout, self.joined.left_out)

    @property
    def unknown(self) -> list[str]:
        """The headers of columns that are not read, but those of a file of refused rows."""
        place = place_of_refused(self.header.texts)
        added = self.header.texts[place : place + 2] if place is not None else ()
        return [text for text in self.header.unknown if text not in added]

    def lines(self) -> list[Line]:
        """The rows, each refused if a cell cannot be read.

        Empty rows, repeated headers, notes and sums are left out.
        """
        places = self.header.columns.values()
        below = self.header.place + 1  # counted from 0; people count rows from 1
        rows = [
            (number, row)
            for number, row in enumerate(self.table.rows[below:], start=below + 1)
            if not all(map(is_empty, row))
            and not self.header.is_repeated_by(row)
            and not is_note(row, places)
        ]
        rows = without_last_notes(rows, self.joined.place_of, self._is_remark)
        lines = [self._read(number, row) for number, row in rows]
        for _code, same in list_repeated(lines, attrgetter("code")):
            refuse_repeated(same, F.CODE)
        return lines

    def _is_remark(self, row: Sequence[Any]) -> bool:
        """Whether a last row is a remark of the office and no row with gaps: words in one cell."""
        filled = [(f, row[p]) for f, p in self.header.columns.items() if not is_empty(row[p])]
        if len(filled) != 1:
            return not filled
        field, cell = filled[0]
        if cell is Formula.WITHOUT_RESULT or isinstance(cell, date):
            return isinstance(cell, date)
        if field is F.NAME:
            return is_remark(str(cell))
        return field is not F.LEVEL and not _LIKE_CODE.fullmatch(without_spaces(str(cell)))

    def _read(self, number: int, row: Sequence[Any]) -> Line:
        line = Line(number, self.joined.place_of(number))
        for field, place in self.header.columns.items():
            if is_empty(row[place]):
                continue
            if row[place] is Formula.WITHOUT_RESULT:
                line.refuse(field, CellReason.FORMULA)
                continue
            try:
                setattr(line, field.value, self._value(field, row[place]))
            except CellError as error:
                line.refuse(field, error.reason, **error.values)
        said = {field for field, _reason, _values in line.problems}
        for field in (F.CODE, F.NAME, *((F.LEVEL,) if self.kind is TableKind.TREE else ())):
            if not getattr(line, field.value) and field.value not in said:
                line.refuse(field, CellReason.EMPTY)
        return line

    def _value(self, field: TableField, cell: Any) -> Any:
        readers: dict[TableField, Callable[[Any], Any]] = {
            F.NAME: lambda cell: read_text(cell, LONGEST_NAME[self.kind]),
            F.LEVEL: lambda cell: level_words().read(cell, F.LEVEL.value),
            F.TOWNSHIPS: read_codes,
            F.CODE: lambda cell: read_code(cell, LONGEST_CODE[self.kind]),
        }
        value = readers.get(field, read_code)(cell)
        if isinstance(value, str) and holds_resident_id(value):
            raise CellError(FoundingReason.ID_NUMBER)
        if self.kind is TableKind.DIVISIONS and field in {F.CODE, F.PARENT}:
            return shorten_division(value)
        return value


def open_table(kind: TableKind, data: bytes, file_name: str) -> FoundingTable:
    """The table in an uploaded file. Raises SpreadsheetError; SchoolsError without columns or rows.

    The name of the file goes into the trail, so it must not hold an ID number.
    """
    if holds_resident_id(file_name):
        message = _("The file's name holds an ID number. Give it another name.")
        raise SchoolsError(message, field="file")
    joined = join_sheets(
        data,
        file_name,
        lambda rows: find_header(rows, header_words()[kind]),
        lambda header: not _missing(kind, header),
    )
    header = joined.header
    missing = _missing(kind, header)
    if header is None or missing:
        message = _("The table needs columns with the headings %(needed)s; missing: %(missing)s")
        raise SchoolsError(
            message
            % {
                "needed": _(", ").join(heading(kind, field) for field in NEEDED[kind]),
                "missing": _(", ").join(heading(kind, field) for field in missing),
            },
            field="file",
        )
    if header.doubled:
        names = _(", ").join(header.texts[place] for place in header.doubled)
        message = _("Several columns mean the same: %(names)s. Leave one in the file.")
        raise SchoolsError(message % {"names": names}, field="file")
    table = FoundingTable(kind, file_name, joined, header)
    if not table.lines():
        raise SchoolsError(_("The table has headings and no rows below them."), field="file")
    return table


def _missing(kind: TableKind, header: Header[TableField] | None) -> list[TableField]:
    return [field for field in NEEDED[kind] if header is None or field not in header.claimed]


def heading(kind: TableKind, field: TableField) -> str:
    """The heading of a column, as in the templates: the first one that is known."""
    known = _list_headers()
    return next(text for table, meant, text in known if (table, meant) == (kind, field))


def read_code(cell: Any, most: int = LONGEST_CODE[TableKind.TREE]) -> str:
    """A code of digits, from text or a whole number. Raises CellError."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if abs(cell) >= _MOST_OF_A_NUMBER:
            raise CellError(FoundingReason.CODE_WAS_NUMBER)
        cell = whole_number(cell)
    text = without_spaces(cell).lstrip("'")
    if not (text.isascii() and text.isdecimal()):
        raise CellError(FoundingReason.NO_CODE)
    if len(text) > most:
        raise CellError(FoundingReason.LONG_CODE, n=most)
    return text


def shorten_division(code: str) -> str:
    """A division's code without the zeros that statistics fill up to 12 digits: 120111101000."""
    if len(code) == LONGEST_CODE[TableKind.DIVISIONS]:
        code = code.removesuffix("000")
        return code.removesuffix("000") if len(code) == 9 else code
    return code


def read_codes(cell: Any) -> tuple[str, ...]:
    """Codes in one cell, separated by 、 , ; or spaces; each once. Raises CellError."""
    if not isinstance(cell, str):
        return (read_code(cell),)
    parts = _CODES.split(unicodedata.normalize("NFKC", cell))
    return tuple(dict.fromkeys(read_code(part) for part in parts if part))


@cache
def level_words() -> Words:
    """Levels of organisations by the words that offices use."""
    return Words(_DATA / "level_words.csv")


@cache
def header_words() -> dict[TableKind, dict[str, TableField]]:
    """Headers that are known in each kind of table."""
    words: dict[TableKind, dict[str, TableField]] = defaultdict(dict)
    for kind, field, text in _list_headers():
        words[kind][plain(text)] = field
    return words


@cache
def _list_headers() -> list[tuple[TableKind, TableField, str]]:
    with (_DATA / "table_header_words.csv").open(encoding="utf-8", newline="") as lines:
        return [
            (TableKind(row["table"]), TableField(row["field"]), row["header"])
            for row in csv.DictReader(lines)
        ]

"""The sheets of an uploaded workbook that belong together, as one table.

An office often keeps a sheet for each branch. All sheets with the header that an import needs are
joined, column by column; the others are named, so that nothing is left out unsaid. Rows are
numbered through, and `place_of` leads back to sheet and row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.imports.columns import IGNORED, Header, weight_of
from backstage.imports.reasons import RowPlace
from config.lib.sentences import join_sentences
from config.lib.spreadsheet_reading import (
    Cell,
    Limits,
    SheetFault,
    Table,
    empty,
    read_sheets,
    read_table,
)

# Of each sheet: its name, the rows before it, its header row, and the place of each column.
type Layout = list[tuple[str, int, int, list[int]]]


class LeftOut(StrEnum):
    """Why a sheet is left out. The codes are stored with imports."""

    NO_HEADER = "no_header"
    HIDDEN = SheetFault.HIDDEN.value
    TOO_LARGE = SheetFault.TOO_LARGE.value


_WHY: Mapping[str, Promise] = {
    LeftOut.NO_HEADER: gettext_lazy("without the columns that are needed"),
    LeftOut.HIDDEN: gettext_lazy("hidden"),
    LeftOut.TOO_LARGE: gettext_lazy("too large"),
}


@dataclass(frozen=True)
class Joined[Field: str]:
    """The sheets that are read, as one table, and those that are left out with their reasons.

    `header` is that of the first sheet, followed by columns that only later ones have; None if the
    file has no header. A later sheet has no header and no rows above it any more.
    """

    table: Table
    header: Header[Field] | None
    layout: Layout
    left_out: list[tuple[str, str]]

    @property
    def facts(self) -> dict[str, Any]:
        """What an import stores of this."""
        return {"read": self.layout, "left_out": self.left_out}

    def place_of(self, number: int) -> RowPlace:
        """Where a row stands in the file."""
        return place_of(self.layout, number)


def join_sheets[Field: str](
    data: bytes,
    file_name: str,
    find: Callable[[Sequence[Sequence[Any]]], Header[Field] | None],
    is_complete: Callable[[Header[Field]], bool],
) -> Joined[Field]:
    """Join all sheets of a file whose header `is_complete`; if none is, the likeliest one alone.

    Raises SpreadsheetError.
    """
    kept: list[tuple[Table, Header[Field]]] = []
    left_out: list[tuple[str, str]] = []
    likeliest: tuple[Table, Header[Field] | None] | None = None
    for table in read_sheets(data, file_name):
        header = find(table.rows)
        if table.fault is not None:
            if table.fault is SheetFault.TOO_LARGE or (header and is_complete(header)):
                left_out.append((table.sheet, table.fault.value))
        elif header and is_complete(header):
            kept.append((table, header))
            _require_room([table for table, _header in kept])
        else:
            left_out.append((table.sheet, LeftOut.NO_HEADER))
            if likeliest is None or weight_of(header) > weight_of(likeliest[1]):
                likeliest = table, header
    if kept:
        return _join(kept, left_out)
    if likeliest is None:
        raise Limits().too_many() if left_out else empty()
    table, header = likeliest
    left_out.remove((table.sheet, LeftOut.NO_HEADER))
    columns = list(range(table.width))
    layout: Layout = [(table.sheet, 0, header.place + 1, columns)] if header else []
    return Joined(table, header, layout, left_out)


def _require_room(tables: Sequence[Table]) -> None:
    """Raise SpreadsheetError where the sheets together are more than one may be."""
    limits, rows = Limits(), sum(len(table.rows) for table in tables)
    if rows > limits.rows or rows * max(table.width for table in tables) > limits.cells:
        raise limits.too_many()


def _join[Field: str](
    kept: Sequence[tuple[Table, Header[Field]]], left_out: list[tuple[str, str]]
) -> Joined[Field]:
    first = kept[0][1]
    texts, fields = list(first.texts), list(first.fields)
    layout: Layout = []
    before = 0
    for table, header in kept:
        columns: list[int] = []
        for text, field in zip(header.texts, header.fields, strict=True):
            place = _find_column(text, field, texts, fields, taken=columns)
            if place == len(texts):
                texts.append(text)
                fields.append(field)
            columns.append(place)
        layout.append((table.sheet, before, header.place + 1, columns))
        before += len(table.rows)
    joined = lay_out({table.sheet: table for table, _header in kept}, layout)
    return Joined(joined, Header(first.place, tuple(texts), tuple(fields)), layout, left_out)


def _find_column(
    text: str, field: str | None, texts: Sequence[str], fields: Sequence[Any], taken: list[int]
) -> int:
    """The free column with this header, else with this field; a new one if there is none."""
    free = [place for place in range(len(texts)) if place not in taken]
    same = (place for place in free if texts[place] == text)
    alike = (place for place in free if field and field != IGNORED and fields[place] == field)
    return next(chain(same, alike), len(texts))


def lay_out(tables: Mapping[str, Table], layout: Layout) -> Table:
    """The rows of the sheets of `layout`, below one another. Raises KeyError if one is missing."""
    width = max(max(columns) for *_sheet, columns in layout) + 1
    first = tables[layout[0][0]]
    if len(layout) == 1:
        return first
    rows: list[list[Cell]] = [[*row, *[None] * (width - len(row))] for row in first.rows]
    for name, _before, header_row, columns in layout[1:]:
        for number, cells in enumerate(tables[name].rows, start=1):
            row: list[Cell] = [None] * width
            if number > header_row:
                for place, cell in zip(columns, cells, strict=True):
                    row[place] = cell
            rows.append(row)
    return Table(rows=rows, sheet="")


def read_again(data: bytes, file_name: str, layout: Layout) -> Table:
    """The joined table of a file that was read before. Raises SpreadsheetError.

    Without a layout it was read before sheets were joined: the first one alone.
    """
    if not layout:
        return read_table(data, file_name)
    names = {name for name, *_sheet in layout}
    tables = {table.sheet: table for table in read_sheets(data, file_name) if table.sheet in names}
    try:
        return lay_out(tables, layout)
    except KeyError as error:
        raise empty() from error


def place_of(layout: Layout, number: int) -> RowPlace:
    """Where a row of a joined table stands in the file."""
    if len(layout) < 2:
        return number
    name, before = max(
        ((name, before) for name, before, *_sheet in layout if before < number),
        key=lambda sheet: sheet[1],
    )
    return [number - before, name]


def sheets_in_words(layout: Layout, left_out: Sequence[Sequence[str]]) -> str:
    """Which sheets are read and which are not; empty if the file has one sheet."""
    sentences = []
    if len(layout) > 1 or (layout and left_out):
        names = _(", ").join(name for name, *_sheet in layout)
        sentences.append(_("These sheets are read: %(names)s.") % {"names": names})
    if left_out:
        names = _(", ").join(
            _("%(name)s (%(reason)s)") % {"name": name, "reason": _WHY[reason]}
            for name, reason in left_out
        )
        sentences.append(_("These sheets are left out: %(names)s.") % {"names": names})
    return join_sentences(sentences)

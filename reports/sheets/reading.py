"""Find the cells of a layout that figures belong into: by defined names, or by header words.

A cell between words is understood if all words above it and all words left of it are, and ask for
one figure together. Rows and columns in which no word is understood are titles and notes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from io import BytesIO
from itertools import product
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.cell import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from config.lib.spreadsheet_layouts import LayoutError
from reports.sheets.words import IGNORED, MEMBER, Meaning, Vocabulary, combine, normalise

# A list of members is known by the name and at least one more column.
_FEWEST_COLUMNS = 2


@dataclass(frozen=True)
class Place:
    """A cell to fill in: where it is, the words that say with what, and what they mean."""

    sheet: str
    cell: str
    words: tuple[str, ...]
    meaning: Meaning


@dataclass(frozen=True)
class MemberTable:
    """A list of members to fill in below its header: the columns by their keys."""

    sheet: str
    row: int
    columns: dict[int, str]


@dataclass(frozen=True)
class Problem:
    """A cell that stays as it is, and why."""

    sheet: str
    cell: str
    reason: str


@dataclass
class Word:
    """A header word: where it stands, and what it means; no codes if it is not understood."""

    text: str
    key: str
    places: list[str]
    codes: list[str]


@dataclass
class Reading:
    """What is understood of a layout."""

    places: list[Place] = field(default_factory=list)
    tables: list[MemberTable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    words: dict[str, Word] = field(default_factory=dict)

    def note(self, text: str, place: str, codes: list[str] | None) -> None:
        """Remember a word that was read."""
        word = self.words.setdefault(normalise(text), Word(text, normalise(text), [], codes or []))
        if place not in word.places:
            word.places.append(place)


def open_layout(data: bytes) -> Workbook:
    """The workbook of checked `data`. Raises LayoutError if it cannot be opened."""
    try:
        return load_workbook(BytesIO(data))
    except Exception as error:  # openpyxl raises anything for what it does not expect
        raise LayoutError(
            _("This workbook cannot be opened. Open it in a spreadsheet program and save it anew.")
        ) from error


def read_layout(book: Workbook, vocabulary: Vocabulary) -> Reading:
    """What of the workbook is understood, by names first; a cell is filled in once."""
    reading = Reading()
    _read_names(book, vocabulary, reading)
    named = {(place.sheet, place.cell) for place in reading.places}
    for sheet in book.worksheets:
        _Grid(sheet, vocabulary, reading).read(named)
    return reading


def _read_names(book: Workbook, vocabulary: Vocabulary, reading: Reading) -> None:
    """Cells by defined names: words joined by underscores, such as source_measure_school."""
    scopes = [("", book.defined_names)]
    scopes += [(sheet.title, sheet.defined_names) for sheet in book.worksheets]
    for scope, names in scopes:
        for name, defined in names.items():
            if name.startswith("_xlnm.") or defined.hidden:
                continue
            places = list(defined.destinations)
            where = scope or (places[0][0] if places else "")
            codes = _understand_name(name, vocabulary)
            reading.note(name, f"{where}!{name}", codes)
            if codes is not None:
                meaning = combine(codes)
                for title, area in places:
                    _add_named(book, name, (title, area.replace("$", "")), meaning, reading)


def _understand_name(name: str, vocabulary: Vocabulary) -> list[str] | None:
    """The codes of a name, as a whole or by its parts; None if one is not understood."""
    whole = vocabulary.codes(name)
    if whole is not None:
        return whole
    parts = [vocabulary.codes(part) for part in name.split("_") if part]
    known = [part for part in parts if part is not None]
    return [code for part in known for code in part] if len(known) == len(parts) else None


def _add_named(
    book: Workbook, name: str, place: tuple[str, str], meaning: Meaning | None, reading: Reading
) -> None:
    title, cell = place
    if ":" in cell or title not in book.sheetnames:
        problem = _("The name %(name)s is not one cell.") % {"name": name}
    elif meaning is None:
        problem = _("The name %(name)s does not ask for one figure.") % {"name": name}
    else:
        problem = meaning.problem or _holds(book[title], cell)
        if not problem:
            reading.places.append(Place(title, cell, (name,), meaning))
            return
    reading.problems.append(Problem(title, cell, problem))


def _holds(sheet: Worksheet, cell: str) -> str:
    """Why a cell is not written over: it holds words or a formula, or a merged one covers it."""
    found = sheet[cell]
    if isinstance(found, MergedCell):
        return _("Another cell is merged over this one.")
    if found.data_type == "f":
        return _("There is a formula, which stays.")
    if isinstance(found.value, str) and found.value.strip():
        return _("There are words, which stay: %(text)s") % {"text": found.value.strip()[:40]}
    return ""


class _Grid:
    """The words of one sheet, with merged cells spread over all that they cover."""

    def __init__(self, sheet: Worksheet, vocabulary: Vocabulary, reading: Reading) -> None:
        self._sheet, self._vocabulary, self._reading = sheet, vocabulary, reading
        self._texts: dict[tuple[int, int], str] = {}
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.strip() and cell.data_type != "f":
                    self._texts[cell.row, cell.column] = cell.value.strip()
        self._covered: set[tuple[int, int]] = set()
        for area in sheet.merged_cells.ranges:
            first = area.min_row, area.min_col
            text = self._texts.get(first)
            for place in product(
                range(area.min_row, area.max_row + 1), range(area.min_col, area.max_col + 1)
            ):
                if place != first:
                    self._covered.add(place)
                if text:
                    self._texts[place] = text
        self._codes = {text: vocabulary.codes(text) for text in set(self._texts.values())}

    def read(self, named: set[tuple[str, str]]) -> None:
        """Find the list of members or, in a sheet without one, the cells between words."""
        if not self._find_members():
            self._find_cells(named)

    def _find_members(self) -> bool:
        rows: dict[int, dict[int, str]] = defaultdict(dict)
        for (row, column), text in self._texts.items():
            codes = self._vocabulary.codes(text, of_members=True)
            if codes and codes[0].startswith(f"{MEMBER}:") and (row, column) not in self._covered:
                rows[row][column] = codes[0].partition(":")[2]
        header = next(
            (
                row
                for row, columns in sorted(rows.items())
                if "name" in columns.values() and len(columns) >= _FEWEST_COLUMNS
            ),
            None,
        )
        if header is None:
            return False
        for (row, column), text in sorted(self._texts.items()):
            if row == header and (row, column) not in self._covered:
                key = rows[header].get(column)
                known = self._vocabulary.codes(text, of_members=True)
                ignored = known == [IGNORED]
                codes = [f"{MEMBER}:{key}"] if key else [IGNORED] if ignored else None
                self._reading.note(text, self._name(row, column), codes)
        below = [place for place in self._texts if place[0] > header]
        if below:
            row, column = min(below)
            reason = _("This stands below a list of members: move it above the header.")
            self._reading.problems.append(
                Problem(self._sheet.title, self._cell(row, column), reason)
            )
        else:
            self._reading.tables.append(MemberTable(self._sheet.title, header, rows[header]))
        return True

    def _find_cells(self, named: set[tuple[str, str]]) -> None:
        known = {place for place, text in self._texts.items() if self._codes[text] is not None}
        rows, columns = {row for row, _c in known}, {column for _r, column in known}
        for row in range(1, self._sheet.max_row + 1):
            for column in range(1, self._sheet.max_column + 1):
                if (row, column) in self._covered or (row, column) in self._texts:
                    continue
                above = self._path((r, column) for r in range(1, row) if r in rows)
                left = self._path((row, c) for c in range(1, column) if c in columns)
                if self._says(above) and self._says(left):
                    self._add(row, column, [*above, *left], named)

    def _path(self, places: Any) -> list[tuple[tuple[int, int], str]]:
        """The different words at these places, in their order."""
        found: dict[str, tuple[int, int]] = {}
        for place in places:
            if place in self._texts:
                found.setdefault(self._texts[place], place)
        return [(place, text) for text, place in found.items()]

    def _says(self, path: list[tuple[tuple[int, int], str]]) -> bool:
        """Whether one of these words says something, or may do so once it is understood."""
        return any(self._codes[text] != [IGNORED] for _place, text in path)

    def _add(
        self, row: int, column: int, path: list[tuple[tuple[int, int], str]], named: Any
    ) -> None:
        """Note the words of a cell, and fill it in if they ask for one figure."""
        for place, text in path:
            self._reading.note(text, self._name(*place), self._codes[text])
        cell = self._cell(row, column)
        codes = [self._codes[text] for _place, text in path]
        if (self._sheet.title, cell) in named or any(one is None for one in codes):
            return
        meaning = combine(code for one in codes if one for code in one)
        if meaning is None:
            return
        problem = meaning.problem or _holds(self._sheet, cell)
        if problem:
            self._reading.problems.append(Problem(self._sheet.title, cell, problem))
        else:
            words = tuple(text for _place, text in path)
            self._reading.places.append(Place(self._sheet.title, cell, words, meaning))

    def _cell(self, row: int, column: int) -> str:
        return f"{get_column_letter(column)}{row}"

    def _name(self, row: int, column: int) -> str:
        return f"{self._sheet.title}!{self._cell(row, column)}"

"""Rows of an uploaded table that are notes of the office: sums, and who made or checked it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from backstage.imports.cells import is_empty
from backstage.imports.columns import plain
from backstage.imports.reasons import RowPlace
from config.lib.resident_ids import holds_resident_id

_WORDS = Path(__file__).resolve().parents[1] / "data" / "table_note_words.csv"
_FROM_NUMBER_ON = re.compile(r"\d.*")


def is_note(row: Sequence[Any], places: Iterable[int]) -> bool:
    """Whether the first filled cell of a row, or one of those at `places`, is a word of a note.

    A sum may be named after what it sums, and followed by its number; a signature by a colon and a
    name. A row that holds an ID number is no note.
    """
    first = next((cell for cell in row if not is_empty(cell)), None)
    cells = (first, *(row[place] for place in places if place < len(row)))
    return any(map(_is_word, cells)) and not any(
        isinstance(cell, str) and holds_resident_id(cell) for cell in row
    )


def _is_word(cell: Any) -> bool:
    sums, signatures, last_signs = _words()
    if not isinstance(cell, str) or last_signs.isdisjoint(cell.casefold()):
        return False
    text = plain(plain(cell).partition(":")[0])
    return text in signatures or _FROM_NUMBER_ON.sub("", text).endswith(sums)


@cache
def _words() -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Words of sums, words of signatures, and their last signs, which rule out most cells."""
    with _WORDS.open(encoding="utf-8", newline="") as lines:
        pairs = [(row["kind"], plain(row["word"])) for row in csv.DictReader(lines)]
    sums = tuple(word for kind, word in pairs if kind == "sum")
    signatures = frozenset(word for kind, word in pairs if kind == "signature")
    return sums, signatures, frozenset(word[-1] for _kind, word in pairs)


def without_last_notes[Row: Sequence[Any]](
    rows: Sequence[tuple[int, Row]],
    place_of: Callable[[int], RowPlace],
    is_last_note: Callable[[Row], bool],
) -> list[tuple[int, Row]]:
    """The numbered rows without the notes below each sheet: those that `is_last_note` names."""

    def sheet_of(row: tuple[int, Row]) -> str:
        place = place_of(row[0])
        return "" if isinstance(place, int) else str(place[1])

    kept: list[tuple[int, Row]] = []
    for _sheet, of_sheet in groupby(rows, sheet_of):
        lines = [*of_sheet]
        while lines and is_last_note(lines[-1][1]):
            lines.pop()
        kept += lines
    return kept


@cache
def _remark() -> re.Pattern[str]:
    """Punctuation of a sentence, a word at the beginning of a remark, or the year of a date."""
    with _WORDS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    begins = "|".join(re.escape(row["word"]) for row in rows if row["kind"] == "remark")
    years = "|".join(re.escape(row["word"]) for row in rows if row["kind"] == "date")
    return re.compile(rf"[:：。；，,;]|^({begins})|\d({years})")


def is_remark(text: str) -> bool:
    """Whether a text alone in its row is a sentence or a date, and so no name."""
    return bool(_remark().search(text))

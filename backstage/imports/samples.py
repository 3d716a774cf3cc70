"""Samples of a column for the person who says what it means, in a form that people may see."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from accounts.records import mask_phone
from backstage.files import FileError, read_file
from backstage.imports.cells import is_empty
from backstage.imports.sheets import Layout, read_again
from backstage.models import StoredFile
from config.lib.resident_ids import mask_resident_id
from config.lib.spreadsheet_formulas import Formula
from config.lib.spreadsheet_reading import Cell, SpreadsheetError

# This many cells, cut to this length.
SAMPLES, _SAMPLE_LENGTH = 2, 20
_PHONE_LENGTH = 11
# Numbers that may be personal, also with spaces or hyphens between the digits.
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){9,}[ -]?[\dXx]")


def sample_columns_of(
    file: StoredFile, file_name: str, layout: Layout, header_row: int, places: Iterable[int]
) -> dict[int, list[str]]:
    """Samples of the columns at `places` of a stored file; none if it cannot be read any more."""
    try:
        table = read_again(read_file(file), file_name, layout)
    except (FileError, SpreadsheetError):
        return {}
    below = table.rows[header_row:]
    return {place: sample(row[place] for row in below) for place in places}


def sample(cells: Iterable[Cell]) -> list[str]:
    """The first different cells of a column that are not empty, long numbers masked."""
    samples: dict[str, None] = {}
    for cell in cells:
        if not is_empty(cell) and cell is not Formula.WITHOUT_RESULT:
            samples[_masked(cell)] = None
        if len(samples) == SAMPLES:
            break
    return list(samples)


def _masked(cell: Cell) -> str:
    """A cell in a form that people may see, whatever it contains."""
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    plain = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    text = unicodedata.normalize("NFKC", str(plain)).strip()
    return _LONG_NUMBER.sub(_mask, text)[:_SAMPLE_LENGTH]


def _mask(match: re.Match[str]) -> str:
    number = re.sub("[ -]", "", match[0])
    return mask_phone(number) if len(number) == _PHONE_LENGTH else mask_resident_id(number)

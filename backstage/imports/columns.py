"""The header row of an uploaded table, and the field of each column."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from config.lib.resident_ids import holds_resident_id

# A header is near the top; the rows above it are titles.
ROWS_SEARCHED = 20
# The field of a column that is not read.
IGNORED = "ignored"


@dataclass(frozen=True)
class Header[Field: str]:
    """The header row: its place in the table, its texts, and the field of each column.

    `fields` has None for a column that nobody has explained yet.
    """

    place: int
    texts: tuple[str, ...]
    fields: tuple[Field | None, ...]

    @property
    def columns(self) -> dict[Field, int]:
        """The place of each field that is read; the first column wins if two claim one field."""
        places: dict[Field, int] = {}
        for place, field in enumerate(self.fields):
            if field is not None and field != IGNORED:
                places.setdefault(field, place)
        return places

    @property
    def unknown(self) -> list[str]:
        """Texts of columns that nobody has explained yet."""
        return [
            text for text, field in zip(self.texts, self.fields, strict=True) if text and not field
        ]

    def is_repeated_by(self, row: Sequence[Any]) -> bool:
        """Whether a row repeats the header, as printed tables do on each page."""
        place, text = self._first
        if place >= len(row) or str(row[place] or "").strip() != text:
            return False
        return [str(cell or "").strip() for cell in row] == list(self.texts)[: len(row)]

    @cached_property
    def _first(self) -> tuple[int, str]:
        """Place and text of the first named column, which rules out most rows at once."""
        return next((place, text) for place, text in enumerate(self.texts) if text)


def plain(text: Any) -> str:
    """A header for comparison: without spaces, marks for required fields, and units in brackets."""
    folded = unicodedata.normalize("NFKC", str(text or "")).casefold()
    return "".join(folded.split("(")[0].split()).strip("*:;.、,")


def read_header_words(path: Path) -> dict[str, str]:
    """Fields by their known headers, from a file with the columns field, header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {plain(row["header"]): row["field"] for row in csv.DictReader(lines)}


def find_header[Field: str](
    rows: Sequence[Sequence[Any]], words: Mapping[str, Field]
) -> Header[Field] | None:
    """The row with most fields among the first `ROWS_SEARCHED`, else the one with most texts.

    `words` has the fields by their plain headers. None if no row has two texts.
    """
    headers = []
    for place, row in enumerate(rows[:ROWS_SEARCHED]):
        texts = tuple(cell.strip() if isinstance(cell, str) else "" for cell in row)
        header = Header(place, texts, tuple(words.get(plain(text)) for text in texts))
        named, written = len(header.columns), sum(map(bool, texts))
        # A member's row is no header, and its contents must be neither shown nor stored.
        if written >= 2 and not any(map(holds_resident_id, texts)):
            headers.append(((named if named >= 2 else 0, written, -place), header))
    return max(headers, key=lambda pair: pair[0])[1] if headers else None


def refused_headers() -> tuple[str, str]:
    """The headers of the two columns that a file of refused rows adds: row and reason."""
    return gettext("Row"), gettext("Reason")


def place_of_refused(texts: Sequence[str]) -> int | None:
    """The place of those two columns, in any language; None in any other table."""
    pairs = list(pairwise(map(plain, texts)))
    return next((place for place, pair in enumerate(pairs) if pair in _refused_pairs()), None)


@cache
def _refused_pairs() -> set[tuple[str, ...]]:
    pairs = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            pairs.add(tuple(map(plain, refused_headers())))
    return pairs

"""The header row of an uploaded table, and the field of each column."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
        """The place of each field that is read, without those that two columns claim."""
        return {field: places[0] for field, places in self._places.items() if len(places) == 1}

    @property
    def doubled(self) -> list[int]:
        """The places of columns that claim a field together with another one."""
        return sorted(
            place for places in self._places.values() if len(places) > 1 for place in places
        )

    @property
    def claimed(self) -> Collection[Field]:
        """The fields that have a column, or several."""
        return self._places.keys()

    @cached_property
    def _places(self) -> dict[Field, list[int]]:
        places: dict[Field, list[int]] = {}
        for place, field in enumerate(self.fields):
            if field is not None and field != IGNORED:
                places.setdefault(field, []).append(place)
        return places

    def as_chosen(self, chosen: Mapping[str, tuple[str, Field]]) -> Header[Field]:
        """This header with the field chosen for some of its columns: text and field by place."""
        fields = [
            chosen[str(place)][1] if chosen.get(str(place), ("", None))[0] == text else field
            for place, (text, field) in enumerate(zip(self.texts, self.fields, strict=True))
        ]
        return replace(self, fields=tuple(fields))

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
        # A member's row is no header, and its contents must be neither shown nor stored.
        if sum(map(bool, texts)) >= 2 and not any(map(holds_resident_id, texts)):
            headers.append(header)
    return max(headers, key=lambda header: (weight_of(header), -header.place), default=None)


def weight_of(header: Header[Any] | None) -> tuple[int, int]:
    """How likely a row is the header: by its fields, if there are two, else by its texts."""
    if header is None:
        return 0, 0
    named = len(header.claimed)
    return named if named >= 2 else 0, sum(map(bool, header.texts))


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

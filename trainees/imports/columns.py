"""The meaning of each column of an office's table, from known words and manual explanations."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from config.lib.resident_ids import holds_resident_id
from trainees.enums import RegisterField

# A header is near the top; the rows above it are titles.
ROWS_SEARCHED = 20
_WORDS = Path(__file__).resolve().parents[1] / "data" / "register_header_words.csv"


@dataclass(frozen=True)
class Header:
    """The header row found: its place in the table, its texts, and the field of each column.

    `fields` has None for a column that nobody has explained yet.
    """

    place: int
    texts: tuple[str, ...]
    fields: tuple[RegisterField | None, ...]

    @property
    def columns(self) -> dict[RegisterField, int]:
        """The place of each field that is read; the first column wins if two claim one field."""
        places: dict[RegisterField, int] = {}
        for place, field in enumerate(self.fields):
            if field is not None and field != RegisterField.IGNORED:
                places.setdefault(field, place)
        return places

    @property
    def unknown(self) -> list[str]:
        """Texts of columns that nobody has explained yet."""
        return [
            text for text, field in zip(self.texts, self.fields, strict=True) if text and not field
        ]


def plain(text: Any) -> str:
    """A header for comparison: without spaces, marks for required fields, and units in brackets."""
    folded = unicodedata.normalize("NFKC", str(text or "")).casefold()
    return "".join(folded.split("(")[0].split()).strip("*:;.、,")


@cache
def known_words() -> dict[str, RegisterField]:
    """Headers that need no explanation (`data/register_header_words.csv`)."""
    with _WORDS.open(encoding="utf-8", newline="") as lines:
        return {plain(row["header"]): RegisterField(row["field"]) for row in csv.DictReader(lines)}


def refused_headers() -> tuple[str, str]:
    """The headers of the two columns that a file of refused rows adds: row and reason."""
    return gettext("Row"), gettext("Reason")


def place_of_refused(texts: Sequence[str]) -> int | None:
    """The place of those two columns, in any language; None in any other register."""
    pairs = list(pairwise(map(plain, texts)))
    return next((place for place, pair in enumerate(pairs) if pair in _refused_pairs()), None)


@cache
def _refused_pairs() -> set[tuple[str, ...]]:
    pairs = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            pairs.add(tuple(map(plain, refused_headers())))
    return pairs


def find_header(rows: Sequence[Sequence[Any]], explained: Mapping[str, str]) -> Header | None:
    """The row with most fields among the first `ROWS_SEARCHED`, else the one with most texts.

    `told` has the manual explanations of headers; they take precedence over the known words. None
    if no row has two texts.
    """
    words = known_words() | {plain(text): RegisterField(field) for text, field in explained.items()}
    headers = []
    for place, row in enumerate(rows[:ROWS_SEARCHED]):
        texts = tuple(cell.strip() if isinstance(cell, str) else "" for cell in row)
        header = Header(place, texts, tuple(words.get(plain(text)) for text in texts))
        named, written = len(header.columns), sum(map(bool, texts))
        # A member's row is no header, and its contents must be neither shown nor stored.
        if written >= 2 and not any(map(holds_resident_id, texts)):
            headers.append(((named if named >= 2 else 0, written, -place), header))
    return max(headers, key=lambda pair: pair[0])[1] if headers else None


def missing_fields(header: Header) -> list[RegisterField]:
    """Fields that every register needs: name, organisation, and an ID or member number."""
    columns = header.columns
    missing = [f for f in (RegisterField.ORGANISATION, RegisterField.NAME) if f not in columns]
    if RegisterField.RESIDENT_ID not in columns and RegisterField.NUMBER not in columns:
        missing.append(RegisterField.RESIDENT_ID)
    return missing

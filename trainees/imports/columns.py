"""The meaning of each column of an office's register, from known words and manual explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from backstage.imports import columns
from backstage.imports.columns import plain, read_header_words
from backstage.imports.sheets import Joined, join_sheets
from trainees.enums import RegisterField

_WORDS = Path(__file__).resolve().parents[1] / "data" / "register_header_words.csv"

type Header = columns.Header[RegisterField]


@cache
def known_words() -> dict[str, RegisterField]:
    """Headers that need no explanation (`data/register_header_words.csv`)."""
    return {text: RegisterField(field) for text, field in read_header_words(_WORDS).items()}


def find_header(rows: Sequence[Sequence[Any]], explained: Mapping[str, str]) -> Header | None:
    """The header row of a register; None if no row has two texts.

    `explained` has the manual explanations of headers; they take precedence over the known words.
    """
    words = known_words() | {plain(text): RegisterField(field) for text, field in explained.items()}
    return columns.find_header(rows, words)


def missing_fields(header: Header) -> list[RegisterField]:
    """Fields that every register needs: name, organisation, and an ID or member number."""
    claimed = header.claimed
    missing = [f for f in (RegisterField.ORGANISATION, RegisterField.NAME) if f not in claimed]
    if RegisterField.RESIDENT_ID not in claimed and RegisterField.NUMBER not in claimed:
        missing.append(RegisterField.RESIDENT_ID)
    return missing


def join_register(data: bytes, file_name: str, explained: Mapping[str, str]) -> Joined:
    """The sheets of a register that have its columns. Raises SpreadsheetError."""
    return join_sheets(
        data,
        file_name,
        lambda rows: find_header(rows, explained),
        lambda header: not missing_fields(header),
    )

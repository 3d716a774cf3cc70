"""The content of a register import's pages: rows by kind, with their changes in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.records import mask_phone
from backstage.files import FileError, read_file
from backstage.imports.cells import is_empty
from backstage.imports.columns import place_of_refused
from backstage.imports.reasons import in_words
from config.lib.resident_ids import mask_resident_id
from config.lib.spreadsheet_formulas import Formula
from config.lib.spreadsheet_reading import Cell, SpreadsheetError, read_table
from schools.models import Organisation
from trainees.enums import (
    WRITTEN,
    ImportState,
    MembershipStatus,
    PostKind,
    RegisterField,
    RowKind,
    Sex,
)
from trainees.models import Member, RegisterImport, RegisterRow

# The order in which an office checks them.
KINDS = [
    RowKind.REFUSED,
    RowKind.NEW,
    RowKind.CHANGED,
    RowKind.TRANSFERRED,
    RowKind.MISSING,
    RowKind.UNCHANGED,
]
# For an unexplained column: this many cells, cut to this length.
SAMPLES, _SAMPLE_LENGTH = 2, 20
_PHONE_LENGTH = 11
# Numbers that may be personal, also with spaces or hyphens between the digits.
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){9,}[ -]?[\dXx]")

_WORDS: dict[str, dict[str, Any]] = {
    RegisterField.SEX: dict(Sex.choices),
    RegisterField.MEMBERSHIP_STATUS: dict(MembershipStatus.choices),
    RegisterField.POST: dict(PostKind.choices),
}


class UnchangedRows(Sequence):
    """The rows without changes, for the paginator: one statement for a slice."""

    def __init__(self, register: RegisterImport) -> None:
        self._pairs = register.unchanged

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, part: Any) -> Any:
        """A slice of rows; the paginator does not request single rows."""
        pairs = self._pairs[part]
        members = Member.objects.in_bulk([key for _number, key in pairs])
        return [
            RegisterRow(row_number=number, kind=RowKind.UNCHANGED, member=members.get(key))
            for number, key in pairs
        ]


def list_rows(register: RegisterImport, kind: str) -> QuerySet[RegisterRow] | UnchangedRows:
    """Rows of one kind in the order of the file; members not listed by their number."""
    if kind == RowKind.UNCHANGED:
        return UnchangedRows(register)
    rows = register.rows.filter(kind=kind).select_related("member", "organisation", "proposal")
    return rows.order_by("member__number") if kind == RowKind.MISSING else rows


def count_rows(register: RegisterImport) -> list[tuple[RowKind, int]]:
    """The number of rows of each kind, in the order of checking."""
    return [(kind, register.counts.get(kind.value, 0)) for kind in KINDS]


def first_kind(register: RegisterImport) -> RowKind:
    """The kind of rows shown first: written rows after applying, else the order of checking."""
    kinds = [*WRITTEN, *KINDS] if register.state == ImportState.APPLIED else KINDS
    return next((kind for kind in kinds if register.counts.get(kind.value)), RowKind.UNCHANGED)


def count_written(register: RegisterImport) -> int:
    """How many members applying the import would write."""
    return sum(register.counts.get(kind.value, 0) for kind in WRITTEN)


def describe_rows(rows: Iterable[RegisterRow]) -> list[dict[str, Any]]:
    """Rows for the page, each with its changes and problems in words. One statement."""
    rows = list(rows)
    keys = {key for row in rows for key in row.changes.get("organisation", []) if key is not None}
    names = dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    names |= {-row.proposal.pk: row.proposal.name for row in rows if row.proposal}
    return [
        {
            "row": row,
            "name": row.name or (row.member.name if row.member else ""),
            "organisation": row.organisation or row.proposal,
            "changes": [
                (field_label(field), _word(field, old, names), _word(field, new, names))
                for field, (old, new) in row.changes.items()
            ],
            "written": _written(row) if row.kind == RowKind.NEW else [],
            "problems": [
                (field_label(field), in_words(code, values)) for field, code, values in row.problems
            ],
        }
        for row in rows
    ]


def _written(row: RegisterRow) -> list[tuple[str, str]]:
    """The stored data of a new member besides name and organisation, in words."""
    facts = {
        RegisterField.SEX: row.sex,
        RegisterField.BIRTH_DATE: row.birth_date and row.birth_date.isoformat(),
        RegisterField.PHONE: mask_phone(row.phone),
        RegisterField.JOINED_ON: row.joined_on and row.joined_on.isoformat(),
        RegisterField.FULL_MEMBER_ON: row.full_member_on and row.full_member_on.isoformat(),
        RegisterField.MEMBERSHIP_STATUS: row.membership_status,
        RegisterField.POST: row.post,
    }
    return [
        (field_label(field), _word(field, value, {})) for field, value in facts.items() if value
    ]


def problem_of(register: RegisterImport) -> str:
    """The problem that ended or restarted the reading, in words; empty without one."""
    return in_words(*register.problem) if register.problem else ""


def unknown_in_words(register: RegisterImport) -> str:
    """A sentence on columns that are not read because nobody has explained them; else empty."""
    names = list_unknown(register)
    sentence = ngettext(
        "%(n)d column was not recognised, and nothing of it is read: %(names)s",
        "%(n)d columns were not recognised, and nothing of them is read: %(names)s",
        len(names),
    )
    return sentence % {"n": len(names), "names": _(", ").join(names)} if names else ""


def list_unknown(register: RegisterImport) -> list[str]:
    """Headers of an import that nobody has explained yet, each once."""
    return list(dict.fromkeys(text for text, field in register.headers if text and not field))


def holds_refused_rows(register: RegisterImport) -> bool:
    """Whether the file contains refused rows, and so says nothing about other members."""
    return place_of_refused([text for text, _field in register.headers]) is not None


def sample_unknown(register: RegisterImport) -> dict[str, list[str]]:
    """Sample cells below unexplained headers, long numbers masked.

    They are read from the file, and are empty once it is deleted: an unknown column may contain
    anything, so it is stored nowhere else.
    """
    unknown = list_unknown(register)
    if not unknown or register.file is None or register.header_row is None:
        return {}
    try:
        rows = read_table(read_file(register.file), register.file_name).rows
    except (FileError, SpreadsheetError):
        return {}
    texts = [text for text, _field in register.headers]
    below = rows[register.header_row :]
    return {text: _sample(row[texts.index(text)] for row in below) for text in unknown}


def _sample(cells: Iterable[Cell]) -> list[str]:
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


def field_label(field: str) -> str:
    """The label of a register field."""
    return capfirst(str(RegisterField(field).label))


def _word(field: str, value: Any, names: dict[int, str]) -> str:
    if value in {None, ""}:
        return "–"
    if field == RegisterField.ORGANISATION:
        return names.get(value, str(value))
    if field in _WORDS:
        return str(_WORDS[field].get(value, value))
    day: date | None = parse_date(value) if field.endswith(("_on", "_date")) else None
    return date_format(day) if day else str(value)

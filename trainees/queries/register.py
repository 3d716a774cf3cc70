"""What an import of the register shows: rows by kind, with their changes in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import capfirst

from accounts.records import mask_phone
from schools.models import Organisation
from trainees.enums import ImportState, PostKind, RegisterField, RowKind, Sex, Standing
from trainees.imports.reasons import in_words
from trainees.models import Member, RegisterImport, RegisterRow

# The order in which an office looks at them.
KINDS = [
    RowKind.REFUSED,
    RowKind.NEW,
    RowKind.CHANGED,
    RowKind.TRANSFERRED,
    RowKind.MISSING,
    RowKind.UNCHANGED,
]
WRITTEN = (RowKind.NEW, RowKind.CHANGED, RowKind.TRANSFERRED)

_WORDS: dict[str, dict[str, Any]] = {
    RegisterField.SEX: dict(Sex.choices),
    RegisterField.STANDING: dict(Standing.choices),
    RegisterField.POST: dict(PostKind.choices),
}


class UnchangedRows(Sequence):
    """The rows that say nothing new, as the paginator takes them: one statement for a slice."""

    def __init__(self, register: RegisterImport) -> None:
        self._pairs = register.unchanged

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, part: Any) -> Any:
        """A slice of rows; single rows are not asked for by the paginator."""
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
    rows = register.rows.filter(kind=kind).select_related("member", "organisation")
    return rows.order_by("member__number") if kind == RowKind.MISSING else rows


def count_rows(register: RegisterImport) -> list[tuple[RowKind, int]]:
    """How many rows of each kind there are, in the order of looking."""
    return [(kind, register.counts.get(kind.value, 0)) for kind in KINDS]


def first_kind(register: RegisterImport) -> RowKind:
    """The kind of rows that is looked at first: what was written, once it is; else in order."""
    kinds = [*WRITTEN, *KINDS] if register.state == ImportState.APPLIED else KINDS
    return next((kind for kind in kinds if register.counts.get(kind.value)), RowKind.UNCHANGED)


def count_written(register: RegisterImport) -> int:
    """How many members applying the import would write."""
    return sum(register.counts.get(kind.value, 0) for kind in WRITTEN)


def describe_rows(rows: Iterable[RegisterRow]) -> list[dict[str, Any]]:
    """Rows for the page: each with its changes and problems in words. One statement."""
    rows = list(rows)
    keys = {key for row in rows for key in row.changes.get("organisation", []) if key is not None}
    names = dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    return [
        {
            "row": row,
            "name": row.name or (row.member.name if row.member else ""),
            "organisation": row.organisation,
            "changes": [
                (field_label(field), _word(field, old, names), _word(field, told, names))
                for field, (old, told) in row.changes.items()
            ],
            "written": _written(row) if row.kind == RowKind.NEW else [],
            "problems": [
                (field_label(field), in_words(code, values)) for field, code, values in row.problems
            ],
        }
        for row in rows
    ]


def _written(row: RegisterRow) -> list[tuple[str, str]]:
    """What is stored of a new member besides name and organisation, in words."""
    told = {
        RegisterField.SEX: row.sex,
        RegisterField.BIRTH_DATE: row.birth_date and row.birth_date.isoformat(),
        RegisterField.PHONE: mask_phone(row.phone),
        RegisterField.JOINED_ON: row.joined_on and row.joined_on.isoformat(),
        RegisterField.FULL_MEMBER_ON: row.full_member_on and row.full_member_on.isoformat(),
        RegisterField.STANDING: row.standing,
        RegisterField.POST: row.post,
    }
    return [(field_label(field), _word(field, value, {})) for field, value in told.items() if value]


def problem_of(register: RegisterImport) -> str:
    """What ended the reading of an import, or sent it back, in words; empty if nothing did."""
    return in_words(*register.problem) if register.problem else ""


def field_label(field: str) -> str:
    """What a field of a register is called."""
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

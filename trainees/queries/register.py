"""The content of a register import's pages: rows by kind, with their changes in words."""

from __future__ import annotations

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
from backstage.imports.columns import Header, place_of_refused
from backstage.imports.reasons import in_words
from backstage.imports.samples import sample_columns_of
from backstage.imports.sheets import sheets_in_words
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

_WORDS: dict[str, dict[str, Any]] = {
    RegisterField.SEX: dict(Sex.choices),
    RegisterField.MEMBERSHIP_STATUS: dict(MembershipStatus.choices),
    RegisterField.POST: dict(PostKind.choices),
}


class UnchangedRows(Sequence):
    """The rows without changes, for the paginator: one statement for a slice."""

    def __init__(self, register: RegisterImport) -> None:
        self._register = register
        self._pairs = register.unchanged

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, part: Any) -> Any:
        """A slice of rows; the paginator does not request single rows."""
        pairs = self._pairs[part]
        members = Member.objects.in_bulk([key for _number, key in pairs])
        return [
            RegisterRow(
                register=self._register,
                row_number=number,
                kind=RowKind.UNCHANGED,
                member=members.get(key),
            )
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


def list_doubled(register: RegisterImport) -> list[str]:
    """Headers of columns that mean the same as another one, and of which nobody chose one yet."""
    return [register.headers[place][0] for place in _header_of(register).doubled]


def doubled_in_words(register: RegisterImport) -> str:
    """A sentence on columns that mean the same; empty if there are none."""
    names = _(", ").join(list_doubled(register))
    text = _("Several columns mean the same. Say which one is read: %(names)s")
    return text % {"names": names} if names else ""


def sheets_of(register: RegisterImport) -> str:
    """Which sheets are read and which are left out; empty if the file has one."""
    return sheets_in_words(register.layout, register.sheets.get("left_out", ()))


def _header_of(register: RegisterImport) -> Header:
    texts, fields = zip(*register.headers, strict=True) if register.headers else ((), ())
    return Header(0, texts, fields)


def list_own_columns(register: RegisterImport) -> list[int]:
    """The places of columns of which this file alone says what they mean: the doubled ones."""
    chosen = {int(place) for place in register.chosen_columns}
    return sorted({*_header_of(register).doubled, *chosen})


def sample_columns(register: RegisterImport) -> dict[int, list[str]]:
    """Sample cells below headers that are unexplained or mean the same as another, by place.

    They are read from the file, and are empty once it is deleted: an unknown column may contain
    anything, so it is stored nowhere else.
    """
    header = _header_of(register)
    asked = {n for n, text in enumerate(header.texts) if text and not header.fields[n]}
    asked |= {*list_own_columns(register)}
    if not asked or register.file is None or register.header_row is None:
        return {}
    return sample_columns_of(
        register.file, register.file_name, register.layout, register.header_row, asked
    )


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

"""The audit trail as a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit_labels import act_label
from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.roles import holds_any
from accounts.trail import (
    actor_label,
    is_intact,
    kind_label,
    list_changes,
    list_trail,
    name_objects,
    object_name,
    trail_filters,
)
from backstage.exports import ExportColumn, ListExport
from config.lib.spreadsheet_writing import Kind


def _changes_in_words(entry: AuditEntry) -> str:
    """Values before and after in one cell, with a line for each fact."""
    changes = list_changes(entry, entry.names)  # type: ignore[attr-defined]
    return "\n".join(f"{label}: {before} → {after}" for label, before, after in changes)


class _NamedEntries:
    """Entries with the names of the objects they refer to, looked up in batches."""

    def __init__(self, entries: QuerySet[AuditEntry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return self._entries.count()

    def iterator(self, chunk_size: int) -> Iterator[AuditEntry]:
        for some in batched(self._entries.iterator(chunk_size), chunk_size):
            names = name_objects(some)
            for entry in some:
                entry.names = names  # type: ignore[attr-defined]
                yield entry


def _seal(entry: AuditEntry) -> str:
    return _("intact") if is_intact(entry) else _("BROKEN: this entry was altered")


TRAIL = ListExport(
    "trail",
    gettext_lazy("Audit trail"),
    "accounts:trail",
    lambda user: holds_any(user, Role.AUDIT_ADMINISTRATOR),
    trail_filters,
    lambda asked, filters: _NamedEntries(list_trail(asked, filters)),
    (
        ExportColumn(gettext_lazy("Number"), lambda row: row.pk, Kind.NUMBER, 10),
        ExportColumn(gettext_lazy("Time"), lambda row: row.at, Kind.MOMENT, 17),
        ExportColumn(gettext_lazy("Person"), actor_label),
        ExportColumn(gettext_lazy("By way of"), lambda row: row.get_channel_display(), width=10),
        ExportColumn(gettext_lazy("Address"), lambda row: row.address or "", width=16),
        ExportColumn(gettext_lazy("Act"), lambda row: act_label(row.act), width=20),
        ExportColumn(gettext_lazy("Kind of object"), lambda row: kind_label(row.object_type)),
        ExportColumn(gettext_lazy("Object"), object_name, width=28),
        ExportColumn(gettext_lazy("Object number"), lambda row: row.object_id, width=12),
        ExportColumn(gettext_lazy("School code"), lambda row: row.school_code, width=12),
        ExportColumn(gettext_lazy("What changed"), _changes_in_words, width=48),
        ExportColumn(gettext_lazy("Seal"), _seal, width=10),
    ),
)

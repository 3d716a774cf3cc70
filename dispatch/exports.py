"""Exports of this app's lists: the columns of each file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport
from config.lib.spreadsheet_writing import Kind
from dispatch import lists
from dispatch.filters import letter_filters


def _sees_letters(user: Any) -> bool:
    return holds_any(user, *SCHOOL_ROLES, *DISTRICT_ROLES)


LETTERS = ListExport(
    "booking-letters",
    gettext_lazy("Booking letters"),
    "dispatch:letters",
    _sees_letters,
    letter_filters,
    lists.letters,
    (
        ExportColumn(gettext_lazy("Number"), lambda row: row.number, width=22),
        ExportColumn(gettext_lazy("Class"), lambda row: row.title, width=30),
        ExportColumn(gettext_lazy("School"), lambda row: row.school.name, width=18),
        ExportColumn(gettext_lazy("Audience"), lambda row: row.get_audience_display(), width=14),
        ExportColumn(gettext_lazy("People expected"), lambda row: row.headcount, Kind.NUMBER, 10),
        ExportColumn(gettext_lazy("Format"), lambda row: row.get_preset_display(), width=20),
        ExportColumn(gettext_lazy("Place"), lambda row: row.where, width=24),
        ExportColumn(gettext_lazy("First choice"), lambda row: row.first_day, Kind.DATE, 12),
        ExportColumn(gettext_lazy("Worked on by"), lambda row: str(row.owner or ""), width=14),
        ExportColumn(gettext_lazy("State"), lambda row: row.get_stage_display(), width=12),
    ),
)

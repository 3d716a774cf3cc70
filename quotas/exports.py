"""Exports of this app's lists: the columns of each file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backstage.exports import ExportColumn, ListExport
from config.lib.spreadsheet_writing import Kind
from quotas import lists
from quotas.filters import claim_filters, warning_filters
from schools.permissions import sees_schools

CLAIMS = ListExport(
    "quota-claims",
    _("Claims of schools"),
    "quotas:claims",
    sees_schools,
    claim_filters,
    lists.claims,
    (
        ExportColumn(_("Year"), lambda row: row.year, Kind.NUMBER, 8),
        ExportColumn(_("School"), lambda row: row.school.name, width=24),
        ExportColumn(_("Version"), lambda row: row.version, Kind.NUMBER, 8),
        ExportColumn(_("State"), lambda row: row.get_state_display(), width=14),
        ExportColumn(_("Submitted at"), lambda row: row.submitted_at, Kind.MOMENT, 17),
        ExportColumn(_("Decided at"), lambda row: row.decided_at, Kind.MOMENT, 17),
        ExportColumn(pgettext_lazy("of a claim", "Reason"), lambda row: row.reason, width=30),
        ExportColumn(_("What the district asks"), lambda row: row.words, width=40),
    ),
)

WARNINGS = ListExport(
    "shortfall-warnings",
    _("Warnings of shortfalls"),
    "quotas:warnings",
    sees_schools,
    warning_filters,
    lists.warnings,
    (
        ExportColumn(_("Given at"), lambda row: row.given_at, Kind.MOMENT, 17),
        ExportColumn(_("School"), lambda row: row.school.name if row.school else "", width=24),
        ExportColumn(_("Member"), lambda row: row.member.name if row.member else "", width=14),
        ExportColumn(_("Measure"), lambda row: row.label, width=36),
        ExportColumn(_("Expected on 31 December"), lambda row: row.expected, Kind.HOURS, 12),
        ExportColumn(_("Owed or claimed"), lambda row: row.due, Kind.HOURS, 12),
        ExportColumn(_("Accounts told"), lambda row: row.told, Kind.NUMBER, 10),
    ),
)

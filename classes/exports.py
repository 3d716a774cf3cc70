"""Exports of this app's lists: the columns of each file. No ID numbers, no phone numbers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport
from classes import filters, lists
from config.lib.dates import format_clock
from config.lib.spreadsheet_writing import Kind
from schools.permissions import sees_schools

SUPERVISION = ListExport(
    "supervision-notes",
    _("Supervision notes"),
    "classes:supervision_notes",
    sees_schools,
    filters.supervision_filters,
    lists.supervision_notes,
    (
        ExportColumn(_("Date"), lambda row: row.session.held_on, Kind.DATE, 12),
        ExportColumn(_("There from"), lambda row: format_clock(row.visited_at), width=9),
        ExportColumn(_("Training class"), lambda row: row.session.training_class.title, width=36),
        ExportColumn(_("Session"), lambda row: row.session.number, Kind.NUMBER, 8),
        ExportColumn(_("Course"), lambda row: row.session.course.title, width=30),
        ExportColumn(_("School"), lambda row: row.session.training_class.school.name, width=24),
        ExportColumn(_("Supervisor"), lambda row: row.supervisor.display_name, width=14),
        ExportColumn(_("What was observed"), lambda row: row.observed, width=60),
        ExportColumn(_("Advice"), lambda row: row.advice, width=40),
        ExportColumn(_("Filed at"), lambda row: row.filed_at, Kind.MOMENT, 17),
        ExportColumn(_("Version"), lambda row: row.version, Kind.NUMBER, 8),
    ),
)
EXPORTS_OF_CLASSES = (SUPERVISION,)

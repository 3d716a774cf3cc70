"""The lists of sessions and walk-ins as files.

They contain no ID number and no phone number.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport, number_column
from config.lib.dates import format_clock
from config.lib.spreadsheet_writing import Kind
from rolls import filters, lists
from rolls.filters import DUE_LABELS
from schools.permissions import sees_schools

WALK_INS = ListExport(
    "walk-ins",
    _("Walk-ins to match"),
    "rolls:walk_ins",
    sees_schools,
    filters.walk_in_filters,
    lists.walk_ins,
    (
        ExportColumn(_("Date"), lambda row: row.session.held_on, Kind.DATE, 12),
        ExportColumn(_("Training class"), lambda row: row.session.training_class.title, width=30),
        ExportColumn(_("Session"), lambda row: row.session.number, Kind.NUMBER, 8),
        ExportColumn(_("School"), lambda row: row.session.training_class.school.name, width=24),
        ExportColumn(_("Name as written"), lambda row: row.name, width=14),
        ExportColumn(_("Organisation as written"), lambda row: row.organisation_name, width=32),
        ExportColumn(_("Attendance"), lambda row: row.get_status_display(), width=10),
        ExportColumn(_("Note"), lambda row: row.note, width=40),
    ),
)

SESSIONS = ListExport(
    "sessions",
    _("Sessions and rolls"),
    "rolls:sessions",
    sees_schools,
    filters.session_filters,
    lists.sessions,
    (
        ExportColumn(_("Date"), lambda row: row.held_on, Kind.DATE, 12),
        # The date has its own column.
        ExportColumn(_("Starts at"), lambda row: format_clock(row.starts_at), width=9),
        ExportColumn(_("Ends at"), lambda row: format_clock(row.ends_at), width=9),
        ExportColumn(_("Training class"), lambda row: row.training_class.title, width=30),
        ExportColumn(_("Session"), lambda row: row.number, Kind.NUMBER, 8),
        ExportColumn(_("Course"), lambda row: row.course.title, width=30),
        ExportColumn(_("Credit hours"), lambda row: row.hours, Kind.HOURS, 10),
        ExportColumn(_("School"), lambda row: row.training_class.school.name, width=24),
        ExportColumn(_("Venue"), lambda row: row.where, width=24),
        number_column(_("Enrolled"), "enrolled"),
        number_column(_("Marked"), "marked"),
        ExportColumn(
            _("Attended"),
            lambda row: row.attended if row.due == "submitted" else None,
            Kind.NUMBER,
            10,
        ),
        ExportColumn(_("Roll"), lambda row: str(DUE_LABELS[row.due]), width=12),
    ),
)

EXPORTS_OF_ROLLS = (SESSIONS, WALK_INS)

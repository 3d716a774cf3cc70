"""The annual report and what is behind its figures, as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport
from config.lib.spreadsheet_writing import Kind
from instructors.enums import Corps
from reports import report_lists
from reports.report_filters import report_filters, session_filters
from reports.report_lists import ReportRow, SessionRow
from schools.permissions import sees_schools

DELIVERY_COLUMNS = (
    ("classes", _("Classes"), Kind.NUMBER),
    ("sessions", _("Sessions"), Kind.NUMBER),
    ("person_times", _("Person-times"), Kind.NUMBER),
    ("members", _("Distinct members"), Kind.NUMBER),
    ("taught", _("Hours taught"), Kind.HOURS),
    ("hours", _("Hours posted"), Kind.HOURS),
)
STANDING_COLUMNS = (
    ("members", _("Members"), Kind.NUMBER),
    ("counted", _("Owe hours"), Kind.NUMBER),
    ("met", _("Target met"), Kind.NUMBER),
    ("share", _("Share on target (%)"), Kind.HOURS),
    ("exempt", _("Exempt"), Kind.NUMBER),
    ("out", _("Not counted"), Kind.NUMBER),
    ("owed", _("Hours owed"), Kind.HOURS),
    ("done", _("Hours done"), Kind.HOURS),
    ("concentrated", _("of concentrated training"), Kind.HOURS),
)


def _of(side: str, name: str) -> Callable[[ReportRow], Any]:
    return lambda row: getattr(getattr(row, side), name, None)


REPORT = ListExport(
    "annual-report",
    _("Annual report"),
    "reports:report",
    sees_schools,
    report_filters,
    report_lists.report_rows,
    (
        ExportColumn(_("Table"), lambda row: row.table, width=18),
        ExportColumn(_("Line"), lambda row: row.label, width=32),
        *(
            ExportColumn(label, _of("delivery", name), kind, 12)
            for name, label, kind in DELIVERY_COLUMNS
        ),
        *(
            ExportColumn(label, _of("standing", name), kind, 12)
            for name, label, kind in STANDING_COLUMNS
        ),
    ),
)


def _corps(row: SessionRow) -> str:
    return str(dict(Corps.choices).get(row.delivered.corps, ""))


SESSIONS = ListExport(
    "report-sessions",
    _("Sessions of the annual report"),
    "reports:report_sessions",
    sees_schools,
    session_filters,
    report_lists.report_sessions,
    (
        ExportColumn(_("Date"), lambda row: row.delivered.held_on, Kind.DATE, 12),
        ExportColumn(_("Training class"), lambda row: row.session.training_class.title, width=36),
        ExportColumn(_("Session"), lambda row: row.session.number, Kind.NUMBER, 8),
        ExportColumn(_("Course"), lambda row: row.session.course.title, width=32),
        ExportColumn(_("School"), lambda row: row.session.training_class.school.name, width=24),
        ExportColumn(_("Corps"), _corps, width=14),
        ExportColumn(_("Person-times"), lambda row: row.delivered.person_times, Kind.NUMBER, 10),
        ExportColumn(_("Hours taught"), lambda row: row.delivered.taught, Kind.HOURS, 10),
        ExportColumn(_("Hours posted"), lambda row: row.hours, Kind.HOURS, 10),
    ),
)

ATTENDEES = ListExport(
    "report-members",
    _("Members of the annual report"),
    "reports:report_members",
    sees_schools,
    session_filters,
    report_lists.report_members,
    (
        ExportColumn(_("Name"), lambda row: row.member.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.member.number, width=14),
        ExportColumn(_("Times attended"), lambda row: row.times, Kind.NUMBER, 10),
    ),
)

EXPORTS_OF_REPORT = (REPORT, SESSIONS, ATTENDEES)

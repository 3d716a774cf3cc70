"""Exports of this app's lists: the columns of each file. No ID numbers, no phone numbers."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain

from django.utils.dates import MONTHS as MONTH_NAMES
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport
from classes import filters, lists
from classes.queries.lecturers import LecturerLine
from config.lib.dates import format_clock
from config.lib.filters import Filters
from config.lib.spreadsheet_writing import Kind
from courses.queries.loads import MONTHS
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


def _courses(line: LecturerLine) -> str:
    return gettext("; ").join(course.title for course in line.courses)


def _month_columns(number: int) -> tuple[ExportColumn, ExportColumn]:
    """The hours of a month: those planned, and those taught."""

    def group(_filters: Filters) -> str:
        return str(MONTH_NAMES[number])

    def planned(line: LecturerLine) -> Decimal:
        return line.load.month(number).planned

    def taught(line: LecturerLine) -> Decimal:
        return line.load.month(number).taught

    return (
        ExportColumn(_("Hours planned"), planned, Kind.HOURS, 10, group),
        ExportColumn(_("Hours taught"), taught, Kind.HOURS, 10, group),
    )


LECTURERS = ListExport(
    "lecturers",
    _("Lecturers"),
    "classes:lecturers",
    sees_schools,
    filters.lecturer_filters,
    lists.lecturers,
    (
        ExportColumn(_("Lecturer"), lambda line: line.lecturer.name, width=14),
        ExportColumn(_("Corps"), lambda line: line.lecturer.get_corps_display(), width=14),
        ExportColumn(_("Professional title"), lambda line: line.lecturer.get_title_display()),
        ExportColumn(_("Employer"), lambda line: line.lecturer.employer, width=30),
        ExportColumn(_("Nominated by"), lambda line: str(line.lecturer.nominated_by or "")),
        ExportColumn(_("Home township"), lambda line: str(line.lecturer.home_township or "")),
        ExportColumn(_("Letter of appointment"), lambda line: line.letter_standing.label, width=16),
        ExportColumn(_("Last day"), lambda line: line.letter_until, Kind.DATE, 12),
        ExportColumn(_("Teaches"), _courses, width=60),
        ExportColumn(_("Sessions planned"), lambda line: line.load.year.sessions, Kind.NUMBER, 10),
        ExportColumn(_("Hours planned"), lambda line: line.load.year.planned, Kind.HOURS, 10),
        ExportColumn(_("Hours taught"), lambda line: line.load.year.taught, Kind.HOURS, 10),
        *chain.from_iterable(map(_month_columns, MONTHS)),
    ),
)
EXPORTS_OF_CLASSES = (SUPERVISION, LECTURERS)

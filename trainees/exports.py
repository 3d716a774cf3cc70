"""The lists of this app as files: what stands in which column. No ID number, no phone."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport, number_column
from config.lib.dates import write_clock
from config.lib.filters import Asked, Filters, yes_or_no
from config.lib.spreadsheet_writing import Kind
from config.lib.year_filters import part_in_words
from trainees import filters, lists
from trainees.desk_exports import MEMBER_HOURS, MY_CLASSES, MY_HOURS, SERVED, WALK_INS
from trainees.figures import OF_ORGANISATIONS, OF_SCHOOLS, Figure
from trainees.filters import DUE_LABELS, OUTCOME_LABELS
from trainees.permissions import sees_schools, sees_studies
from trainees.queries.dashboard import SchoolFigures
from trainees.queries.disputes import write_answer


def _school_figures(asked: Asked, narrowed: Filters) -> list[SchoolFigures]:
    figures, total = lists.school_figures(asked, narrowed)
    return [*figures, total] if total else figures


def _of_year(narrowed: Filters) -> str:
    """What is of the whole year says so only beside what is of a part of it."""
    return gettext("Whole year") if part_in_words(narrowed) else ""


def _columns(figures: Iterable[Figure]) -> list[ExportColumn]:
    return [
        ExportColumn(
            one.label,
            attrgetter(one.key),
            one.kind,
            12,
            _of_year if one.of_year else part_in_words,
        )
        for one in figures
    ]


SCHOOLS = ListExport(
    "schools",
    _("Overview by school"),
    "trainees:dashboard",
    sees_schools,
    filters.dashboard_filters,
    _school_figures,
    (
        ExportColumn(_("School"), lambda row: row.name, width=24),
        *_columns(OF_SCHOOLS),
    ),
)

ORGANISATIONS = ListExport(
    "organisations",
    _("Overview by Party organisation"),
    "trainees:dashboard_organisations",
    sees_schools,
    filters.organisation_figures_filters,
    lists.organisation_figures,
    (
        ExportColumn(_("Code"), lambda row: row.code, width=18),
        ExportColumn(_("Party organisation"), lambda row: row.name, width=32),
        *_columns(OF_ORGANISATIONS),
    ),
)

SESSIONS = ListExport(
    "sessions",
    _("Sessions and rolls"),
    "trainees:sessions",
    sees_schools,
    filters.session_filters,
    lists.sessions,
    (
        ExportColumn(_("Date"), lambda row: row.held_on, Kind.DATE, 12),
        # The date stands beside it.
        ExportColumn(_("Starts at"), lambda row: write_clock(row.starts_at), width=9),
        ExportColumn(_("Ends at"), lambda row: write_clock(row.ends_at), width=9),
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

CLASSES = ListExport(
    "classes",
    _("Classes held"),
    "trainees:classes",
    sees_schools,
    filters.class_filters,
    lists.classes,
    (
        ExportColumn(_("Last session"), lambda row: row.last_on, Kind.DATE, 12),
        ExportColumn(_("Code"), lambda row: row.code, width=16),
        ExportColumn(_("Training class"), lambda row: row.title, width=36),
        ExportColumn(_("School"), lambda row: row.school.name, width=24),
        ExportColumn(_("Module"), lambda row: row.module.name, width=16),
        ExportColumn(_("Audience"), lambda row: row.get_audience_display(), width=14),
        number_column(_("Sessions held"), "held"),
        number_column(_("Rolls not submitted"), "missing"),
    ),
)

ATTENDANCES = ListExport(
    "attendances",
    _("Person-times"),
    "trainees:attendances",
    sees_schools,
    filters.attendance_filters,
    lists.attendances,
    (
        ExportColumn(_("Date"), lambda row: row.session.held_on, Kind.DATE, 12),
        ExportColumn(_("Member"), lambda row: row.member.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.member.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation.name, width=32),
        ExportColumn(_("Training class"), lambda row: row.session.training_class.title, width=36),
        ExportColumn(_("Session"), lambda row: row.session.number, Kind.NUMBER, 8),
        ExportColumn(_("School"), lambda row: row.session.training_class.school.name, width=24),
        ExportColumn(_("Attendance"), lambda row: row.get_status_display(), width=10),
    ),
)

ATTENDEES = ListExport(
    "attendees",
    _("Distinct members"),
    "trainees:attendees",
    sees_schools,
    filters.attendance_filters,
    lists.attendees,
    (
        ExportColumn(_("Member"), lambda row: row["name"], width=14),
        ExportColumn(_("Member number"), lambda row: row["number"], width=14),
        ExportColumn(_("Last session"), lambda row: row["last_on"], Kind.DATE, 12),
        ExportColumn(_("Times attended"), lambda row: row["times"], Kind.NUMBER, 10),
    ),
)

ENTRIES = ListExport(
    "entries",
    _("Credit-hour ledger"),
    "trainees:entries",
    sees_schools,
    filters.entry_filters,
    lists.entries,
    (
        ExportColumn(_("Date"), lambda row: row.occurred_on, Kind.DATE, 12),
        ExportColumn(_("Member"), lambda row: row.member.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.member.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation.name, width=32),
        ExportColumn(_("School"), lambda row: row.school.name, width=24),
        ExportColumn(_("Category"), lambda row: row.get_category_display(), width=14),
        ExportColumn(_("Posted at"), lambda row: row.posted_at, Kind.MOMENT, 17),
        ExportColumn(_("Posted by"), lambda row: row.posted_by.display_name, width=14),
        ExportColumn(_("Reason of the reversal"), lambda row: row.why, width=24),
        ExportColumn(_("Credit hours"), attrgetter("hours"), Kind.HOURS, 12),
    ),
)

MEMBERS = ListExport(
    "members",
    _("Members and their hours"),
    "trainees:members",
    sees_schools,
    filters.member_filters,
    lists.members,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation, width=32),
        ExportColumn(_("School"), lambda row: row.school, width=24),
        ExportColumn(_("Verdict"), lambda row: str(OUTCOME_LABELS[row.verdict.outcome]), width=12),
        ExportColumn(_("Owed"), lambda row: row.verdict.owed, Kind.HOURS, 10),
        ExportColumn(_("Done"), lambda row: row.verdict.done, Kind.HOURS, 10),
        ExportColumn(_("Left"), lambda row: row.verdict.left, Kind.HOURS, 10),
        ExportColumn(
            _("Trainings missing"), lambda row: row.verdict.trainings_left, Kind.NUMBER, 10
        ),
    ),
)

DISPUTES = ListExport(
    "disputes",
    _("Disputes"),
    "trainees:disputes",
    sees_schools,
    filters.dispute_filters,
    lists.disputes,
    (
        ExportColumn(_("Opened at"), lambda row: row.opened_at, Kind.MOMENT, 17),
        ExportColumn(_("Member"), lambda row: row.member.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.member.number, width=14),
        ExportColumn(_("Date of the study"), lambda row: row.occurred_on, Kind.DATE, 12),
        ExportColumn(_("About"), lambda row: row.subject, width=36),
        ExportColumn(_("Hours are missing"), lambda row: yes_or_no(bool(row.missing)), width=10),
        ExportColumn(_("School"), lambda row: row.school.name, width=24),
        ExportColumn(_("State"), lambda row: row.get_state_display(), width=18),
        ExportColumn(_("Last step"), lambda row: row.moved_at, Kind.MOMENT, 17),
        ExportColumn(
            _("Answer"), lambda row: write_answer(row.verdict) if row.verdict else "", width=14
        ),
    ),
)

STUDIES = ListExport(
    "studies",
    _("Study records"),
    "trainees:studies",
    sees_studies,
    filters.study_filters,
    lists.studies,
    (
        ExportColumn(_("Date"), lambda row: row.held_on, Kind.DATE, 12),
        ExportColumn(_("Code"), lambda row: row.organisation.code, width=18),
        ExportColumn(_("Party organisation"), lambda row: row.organisation.name, width=32),
        ExportColumn(_("Kind"), lambda row: row.get_kind_display(), width=16),
        ExportColumn(_("Topic"), lambda row: row.topic, width=36),
        ExportColumn(_("Place"), lambda row: row.place, width=24),
        ExportColumn(_("Days"), lambda row: row.days, Kind.NUMBER, 8),
        ExportColumn(_("Minutes a day"), lambda row: row.minutes, Kind.NUMBER, 10),
        number_column(_("Participants"), "people"),
        ExportColumn(_("State"), lambda row: row.get_state_display(), width=18),
        ExportColumn(_("Handed in at"), lambda row: row.waits_since, Kind.MOMENT, 17),
        ExportColumn(_("Recorded by"), lambda row: row.recorded_by.display_name, width=14),
        ExportColumn(_("Reason of the return"), lambda row: row.return_reason, width=28),
    ),
)

SUPERVISION = ListExport(
    "supervision-notes",
    _("Supervision notes"),
    "trainees:supervision_notes",
    sees_schools,
    filters.supervision_filters,
    lists.supervision_notes,
    (
        ExportColumn(_("Date"), lambda row: row.session.held_on, Kind.DATE, 12),
        ExportColumn(_("There from"), lambda row: write_clock(row.visited_at), width=9),
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

EXPORTS_OF_ROLLS = (SESSIONS, WALK_INS)
EXPORTS_OF_STUDIES = (STUDIES,)
EXPORTS_OF_CLASSES = (SUPERVISION,)
EXPORTS_OF_YEARS = (
    SCHOOLS,
    ORGANISATIONS,
    CLASSES,
    ATTENDANCES,
    ATTENDEES,
    ENTRIES,
    MEMBERS,
    DISPUTES,
    SERVED,
    MY_CLASSES,
    MY_HOURS,
    MEMBER_HOURS,
)

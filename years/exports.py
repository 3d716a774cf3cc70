"""The lists of this app as files: overviews, classes, attendance, members, hours, disputes.

They contain no ID number; phone numbers are masked.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.enums import SERVING_ROLES, Role
from accounts.origin import Actor
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport, number_column
from config.lib.filters import Filters, ListRequest, no_filters, yes_or_no
from config.lib.spreadsheet_writing import Kind
from config.lib.year_filters import part_in_words
from hours.queries.clocks import CLOCK_STATE_LABELS
from hours.queries.disputes import format_answer
from schools.filters import OUTSIDE_AREAS
from schools.permissions import sees_schools
from trainees.exports import ACCOUNT_WORDS
from trainees.models import Member
from years import filters, lists
from years.actions.access_log import record_access
from years.figures import OF_ORGANISATIONS, OF_SCHOOLS, Figure
from years.filters import OUTCOME_LABELS
from years.queries.lines import Line
from years.queries.overview import SchoolFigures

SERVED = ListExport(
    "served",
    _("Members whom I serve"),
    "years:served_members",
    lambda user: holds_any(user, *SERVING_ROLES),
    filters.served_filters,
    lists.served,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation_today, width=32),
        ExportColumn(_("Account"), lambda row: str(ACCOUNT_WORDS[row.account_state]), width=20),
    ),
)

DEPARTURES = ListExport(
    "departures",
    _("Members who left"),
    "years:departures",
    sees_schools,
    filters.departure_filters,
    lists.departures,
    (
        ExportColumn(_("Name"), lambda row: row.member.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.member.number, width=14),
        ExportColumn(_("Left on"), lambda row: row.left_on, Kind.DATE, 12),
        ExportColumn(_("Reason of leaving"), lambda row: row.get_kind_display(), width=18),
        ExportColumn(_("Party organisation"), lambda row: row.organisation.name, width=32),
        ExportColumn(_("Supporting document"), lambda row: row.document, width=24),
        ExportColumn(_("Recorded by"), lambda row: str(row.recorded_by)),
    ),
)

CLOCKS = ListExport(
    "clocks",
    _("Trainings owed within some months"),
    "years:clocks",
    sees_schools,
    filters.clock_filters,
    lists.clocks,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation, width=32),
        ExportColumn(_("School"), lambda row: row.school or OUTSIDE_AREAS, width=24),
        ExportColumn(_("Owed by"), lambda row: row.label, width=18),
        ExportColumn(_("Since"), lambda row: row.began, Kind.DATE, 12),
        ExportColumn(_("Last day"), lambda row: row.last_on, Kind.DATE, 12),
        ExportColumn(_("State"), lambda row: str(CLOCK_STATE_LABELS[row.state]), width=12),
        ExportColumn(_("Attended on"), lambda row: row.met_on, Kind.DATE, 12),
    ),
)

MY_CLASSES = ListExport(
    "my-classes",
    _("Classes that I could still join"),
    "years:my_classes",
    lambda user: holds_any(user, Role.MEMBER),
    no_filters,
    lists.own_classes,
    (
        ExportColumn(_("Class"), lambda row: row.training_class.title, width=36),
        ExportColumn(
            _("Audience"), lambda row: row.training_class.get_audience_display(), width=14
        ),
        ExportColumn(_("Strands"), lambda row: row.strand_labels, width=28),
        ExportColumn(_("School"), lambda row: row.training_class.school.name, width=24),
        ExportColumn(_("First session"), lambda row: row.first_at, Kind.MOMENT, 17),
        ExportColumn(_("Sessions ahead"), lambda row: row.sessions, Kind.NUMBER, 10),
        ExportColumn(_("Credit hours"), lambda row: row.hours, Kind.HOURS, 10),
        ExportColumn(_("Places left"), lambda row: row.places, Kind.NUMBER, 10),
    ),
)


def _study(line: Line) -> str:
    return line.course or line.study_kind_label


_HOURS = (
    ExportColumn(_("Date"), lambda line: line.occurred_on, Kind.DATE, 12),
    ExportColumn(_("Category"), lambda line: line.category_label, width=14),
    ExportColumn(_("Class or study"), lambda line: line.title, width=36),
    ExportColumn(_("Session"), lambda line: line.session_number, Kind.NUMBER, 8),
    ExportColumn(_("Course or kind"), _study, width=28),
    ExportColumn(_("Held by"), lambda line: line.host, width=24),
    ExportColumn(_("Place"), lambda line: line.place, width=24),
    ExportColumn(_("Attendance"), lambda line: line.status_label, width=10),
    ExportColumn(_("Credit hours"), lambda line: line.hours, Kind.HOURS, 10),
    ExportColumn(_("Why"), lambda line: line.why, width=60),
    ExportColumn(_("Posted by"), lambda line: line.assessed_by, width=14),
    ExportColumn(_("Posted at"), lambda line: line.assessed_at, Kind.MOMENT, 17),
    ExportColumn(_("Why this version"), lambda line: line.cause_label, width=18),
    ExportColumn(pgettext_lazy("of a correction", "Reason"), lambda line: line.reason, width=24),
)

MY_HOURS = ListExport(
    "my-hours",
    _("My credit hours"),
    "years:my_hours",
    lambda user: holds_any(user, Role.MEMBER),
    filters.own_hours_filters,
    lists.own_hours,
    _HOURS,
)


def _record_export(asked: ListRequest, filters: Filters, by: Actor) -> None:
    """Audit the export of another member's hours; nothing if own, or if not visible."""
    try:
        member_year = lists.member_year(asked, filters)
    except Member.DoesNotExist:
        return
    if not Member.objects.filter(pk=member_year.member_id, user=asked.user).exists():
        record_access(act="export_hours", member_year=member_year, by=by, at=asked.now)


MEMBER_HOURS = ListExport(
    "member-hours",
    _("Credit hours of a member"),
    "years:members",
    lambda user: sees_schools(user) or holds_any(user, *SERVING_ROLES),
    filters.member_hours_filters,
    lists.member_hours,
    _HOURS,
    _record_export,
)


def _school_figures(asked: ListRequest, narrowed: Filters) -> list[SchoolFigures]:
    figures, total = lists.school_figures(asked, narrowed)
    return [*figures, total] if total else figures


def _of_year(narrowed: Filters) -> str:
    """The heading of whole-year figures; empty unless other figures are of a part of the year."""
    return gettext("Whole year") if part_in_words(narrowed) else ""


def _columns(figures: Iterable[Figure]) -> list[ExportColumn]:
    return [
        ExportColumn(
            figure.label,
            attrgetter(figure.key),
            figure.kind,
            12,
            _of_year if figure.of_year else part_in_words,
        )
        for figure in figures
    ]


SCHOOLS = ListExport(
    "schools",
    _("Overview by school"),
    "years:overview",
    sees_schools,
    filters.overview_filters,
    _school_figures,
    (
        ExportColumn(_("School"), lambda row: row.name, width=24),
        *_columns(OF_SCHOOLS),
    ),
)

ORGANISATIONS = ListExport(
    "organisations",
    _("Overview by Party organisation"),
    "years:overview_organisations",
    sees_schools,
    filters.organisation_figures_filters,
    lists.organisation_figures,
    (
        ExportColumn(_("Code"), lambda row: row.code, width=18),
        ExportColumn(_("Party organisation"), lambda row: row.name, width=32),
        *_columns(OF_ORGANISATIONS),
    ),
)

CLASSES = ListExport(
    "classes",
    _("Classes held"),
    "years:classes",
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
    "years:attendances",
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
    "years:attendees",
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
    "years:entries",
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
    "years:members",
    sees_schools,
    filters.member_filters,
    lists.members,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation, width=32),
        ExportColumn(_("School"), lambda row: row.school or OUTSIDE_AREAS, width=24),
        ExportColumn(_("Verdict"), lambda row: str(OUTCOME_LABELS[row.verdict.outcome]), width=12),
        ExportColumn(_("Owed"), lambda row: row.verdict.owed, Kind.HOURS, 10),
        ExportColumn(_("Done"), lambda row: row.verdict.done, Kind.HOURS, 10),
        ExportColumn(_("Concentrated training"), lambda row: row.concentrated, Kind.HOURS, 10),
        ExportColumn(_("Left"), lambda row: row.verdict.left, Kind.HOURS, 10),
        ExportColumn(
            _("Trainings missing"), lambda row: row.verdict.trainings_left, Kind.NUMBER, 10
        ),
        ExportColumn(_("Trainings missed by their day"), lambda row: row.missed, Kind.NUMBER, 10),
    ),
)

DISPUTES = ListExport(
    "disputes",
    _("Disputes"),
    "years:disputes",
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
            _("Answer"), lambda row: format_answer(row.verdict) if row.verdict else "", width=14
        ),
    ),
)
EXPORTS_OF_YEARS = (
    DEPARTURES,
    SCHOOLS,
    ORGANISATIONS,
    CLASSES,
    ATTENDANCES,
    ATTENDEES,
    ENTRIES,
    MEMBERS,
    CLOCKS,
    DISPUTES,
    SERVED,
    MY_CLASSES,
    MY_HOURS,
    MEMBER_HOURS,
)

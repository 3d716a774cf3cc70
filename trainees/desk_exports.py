"""The lists of the desk as files: the tree, accounts, registers, one member's hours.

No ID number; phones masked.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import SERVING_ROLES, SLIP_ROLES, Role
from accounts.models import User
from accounts.origin import Actor
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport
from config.lib.filters import Asked, Filters, no_filters
from config.lib.periods import last_day, local_date
from config.lib.spreadsheet_writing import Kind
from trainees import desk_filters, lists
from trainees.actions.looks import record_look
from trainees.enums import AccountState
from trainees.models import Member
from trainees.permissions import sees_schools
from trainees.queries.lines import Line

ACCOUNT_WORDS = {value.value: value.label for value in AccountState}


def _is_office(user: User) -> bool:
    return holds_any(user, Role.ORGANISATION_DEPARTMENT)


TREE = ListExport(
    "tree",
    _("Organisations"),
    "trainees:organisations",
    sees_schools,
    desk_filters.tree_filters,
    lists.tree,
    (
        ExportColumn(_("Code"), lambda row: row.code, width=18),
        ExportColumn(_("Party organisation"), lambda row: row.name, width=36),
        ExportColumn(_("Level"), lambda row: row.get_kind_display(), width=16),
        ExportColumn(_("Stands below"), lambda row: row.parent_name, width=32),
        ExportColumn(_("Township"), lambda row: row.township_name, width=18),
        ExportColumn(_("First day"), lambda row: row.period.lower, Kind.DATE, 12),
        ExportColumn(_("Last day"), lambda row: last_day(row.period), Kind.DATE, 12),
    ),
)

SLIPS = ListExport(
    "slips",
    _("Accounts and slips"),
    "trainees:slips",
    lambda user: holds_any(user, *SLIP_ROLES),
    desk_filters.slip_filters,
    lists.slips,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation_today, width=32),
        ExportColumn(_("Account"), lambda row: str(ACCOUNT_WORDS[row.account_state]), width=20),
        ExportColumn(
            _("Slip valid until"),
            lambda row: row.slip_until and local_date(row.slip_until),
            Kind.DATE,
            14,
        ),
    ),
)

SERVED = ListExport(
    "served",
    _("Members whom I serve"),
    "trainees:served_members",
    lambda user: holds_any(user, *SERVING_ROLES),
    desk_filters.served_filters,
    lists.served,
    (
        ExportColumn(_("Name"), lambda row: row.name, width=14),
        ExportColumn(_("Member number"), lambda row: row.number, width=14),
        ExportColumn(_("Party organisation"), lambda row: row.organisation_today, width=32),
        ExportColumn(_("Account"), lambda row: str(ACCOUNT_WORDS[row.account_state]), width=20),
    ),
)

BELOW = ListExport(
    "below",
    _("Organisations directly below"),
    "trainees:organisations",
    sees_schools,
    desk_filters.below_filters,
    lists.below,
    (
        ExportColumn(_("Party organisation"), lambda row: row[0].organisation.name, width=36),
        ExportColumn(_("Code"), lambda row: row[0].organisation.code, width=18),
        ExportColumn(_("Level"), lambda row: row[0].organisation.get_kind_display(), width=16),
        ExportColumn(_("Township"), lambda row: str(row[0].township or ""), width=18),
        ExportColumn(_("Organisations below"), lambda row: row[1].below, Kind.NUMBER, 10),
        ExportColumn(_("Members"), lambda row: row[1].members, Kind.NUMBER, 10),
    ),
)

MY_CLASSES = ListExport(
    "my-classes",
    _("Classes that I could still join"),
    "trainees:my_classes",
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

IMPORTS = ListExport(
    "imports",
    _("Imports of the register"),
    "trainees:register_imports",
    _is_office,
    no_filters,
    lists.imports,
    (
        ExportColumn(_("File"), lambda row: row.file_name, width=36),
        ExportColumn(_("Day of the register"), lambda row: row.as_of, Kind.DATE, 12),
        ExportColumn(_("State"), lambda row: row.stage, width=14),
        ExportColumn(_("Uploaded"), lambda row: row.uploaded_at, Kind.MOMENT, 17),
        ExportColumn(_("Uploaded by"), lambda row: str(row.uploaded_by or "")),
        ExportColumn(_("Applied at"), lambda row: row.applied_at, Kind.MOMENT, 17),
        ExportColumn(_("Applied by"), lambda row: str(row.applied_by or "")),
    ),
)

WALK_INS = ListExport(
    "walk-ins",
    _("Walk-ins to match"),
    "trainees:walk_ins",
    sees_schools,
    no_filters,
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

IMPORT_ROWS = ListExport(
    "import-rows",
    _("Rows of a register"),
    "trainees:register_imports",
    _is_office,
    desk_filters.import_row_filters,
    lists.import_rows,
    (
        ExportColumn(_("Row"), lambda line: line["row"].row_number, Kind.NUMBER, 8),
        ExportColumn(_("Name"), lambda line: line["name"], width=14),
        ExportColumn(_("Member number"), lambda line: line["number"], width=14),
        ExportColumn(
            _("Party organisation"), lambda line: str(line["organisation"] or ""), width=32
        ),
        ExportColumn(_("What it says"), lists.import_row_in_words, width=60),
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
    "trainees:my_hours",
    lambda user: holds_any(user, Role.MEMBER),
    desk_filters.own_hours_filters,
    lists.own_hours,
    _HOURS,
)


def _look_at_hours(asked: Asked, filters: Filters, by: Actor) -> None:
    """Enter whose hours the file holds: nobody's own, and nobody's out of sight."""
    try:
        found = lists.member_year(asked, filters)
    except Member.DoesNotExist:
        return
    if not Member.objects.filter(pk=found.member_id, user=asked.user).exists():
        record_look(act="export_hours", found=found, by=by, at=asked.now)


MEMBER_HOURS = ListExport(
    "member-hours",
    _("Credit hours of a member"),
    "trainees:members",
    lambda user: sees_schools(user) or holds_any(user, *SERVING_ROLES),
    desk_filters.member_hours_filters,
    lists.member_hours,
    _HOURS,
    _look_at_hours,
)

EXPORTS_OF_MEMBERS = (TREE, BELOW, SLIPS, IMPORTS, IMPORT_ROWS)

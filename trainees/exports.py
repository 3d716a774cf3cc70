"""Exports of this app's lists: organisations, accounts and slips, imports of the register.

No ID numbers.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.enums import SLIP_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport
from config.lib.filters import no_filters
from config.lib.periods import last_day, local_date
from config.lib.spreadsheet_writing import Kind
from schools.permissions import sees_schools
from trainees import filters, lists
from trainees.enums import AccountState

ACCOUNT_WORDS = {value.value: value.label for value in AccountState}


def _is_office(user: User) -> bool:
    return holds_any(user, Role.ORGANISATION_DEPARTMENT)


TREE = ListExport(
    "tree",
    _("Organisations"),
    "trainees:organisations",
    sees_schools,
    filters.tree_filters,
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
    filters.slip_filters,
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

BELOW = ListExport(
    "below",
    _("Organisations directly below"),
    "trainees:organisations",
    sees_schools,
    filters.below_filters,
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

IMPORT_ROWS = ListExport(
    "import-rows",
    _("Rows of a register"),
    "trainees:register_imports",
    _is_office,
    filters.import_row_filters,
    lists.import_rows,
    (
        ExportColumn(_("Row"), lambda line: line["row"].place, Kind.NUMBER, 8),
        ExportColumn(_("Name"), lambda line: line["name"], width=14),
        ExportColumn(_("Member number"), lambda line: line["number"], width=14),
        ExportColumn(
            _("Party organisation"), lambda line: str(line["organisation"] or ""), width=32
        ),
        ExportColumn(_("What it says"), lists.import_row_in_words, width=60),
    ),
)

EXPORTS_OF_MEMBERS = (TREE, BELOW, SLIPS, IMPORTS, IMPORT_ROWS)

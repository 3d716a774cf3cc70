"""The columns of this app's lists as files. They contain no ID number and no phone number."""

from __future__ import annotations

from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport, number_column
from config.lib.filters import Filters, ListRequest
from config.lib.spreadsheet_writing import Kind
from schools.permissions import sees_schools
from studies import filters, lists
from studies.permissions import sees_studies
from studies.queries.themed_days import BranchYear, with_days

STUDIES = ListExport(
    "studies",
    _("Study records"),
    "studies:studies",
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


def _branch_years(asked: ListRequest, narrowed: Filters) -> list[BranchYear]:
    return with_days(list(lists.branches(asked, narrowed)), int(narrowed.value("year")))


def _month_column(month: int) -> ExportColumn:
    return ExportColumn(MONTHS[month], lambda row: row.days[month - 1], Kind.NUMBER, 8)


THEMED_DAYS = ListExport(
    "themed-days",
    _("Themed days by branch and month"),
    "studies:themed_days",
    sees_schools,
    filters.themed_day_filters,
    _branch_years,
    (
        ExportColumn(_("Code"), lambda row: row.branch.code, width=18),
        ExportColumn(_("Branch"), lambda row: row.branch.name, width=32),
        *(_month_column(month) for month in range(1, 13)),
    ),
)
EXPORTS_OF_STUDIES = (STUDIES, THEMED_DAYS)

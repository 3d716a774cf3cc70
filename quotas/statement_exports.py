"""Statements of a year and the later facts beside them as files; the page of the year has both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport, register_export
from config.lib.filters import Filters, ListRequest
from config.lib.spreadsheet_writing import Kind
from config.lib.year_filters import year_filter
from quotas.models import YearAdjustment, YearStatement
from quotas.queries.statements import HOURS
from quotas.querysets import YearAdjustmentQuerySet, YearStatementQuerySet
from schools.permissions import sees_schools


def year_filters(asked: ListRequest) -> Filters:
    """The year of the page."""
    return Filters([year_filter(asked, "year")])


def statements(asked: ListRequest, filters: Filters) -> YearStatementQuerySet:
    """Statements that were issued, the newest first."""
    rows = filters.apply(YearStatement.objects.visible_to(asked.user, asked.today).with_state())
    return rows.order_by("-year", "-serial")


def adjustments(asked: ListRequest, filters: Filters) -> YearAdjustmentQuerySet:
    """Later facts, the newest first."""
    rows = filters.apply(YearAdjustment.objects.visible_to(asked.user, asked.today))
    people = rows.select_related("member", "school", "recorded_by", "taken_back_by")
    return people.order_by("-recorded_at", "-pk")


def _fact(name: str) -> Callable[[YearStatement], str]:
    return lambda row: row.facts[name]


def _figure(name: str) -> Callable[[YearStatement], Any]:
    if name in HOURS:
        return lambda row: Decimal(row.facts["sums"][name])
    return lambda row: row.facts["sums"][name]


def _signed_at(row: YearStatement) -> datetime:
    return datetime.fromisoformat(row.facts["signed_at"])


def _becomes(row: YearAdjustment) -> str:
    if row.takes_back_id is not None:
        return gettext("takes another one back")
    return gettext("taken back") if hasattr(row, "taken_back_by") else ""


_HEADERS = {
    "members": _("Members"),
    "counted": _("Counted"),
    "met": _("Reached the target"),
    "exempt": _("Exempt"),
    "out": _("Not counted"),
    "owed": _("Hours owed"),
    "done": _("Hours done"),
    "concentrated": _("of concentrated training"),
}

STATEMENTS = ListExport(
    "year-statements",
    _("Statements of a year"),
    "quotas:reconciliations",
    sees_schools,
    year_filters,
    statements,
    (
        ExportColumn(_("Number"), lambda row: row.number, width=18),
        ExportColumn(_("Year"), lambda row: row.year, Kind.NUMBER, 8),
        ExportColumn(_("Revision"), lambda row: row.revision, Kind.NUMBER, 8),
        ExportColumn(_("Statement of"), _fact("name"), width=24),
        ExportColumn(_("State"), lambda row: row.state_label, width=14),
        *(
            ExportColumn(header, _figure(name), Kind.HOURS if name in HOURS else Kind.NUMBER, 12)
            for name, header in _HEADERS.items()
        ),
        ExportColumn(_("Signed by"), _fact("signed_by"), width=14),
        ExportColumn(_("Signed at"), _signed_at, Kind.MOMENT, 17),
        ExportColumn(_("Countersigned by"), _fact("issued_by"), width=14),
        ExportColumn(_("Issued at"), lambda row: row.issued_at, Kind.MOMENT, 17),
        ExportColumn(_("SHA-256 of the PDF"), lambda row: row.pdf_hash, width=66),
        ExportColumn(_("SHA-256 of the XLSX"), lambda row: row.sheet_hash, width=66),
    ),
)

ADJUSTMENTS = ListExport(
    "year-adjustments",
    _("Later facts of a closed year"),
    "quotas:reconciliations",
    sees_schools,
    year_filters,
    adjustments,
    (
        ExportColumn(_("Year"), lambda row: row.year, Kind.NUMBER, 8),
        ExportColumn(_("School"), lambda row: row.school.name if row.school else "", width=24),
        ExportColumn(_("Name"), lambda row: row.member.name if row.member else "", width=14),
        ExportColumn(
            _("Member number"), lambda row: row.member.number if row.member else "", width=14
        ),
        ExportColumn(_("Credit hours"), lambda row: row.hours, Kind.HOURS, 10),
        ExportColumn(_("What is the case"), lambda row: row.words, width=40),
        ExportColumn(_("Reason"), lambda row: row.reason, width=40),
        ExportColumn(_("Evidence, and where it lies"), lambda row: row.evidence, width=40),
        ExportColumn(_("Taken back"), _becomes, width=18),
        ExportColumn(_("Noted by"), lambda row: row.recorded_by.display_name, width=14),
        ExportColumn(_("Noted at"), lambda row: row.recorded_at, Kind.MOMENT, 17),
    ),
)


def register_statement_exports() -> None:
    """Register both lists."""
    register_export(STATEMENTS)
    register_export(ADJUSTMENTS)

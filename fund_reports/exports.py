"""The figures of the money, and what is behind them, as files for the finance office."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backstage.exports import ExportColumn, ListExport
from config.lib.filters import Filters, ListRequest, fixed_filter
from config.lib.spreadsheet_writing import Kind
from fund_reports.audit_lines import AuditLine, list_audit_lines
from fund_reports.filters import (
    account_filters,
    class_cost_filters,
    cost_filters,
    move_filters,
)
from fund_reports.papers import name_vouchers, subject_of
from fund_reports.queries.costs import DIMENSIONS, CostSums, narrow_costs, read_costs
from fund_reports.queries.figures import list_moves
from fund_reports.queries.fund_accounts import COLUMN_LABELS, amount_in, list_account
from funding.models import SpecialAudit
from funding.permissions import sees_funds
from funding.queries.audits import list_audits


@dataclass(frozen=True)
class CostRow:
    """A line of the costs: its table, its label, and its sums. `paid` is also of no class."""

    table: str
    label: str
    paid: Any
    sums: CostSums | None


def cost_rows(asked: ListRequest, filters: Filters) -> list[CostRow]:
    """The costs by school, module and format, one below the other; the total is last."""
    report = read_costs(asked, filters)
    tables = {"school": gettext("School"), "module": gettext("Module"), "format": gettext("Format")}
    rows = [
        CostRow(tables[dimension.name], label, sums.paid, sums)
        for dimension in DIMENSIONS
        for _key, label, sums in report.lines(dimension)
    ]
    none = CostRow(gettext("Costs that name no class"), "", report.without_class, None)
    return [*rows, none, CostRow(gettext("Sum"), "", report.paid, report.of_classes)]


def audit_filters(asked: ListRequest) -> Filters:
    """The audit that a file is about, if the person sees it."""
    audit = _find_audit(asked)
    return Filters([fixed_filter("audit", gettext("Audit"), audit, audit.title if audit else "")])


def audit_lines(asked: ListRequest, _filters: Filters) -> list[AuditLine]:
    """All that the person sees of the audit."""
    audit = _find_audit(asked)
    return list_audit_lines(audit, asked.user, asked.today) if audit else []


def _find_audit(asked: ListRequest) -> SpecialAudit | None:
    found = list_audits(asked.user, asked.today).filter(pk=asked.key("audit"))
    return found.select_related("opened_by", "closure__closed_by").first()


def _of_sums(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.sums, name, None)


_SUM_COLUMNS = (
    ExportColumn(_("Person-times"), _of_sums("person_times"), Kind.NUMBER, 12),
    ExportColumn(_("Hours taught"), _of_sums("hours"), Kind.HOURS, 12),
    ExportColumn(_("per class"), _of_sums("per_class"), Kind.HOURS, 14),
    ExportColumn(_("per person-time"), _of_sums("per_person_time"), Kind.HOURS, 14),
    ExportColumn(_("per hour"), _of_sums("per_hour"), Kind.HOURS, 14),
)
_DAY = ExportColumn(_("Posted at"), attrgetter("posted_at"), Kind.MOMENT, 17)
_NUMBER = ExportColumn(_("No."), attrgetter("number"), Kind.NUMBER, 8)
_WHAT = ExportColumn(_("What moved"), lambda row: row.get_kind_display(), width=14)
_SUBJECT = ExportColumn(_("What for"), subject_of, width=40)

EXPORTS = (
    ListExport(
        "fund-moves",
        _("Transactions behind a figure"),
        "fund_reports:moves",
        sees_funds,
        move_filters,
        list_moves,
        (
            ExportColumn(_("School"), lambda row: row.school.name, width=24),
            ExportColumn(_("Channel"), lambda row: row.get_channel_display(), width=12),
            *(_NUMBER, _DAY, _WHAT, _SUBJECT),
            ExportColumn(_("Amount (yuan)"), attrgetter("amount"), Kind.HOURS, 16),
        ),
    ),
    ListExport(
        "cost-figures",
        _("What classes cost"),
        "fund_reports:costs",
        sees_funds,
        cost_filters,
        cost_rows,
        (
            ExportColumn(_("Table"), attrgetter("table"), width=18),
            ExportColumn(_("Line"), attrgetter("label"), width=32),
            ExportColumn(_("Classes"), _of_sums("classes"), Kind.NUMBER, 10),
            ExportColumn(_("Paid (yuan)"), attrgetter("paid"), Kind.HOURS, 16),
            *_SUM_COLUMNS,
        ),
    ),
    ListExport(
        "class-costs",
        _("Classes by cost"),
        "fund_reports:class_costs",
        sees_funds,
        class_cost_filters,
        lambda asked, filters: narrow_costs(read_costs(asked, filters), filters),
        (
            ExportColumn(_("Training class"), attrgetter("training_class.title"), width=36),
            ExportColumn(_("Code"), attrgetter("training_class.code"), width=18),
            ExportColumn(_("School"), attrgetter("training_class.school.name"), width=24),
            ExportColumn(_("Paid (yuan)"), attrgetter("sums.paid"), Kind.HOURS, 16),
            *(_SUM_COLUMNS[0], _SUM_COLUMNS[1], *_SUM_COLUMNS[3:]),
        ),
    ),
    ListExport(
        "fund-account",
        _("Account of a fund"),
        "fund_reports:account",
        sees_funds,
        account_filters,
        list_account,
        (
            *(_NUMBER, _DAY, _WHAT, _SUBJECT),
            ExportColumn(_("Purpose"), lambda row: row.own_legs[0].get_purpose_display(), width=12),
            *(
                ExportColumn(label, partial(amount_in, column=name), Kind.HOURS, 16)
                for name, label in COLUMN_LABELS.items()
            ),
            ExportColumn(pgettext_lazy("of a payment", "vouchers"), name_vouchers, width=60),
            ExportColumn(_("Posted by"), lambda row: str(row.posted_by or ""), width=14),
        ),
    ),
    ListExport(
        "special-audit",
        _("Special audit"),
        "funding:audits",
        sees_funds,
        audit_filters,
        audit_lines,
        (
            ExportColumn(_("Part"), attrgetter("part"), width=18),
            ExportColumn(_("What"), attrgetter("what"), width=40),
            ExportColumn(_("Amount (yuan)"), attrgetter("amount"), Kind.HOURS, 16),
            ExportColumn(_("Text"), attrgetter("text"), width=60),
            ExportColumn(_("Who"), attrgetter("who"), width=14),
            ExportColumn(_("When"), attrgetter("at"), Kind.MOMENT, 17),
        ),
    ),
)

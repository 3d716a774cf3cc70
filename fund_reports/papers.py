"""Papers of the money: costs, the account of a fund, and a special audit.

Tables are those of the pages, so page and paper say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backstage.exports import NOT_NAMED
from config.lib.dates import format_day, format_moment
from config.lib.filters import Filters, ListRequest
from config.lib.hours import format_hours
from config.lib.periods import local_date
from fund_reports.audit_lines import AuditLine
from fund_reports.queries.costs import DIMENSIONS, CostReport, CostSums
from fund_reports.queries.fund_accounts import (
    COLUMN_LABELS,
    COLUMNS,
    AccountSums,
    FundAccount,
    amount_in,
    list_account,
    read_account,
)
from fund_reports.tables import Cell, Line, Table, words, yuan
from funding.models import FundTransaction, SpecialAudit

# The template of `templates/documents/`.
TEMPLATE = "fund_paper"

# The address of what is behind a line: the name of its dimension, or of none, and its key.
type Behind = Callable[[str, str], str]


def cost_tables(report: CostReport, behind: Behind) -> list[Table]:
    """The costs by school, module and format."""
    titles = {
        "school": (_("By school"), _("School")),
        "module": (_("By module"), _("Module")),
        "format": (_("By format"), _("Format")),
    }
    return [
        Table(
            *titles[dimension.name],
            _cost_heads(),
            [
                *(
                    Line(label, _cost_cells(sums, behind(dimension.name, key)))
                    for key, label, sums in report.lines(dimension)
                ),
                *_line_without_class(report, behind),
            ],
            Line(_("Sum"), _cost_cells(report.of_classes, behind("", ""), report)),
        )
        for dimension in DIMENSIONS
    ]


def list_cost_remarks() -> list[str]:
    """How the figures are counted."""
    return [
        _(
            "Payments from the money of the year that stand. The sum is that of the fund ledger;"
            " costs that name no class are a line of their own."
        ),
        _(
            "Classes are those for which something was paid. Person-times are marks present and"
            " late of submitted rolls, hours those of sessions held, both in the year and as in the"
            " annual report."
        ),
        _("Costs per class, person-time and hour are those of the classes, rounded to the fen."),
    ]


def write_costs(report: CostReport, asked: ListRequest, filters: Filters) -> dict[str, Any]:
    """The costs on paper."""
    return _paper(
        _("What classes cost, %(year)s") % {"year": filters.value("year")},
        asked,
        facts=filters.words,
        tables=cost_tables(report, lambda _dimension, _key: ""),
        remarks=list_cost_remarks(),
    )


def table_of_account(account: FundAccount) -> Table:
    """The account by purpose, from the opening to the closing balance."""
    heads = [
        _("opening balance"),
        _("allocated"),
        _("paid"),
        _("closing balance"),
        _("of which bound by costs"),
        _("of which carried over"),
        _("of which available"),
    ]
    lines = [
        Line(capfirst(str(purpose.label)), _account_cells(sums))
        for purpose, sums in account.by_purpose.items()
    ]
    total = Line(_("Sum"), _account_cells(account.total))
    return Table(_("Account by purpose"), _("Purpose"), heads, lines, total)


def table_of_moves(
    account: FundAccount,
    posted: Iterable[FundTransaction],
    behind: Callable[[FundTransaction], str] = lambda _posted: "",
) -> Table:
    """Transactions of the account, with the vouchers of payments; the total is of all."""
    heads = [
        *map(str, COLUMN_LABELS.values()),
        *(_("date"), _("what"), _("subject"), _("purpose"), _("vouchers")),
    ]
    total = Line(_("Sum"), [*map(yuan, account.total.columns), *words([""] * 5)])
    lines = [Line(str(one.number), _move_cells(one), behind(one)) for one in posted]
    widths = (*(0, 0, 0, 0), *(0, 0, 2, 0, 3))
    return Table(_("Transactions"), _("No."), heads, lines, total, words=5, widths=widths)


def list_account_remarks() -> list[str]:
    """How the account is to be read."""
    return [
        _(
            "The closing balance is what was carried in and allocated, less what was paid. A"
            " voucher is named by its kind, its number and the beginning of its digest; plan, roll"
            " and fee sheet of the portal have no number."
        )
    ]


def write_account(asked: ListRequest, filters: Filters) -> dict[str, Any]:
    """The account on paper, with places to sign."""
    account = read_account(asked, filters)
    return _paper(
        title_of_account(filters),
        asked,
        facts=filters.words,
        tables=[
            table_of_account(account),
            table_of_moves(account, list_account(asked, filters)),
        ],
        remarks=list_account_remarks(),
        signatures=[_("Drawn up by"), _("Checked by"), _("Date and seal")],
    )


def title_of_account(filters: Filters) -> str:
    """What the account is called on page and paper."""
    return _("Account of %(school)s, %(channel)s, %(year)s") % {
        "school": filters["school"].words,
        "channel": filters["fund_channel"].words,
        "year": filters.value("year"),
    }


def subject_of(posted: FundTransaction) -> str:
    """What a transaction is about: the document, the cost, or why money was carried over."""
    return str(posted.allocation or posted.commitment or posted.reason)


def name_vouchers(payment: FundTransaction) -> str:
    """The vouchers of a payment: kind, number if uploaded, and the beginning of the digest."""
    return "; ".join(
        f"{one.get_kind_display()}{f' {one.voucher_id}' if one.voucher_id else ''}"
        f" ({one.digest[:6]})"
        for one in payment.vouchers.all()
    )


def write_audit(
    audit: SpecialAudit, lines: Iterable[AuditLine], asked: ListRequest
) -> dict[str, Any]:
    """A special audit on paper: each part with its lines."""
    parts: dict[str, list[AuditLine]] = {}
    for line in lines:
        parts.setdefault(line.part, []).append(line)
    heads = [_("amount (yuan)"), _("text"), _("who"), _("when")]
    return _paper(
        audit.title,
        asked,
        facts=[],
        tables=[
            Table(
                part,
                _("what"),
                heads,
                [
                    Line(
                        line.what,
                        [
                            yuan(line.amount) if line.amount is not None else Cell(""),
                            *words(
                                [
                                    line.text,
                                    line.who,
                                    format_moment(line.at) if line.at else "",
                                ]
                            ),
                        ],
                    )
                    for line in own
                ],
                words=3,
                widths=(2, 0, 3, 0, 0),
            )
            for part, own in parts.items()
        ],
        remarks=[],
        signatures=[_("Auditor"), _("Date and seal")],
    )


def _paper(
    heading: str,
    asked: ListRequest,
    *,
    facts: Iterable[tuple[str, str]],
    tables: Iterable[Table],
    remarks: list[str],
    signatures: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "lang": (get_language() or "zh").partition("-")[0],
        "heading": heading,
        "state": _("As of %(at)s. All amounts in yuan.") % {"at": format_moment(asked.now)},
        "facts": [f"{label}: {text}" for label, text in facts],
        "tables": [table.on_paper() for table in tables if table.lines],
        "remarks": remarks,
        "signatures": signatures or [],
    }


def _cost_heads() -> list[str]:
    return [
        _("classes"),
        _("paid"),
        _("person-times"),
        _("hours taught"),
        _("per class"),
        _("per person-time"),
        _("per hour"),
    ]


def _cost_cells(sums: CostSums, address: str, report: CostReport | None = None) -> list[Cell]:
    """The figures of some classes; of the whole `report`, with what names no class."""
    return [
        Cell(f"{sums.classes:,}", address),
        yuan(report.paid if report else sums.paid, address),
        Cell(f"{sums.person_times:,}", address),
        Cell(format_hours(sums.hours), address),
        yuan(sums.per_class, address),
        yuan(sums.per_person_time, address),
        yuan(sums.per_hour, address),
    ]


def _line_without_class(report: CostReport, behind: Behind) -> list[Line]:
    if not report.without_class:
        return []
    nothing = [Cell("–") for _head in _cost_heads()]
    nothing[1] = yuan(report.without_class, behind("class", NOT_NAMED))
    return [Line(_("Costs that name no class"), nothing)]


def _account_cells(sums: AccountSums) -> list[Cell]:
    return [
        yuan(amount)
        for amount in (
            *(sums.opening, sums.allocated, sums.paid, sums.closing),
            *(sums.bound, sums.carried, sums.available),
        )
    ]


def _move_cells(posted: Any) -> list[Cell]:
    amounts = (amount_in(posted, name) for name in COLUMNS)
    return [
        *(yuan(amount) if amount else Cell("") for amount in amounts),
        *words(
            [
                format_day(local_date(posted.posted_at)),
                posted.get_kind_display(),
                subject_of(posted),
                posted.own_legs[0].get_purpose_display(),
                name_vouchers(posted),
            ]
        ),
    ]

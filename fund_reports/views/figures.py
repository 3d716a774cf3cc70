"""Budget against commitments against payments over a year, and the transactions behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import accumulate

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.filters import Filters
from config.lib.month_charts import Chart, draw_months
from config.lib.paging import WORK_PAGE_SIZE, page_of
from fund_reports.enums import Figure
from fund_reports.filters import figure_filters, months_in_words, move_filters
from fund_reports.queries.figures import (
    BEFORE,
    MONTHS,
    FigureRow,
    FigureSums,
    add_up_figures,
    group,
    list_moves,
    read_figures,
    seen_legs,
    sum_moves,
)
from fund_reports.tables import Cell, Line, Table, yuan
from fund_reports.views.asking import address, ask
from funding.amounts import ZERO
from funding.enums import Purpose
from funding.permissions import fund_page
from schools.enums import FundingChannel
from schools.models import School


@require_safe
@fund_page
def figures(request: PersonRequest) -> HttpResponse:
    """The figures of a year by school, by channel and purpose, and by month."""
    asked, filters = ask(request, figure_filters)
    year = int(filters.value("year"))
    rows = read_figures(seen_legs(asked, filters), year)
    by_month = group(rows, lambda row: row.month)
    context = {
        "filters": filters,
        "year": year,
        "tables": [
            *([] if filters.value("school") else [_by_school(rows, filters)]),
            _by_fund(rows, filters),
            _by_month(by_month, filters),
        ]
        if rows
        else [],
        "chart": _draw(by_month, year, asked.today) if rows else None,
    }
    return render(request, "fund_reports/figures.html", context)


@require_safe
@fund_page
def moves(request: PersonRequest) -> HttpResponse:
    """The transactions behind a figure; each opens its commitment, and that its vouchers."""
    asked, filters = ask(request, move_filters)
    context = {
        "page_obj": page_of(request, list_moves(asked, filters), WORK_PAGE_SIZE),
        "filters": filters,
        "total": sum_moves(asked, filters),
        "export": "fund-moves",
    }
    return render(request, "fund_reports/moves.html", context)


def _heads() -> list[str]:
    return [*(str(figure.label) for figure in Figure), _("paid of the budget (%)")]


def _by_school(rows: list[FigureRow], filters: Filters) -> Table:
    sums = group(rows, lambda row: row.school)
    names = School.objects.filter(pk__in=sums).order_by("code").values_list("pk", "name")
    lines = [
        Line(
            name,
            _cells(sums[key], filters, {"school": key}),
            address("figures", filters.query | {"school": str(key)}),
        )
        for key, name in names
    ]
    return Table(_("By school"), _("School"), _heads(), lines, _total(rows, filters))


def _by_fund(rows: list[FigureRow], filters: Filters) -> Table:
    sums = group(rows, lambda row: (row.channel, row.purpose))
    lines = [
        Line(
            f"{channel.label} · {purpose.label}",
            _cells(
                sums[channel.value, purpose.value],
                filters,
                {"fund_channel": channel.value, "purpose": purpose.value},
            ),
        )
        for channel in FundingChannel
        for purpose in Purpose
        if (channel.value, purpose.value) in sums
    ]
    title = _("By channel and purpose")
    return Table(title, _("Channel and purpose"), _heads(), lines, _total(rows, filters))


def _by_month(by_month: Mapping[int, FigureSums], filters: Filters) -> Table:
    names = months_in_words()
    paid = dict(
        zip(
            MONTHS,
            accumulate(_amount(by_month, month, Figure.PAYMENTS) for month in MONTHS),
            strict=True,
        )
    )
    lines = [
        Line(
            names[month],
            [*_cells(by_month[month], filters, {"fund_month": month})[:-1], yuan(paid[month])],
        )
        for month in MONTHS
        if month in by_month
    ]
    heads = [*_heads()[:-1], _("paid so far")]
    return Table(_("By month"), _("Month"), heads, lines)


def _total(rows: list[FigureRow], filters: Filters) -> Line:
    return Line(_("Sum"), _cells(add_up_figures(rows), filters, {}))


def _cells(sums: FigureSums, filters: Filters, narrowed: Mapping[str, object]) -> list[Cell]:
    query = {**filters.query, **narrowed}
    shown = [
        yuan(amount, address("moves", {"figure": figure.value, **query}))
        for figure, amount in sums.amounts.items()
    ]
    return [*shown, Cell("–" if sums.share is None else f"{sums.share}")]


def _draw(by_month: Mapping[int, FigureSums], year: int, on: date) -> Chart:
    """Commitments and payments so far, below the budget; what came before counts in January."""
    gone = 12 if on.year > year else on.month if on.year == year else 1

    def added(figure: Figure) -> list[Decimal]:
        amounts = [_amount(by_month, month, figure) for month in range(1, gone + 1)]
        amounts[0] += _amount(by_month, BEFORE, figure)
        return amounts

    budget = sum((_amount(by_month, month, Figure.BUDGET) for month in MONTHS), ZERO)
    return draw_months(
        added(Figure.PAYMENTS),
        added(Figure.COMMITMENTS),
        months_gone=gone,
        reached=float(gone),
        claimed=max(budget, ZERO) or None,
        expected=None,
    )


def _amount(by_month: Mapping[int, FigureSums], month: int, figure: Figure) -> Decimal:
    return by_month[month].amounts[figure] if month in by_month else ZERO

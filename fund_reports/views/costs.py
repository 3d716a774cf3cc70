"""What classes cost by school, module and format, on page and paper, and the classes behind it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.filters import Filters
from config.lib.paging import WORK_PAGE_SIZE, page_of
from fund_reports.filters import class_cost_filters, cost_filters
from fund_reports.papers import Behind, cost_tables, list_cost_remarks, write_costs
from fund_reports.queries.costs import add_up_costs, narrow_costs, read_costs
from fund_reports.views.asking import (
    address,
    address_of_costs,
    ask,
    code_of_school,
    narrowed_to,
    print_paper,
)
from funding.permissions import fund_page
from schools.permissions import sees_schools


@require_safe
@fund_page
def costs(request: PersonRequest) -> HttpResponse:
    """Cost per class, per person-time and per hour; each figure opens its classes."""
    asked, filters = ask(request, cost_filters)
    report = read_costs(asked, filters)
    context = {
        "filters": filters,
        "year": filters.value("year"),
        "tables": cost_tables(report, _behind(filters)) if report.paid else [],
        "remarks": list_cost_remarks(),
        "pdf": address("costs_pdf", filters.query),
        "export": "cost-figures",
    }
    return render(request, "fund_reports/costs.html", context)


@require_safe
@fund_page
def costs_pdf(request: PersonRequest) -> HttpResponse:
    """The same on paper."""
    asked, filters = ask(request, cost_filters)
    return print_paper(
        request,
        write_costs(read_costs(asked, filters), asked, filters),
        back=address("costs", filters.query),
        narrowed=narrowed_to(filters),
        school_code=code_of_school(filters),
    )


@require_safe
@fund_page
def class_costs(request: PersonRequest) -> HttpResponse:
    """The classes behind a figure, the dearest first; each opens its costs."""
    asked, filters = ask(request, class_cost_filters)
    rows = narrow_costs(read_costs(asked, filters), filters)
    page = page_of(request, rows, WORK_PAGE_SIZE)
    page.object_list = [
        (
            cost,
            address_of_costs(
                filters, **{"school": cost.school_id, "class": cost.training_class.pk}
            ),
        )
        for cost in page
    ]
    context = {
        "page_obj": page,
        "filters": filters,
        "total": add_up_costs(rows),
        "sees_classes": sees_schools(request.user),
        "export": "class-costs",
    }
    return render(request, "fund_reports/class_costs.html", context)


def _behind(filters: Filters) -> Behind:
    """The addresses of the classes behind a line, and of the costs that name none."""

    def find(name: str, key: str) -> str:
        if name == "class":
            return address_of_costs(filters, **{name: key})
        return address("class_costs", filters.query | ({name: key} if name else {}))

    return find

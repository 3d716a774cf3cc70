"""The account of a school's money of one channel in a year, on page and paper."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.paging import page_of
from fund_reports.filters import account_filters
from fund_reports.papers import (
    list_account_remarks,
    table_of_account,
    table_of_moves,
    title_of_account,
    write_account,
)
from fund_reports.queries.fund_accounts import list_account, read_account
from fund_reports.views.asking import address, ask, code_of_school, narrowed_to, print_paper
from funding.models import FundTransaction
from funding.permissions import fund_page


@require_safe
@fund_page
def account(request: PersonRequest) -> HttpResponse:
    """From the opening to the closing balance; each transaction opens what it is about."""
    asked, filters = ask(request, account_filters)
    found = read_account(asked, filters)
    page = page_of(request, list_account(asked, filters))
    context = {
        "page_obj": page,
        "filters": filters,
        "title": title_of_account(filters),
        "tables": [table_of_account(found), table_of_moves(found, page, _page_of)]
        if found.by_purpose
        else [],
        "remarks": list_account_remarks(),
        "pdf": address("account_pdf", filters.query),
        "export": "fund-account",
    }
    return render(request, "fund_reports/account.html", context)


@require_safe
@fund_page
def account_pdf(request: PersonRequest) -> HttpResponse:
    """The same on paper."""
    asked, filters = ask(request, account_filters)
    return print_paper(
        request,
        write_account(asked, filters),
        back=address("account", filters.query),
        narrowed=narrowed_to(filters),
        school_code=code_of_school(filters),
    )


def _page_of(posted: FundTransaction) -> str:
    if posted.commitment_id is not None:
        return reverse("funding:commitment", args=[posted.commitment_id])
    if posted.allocation_id is not None:
        return reverse("funding:allocation", args=[posted.allocation_id])
    return ""

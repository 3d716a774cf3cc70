"""Branches by month: who has held the themed Party day, and who has not."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.filters import ListRequest
from config.lib.paging import page_of
from schools.permissions import staff_page
from studies import lists
from studies.enums import StudyKind
from studies.filters import SENT, themed_day_filters
from studies.queries.themed_days import months_due, with_days


@require_safe
@staff_page
def themed_days(request: PersonRequest) -> HttpResponse:
    """Branches by month: who has held the themed Party day, and who has not."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = themed_day_filters(asked)
    year = int(filters.value("year"))
    page = page_of(request, lists.branches(asked, filters))
    due = months_due(year, asked.today)
    records = reverse("studies:studies")
    rows = []
    for line in with_days(list(page.object_list), year):
        cells = []
        for month, count in enumerate(line.days, start=1):
            query = {
                "organisation": line.branch.code,
                "study_kind": StudyKind.THEMED_DAY,
                "progress": SENT,
                "year": year,
                "part": f"m{month}",
            }
            address = f"{records}?{urlencode(query)}"
            cells.append((MONTHS[month], count, address, month <= due))
        rows.append((line.branch, cells))
    context = {
        "page_obj": page,
        "rows": rows,
        "filters": filters,
        "months": [capfirst(MONTHS_3[month]) for month in range(1, 13)],
        "year": year,
        "export": "themed-days",
    }
    return render(request, "studies/themed_days.html", context)

"""Pages of one run: its progress, its sums, the results behind them, and what differs from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from backstage.models import Job
from config.lib.filters import Filters, ListRequest
from config.lib.paging import WORK_PAGE_SIZE, page_of
from quotas import run_lists
from quotas.blocker_registry import name_blocked
from quotas.enums import COVERAGES, Measure, ReconciliationState
from quotas.models import MemberResult, ReconciliationPart
from quotas.permissions import sees_district, sets_tasks
from quotas.queries.claim_differences import ClaimDifference
from quotas.queries.results import sum_all
from quotas.queries.runs import SumLine, list_levels, list_runs, school_lines, whole_line
from quotas.reasons import VERDICTS, explain
from quotas.run_filters import (
    claim_difference_filters,
    difference_filters,
    find_run,
    name_run,
    result_filters,
    sum_filters,
)
from quotas.views.progress import address_of_rows
from quotas.views.reconciliations import crumbs_to, is_standing
from schools.filters import OUTSIDE_AREAS
from schools.permissions import staff_page


@require_safe
@staff_page
def run(request: PersonRequest, run_id: int) -> HttpResponse:
    """A run: its progress while it is computed, then its sums by school; the page polls itself."""
    asked = ListRequest(request.user, request.GET, request.now)
    found = get_object_or_404(list_runs(request.user, asked.today), pk=run_id)
    parts = ReconciliationPart.objects.visible_to(request.user, asked.today)
    context: dict[str, Any] = {
        "run": found,
        "title": name_run(found),
        "crumbs": crumbs_to(found.year, name_run(found)),
        "parts": parts.filter(reconciliation=found).select_related("school").order_by("pk"),
        "is_running": found.state == ReconciliationState.RUNNING and not found.is_broken_off,
        "own_job": Job.objects.visible_to(request.user).filter(pk=found.job_id or 0).first(),
        "outside": OUTSIDE_AREAS,
    }
    if request.headers.get("HX-Request"):
        response = render(request, "quotas/run_progress.html", context)
        if not context["is_running"]:  # the page around it has more to show now
            response.headers["HX-Refresh"] = "true"
        return response
    if found.has_results and not context["is_running"]:
        results = MemberResult.objects.visible_to(request.user, asked.today)
        results = results.filter(reconciliation=found)
        lines, whole = school_lines(found, results), whole_line(found, results)
        context |= {
            "lines": lines,
            "whole": whole if lines[1:] else None,
            "levels": list_levels(lines, whole, results),
        }
    # Counted over all schools, so for the district alone.
    context["blocked"] = name_blocked(found.blockers) if sees_district(request.user) else []
    context["may_discard"] = sets_tasks(request.user) and is_standing(found)
    context["may_restart"] = context["may_discard"] and found.is_unattended
    return render(request, "quotas/run.html", context)


@require_safe
@staff_page
def sums(request: PersonRequest) -> HttpResponse:
    """The organisations of a school, or of all, in one run."""
    asked, filters = _ask(request, sum_filters)
    rows = run_lists.sums(asked, filters)
    page = page_of(request, rows, WORK_PAGE_SIZE)
    below = {name: value for name, value in filters.query.items() if name in {"run", "school"}}
    address = reverse("quotas:results")
    results = filters.apply(MemberResult.objects.visible_to(asked.user, asked.today))
    lines = []
    for line in page.object_list:
        query = urlencode(below | {"unit": line.code})
        lines.append(SumLine(line.name, line, f"{address}?{query}", f"{address}?{query}"))
    all_together = sum_all(results)
    context = {
        "page_obj": page,
        "lines": lines,
        "whole": SumLine("", all_together, "", f"{address}?{urlencode(below)}"),
        "export": "organisation-results",
    }
    return _render(request, "quotas/sums.html", filters, context)


@require_safe
@staff_page
def results(request: PersonRequest) -> HttpResponse:
    """The results of members in one run."""
    asked, filters = _ask(request, result_filters)
    rows = run_lists.results(asked, filters)
    page = page_of(request, rows, WORK_PAGE_SIZE)
    context = {
        "page_obj": page,
        "rows": [(row, VERDICTS[row.verdict], explain(row)) for row in page.object_list],
        "whole": sum_all(rows.order_by()),
        "export": "member-results",
    }
    return _render(request, "quotas/results.html", filters, context)


@require_safe
@staff_page
def differences(request: PersonRequest) -> HttpResponse:
    """The members whose result differs between two runs of a year."""
    asked, filters = _ask(request, difference_filters)
    context = {
        "page_obj": page_of(request, run_lists.differences(asked, filters), WORK_PAGE_SIZE),
        "beside": filters["beside"].words,
        "export": "run-differences",
    }
    return _render(request, "quotas/differences.html", filters, context)


@require_safe
@staff_page
def claim_differences(request: PersonRequest) -> HttpResponse:
    """What the schools claimed, beside what a run found."""
    asked, filters = _ask(request, claim_difference_filters)
    page = page_of(request, run_lists.claim_differences(asked, filters), WORK_PAGE_SIZE)
    context = {
        "page_obj": page,
        "rows": [(row, _rows_behind(row, filters)) for row in page.object_list],
        "now": asked.now,
        "export": "claim-differences",
    }
    return _render(request, "quotas/claim_differences.html", filters, context)


def _rows_behind(row: ClaimDifference, filters: Filters) -> str:
    """The rows behind a result: those of the run for shares of members, else live ones."""
    line, school = row.line, row.school.pk if row.school else ""
    if line.measure not in COVERAGES:
        return address_of_rows(line, line.task.year, school)
    result = "trained" if line.measure == Measure.TRAINED else "met"
    query = {
        "run": filters.value("run"),
        "school": school,
        "audience": line.audience,
        "result": result,
    }
    chosen = {name: value for name, value in query.items() if value}
    return f"{reverse('quotas:results')}?{urlencode(chosen)}"


def _ask(request: PersonRequest, read: Any) -> tuple[ListRequest, Filters]:
    asked = ListRequest(request.user, request.GET, request.now)
    return asked, read(asked)


def _render(
    request: PersonRequest, template: str, filters: Filters, context: dict[str, Any]
) -> HttpResponse:
    found = find_run(filters)
    name = name_run(found) if found else ""
    return render(request, template, context | {"filters": filters, "run": found, "name": name})

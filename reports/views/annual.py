"""The annual report, on screen and on paper, and the lists that its figures open."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.papers import MEDIA_TYPE as PDF
from backstage.views import attach
from config.lib.bars import split_bar
from config.lib.documents import DocumentError, set_document
from config.lib.filters import Filters, ListRequest
from config.lib.hours import ZERO, format_hours
from config.lib.month_charts import Chart, draw_months
from config.lib.paging import WORK_PAGE_SIZE, page_of
from quotas.queries.deliveries import Delivered
from reports import report_lists
from reports.actions.printing import record_report
from reports.queries.annual import DIMENSIONS, AnnualReport, read_report, read_sessions
from reports.report_exports import DELIVERY_COLUMNS, STANDING_COLUMNS
from reports.report_filters import report_filters, session_filters
from reports.report_paper import TEMPLATE, list_remarks, state_of, title_of, write_paper
from schools.permissions import staff_page

# The list with the rows of a figure; hours and sessions alike are those of the sessions.
_MEMBERS_BEHIND = "members"
# What narrows the list of results to a figure about members.
_RESULTS = {"members": "", "counted": "counted", "met": "met", "exempt": "exempt", "out": "out"}


@require_safe
@staff_page
def report(request: PersonRequest) -> HttpResponse:
    """The year of the network in tables; every number opens its rows."""
    asked, filters = _ask(request, report_filters)
    found = read_report(asked, filters)
    context = {
        "filters": filters,
        "report": found,
        "title": title_of(found),
        "state": state_of(found),
        "remarks": list_remarks(),
        "tables": [_table(found, dimension, filters) for dimension in DIMENSIONS],
        "standings": [_standings(found, name, filters) for name in report_lists.STANDING_BY],
        "strands": _draw_strands(found),
        "trend": _draw_months(found),
        "query": urlencode(filters.query),
        "export": "annual-report",
    }
    return render(request, "reports/report.html", context)


@require_safe
@staff_page
def report_pdf(request: PersonRequest) -> HttpResponse:
    """The report on paper; printing it is audited."""
    asked, filters = _ask(request, report_filters)
    found = read_report(asked, filters)
    try:
        pdf = set_document(TEMPLATE, write_paper(found))
    except DocumentError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('reports:report')}?{urlencode(filters.query)}")
    name = f"{title_of(found)}.pdf"
    record_report(report=found, name=name, by=Actor.of_request(request), at=asked.now)
    return attach(HttpResponse(pdf, content_type=PDF), name)


@require_safe
@staff_page
def sessions(request: PersonRequest) -> HttpResponse:
    """The sessions behind a figure of the report."""
    asked, filters = _ask(request, session_filters)
    rows = report_lists.report_sessions(asked, filters)
    context = {
        "page_obj": page_of(request, rows, WORK_PAGE_SIZE),
        "filters": filters,
        "title": _("Sessions of the annual report"),
        "hours": sum((row.hours for row in rows), ZERO),
        "times": sum(row.delivered.person_times for row in rows),
        "export": "report-sessions",
    }
    return render(request, "reports/report_sessions.html", context)


@require_safe
@staff_page
def members(request: PersonRequest) -> HttpResponse:
    """The distinct members behind a figure of the report."""
    asked, filters = _ask(request, session_filters)
    context = {
        "page_obj": page_of(request, report_lists.report_members(asked, filters), WORK_PAGE_SIZE),
        "filters": filters,
        "export": "report-members",
    }
    return render(request, "reports/report_members.html", context)


def _ask(request: PersonRequest, read: Any) -> tuple[ListRequest, Filters]:
    asked = ListRequest(request.user, request.GET, request.now)
    return asked, read(asked)


def _table(report: AnnualReport, dimension: Any, filters: Filters) -> dict[str, Any]:
    """The lines of one dimension, each figure with the address of its rows."""

    def cells(line: Any, narrowed: dict[str, str]) -> list[Any]:
        query = urlencode(filters.query | narrowed)
        return [
            (
                getattr(line, name),
                kind.value,
                f"{reverse(_page_behind(name))}?{query}",
                capfirst(str(label)),
            )
            for name, label, kind in DELIVERY_COLUMNS
        ]

    return {
        "name": dimension.name,
        "label": capfirst(str(dimension.label)),
        "heads": [capfirst(str(label)) for _name, label, _kind in DELIVERY_COLUMNS],
        "lines": [
            (line.label, cells(line, {dimension.name: line.key}))
            for line in report.lines(dimension)
        ],
        "total": cells(report.total, {}),
    }


def _page_behind(figure: str) -> str:
    return "reports:report_members" if figure == _MEMBERS_BEHIND else "reports:report_sessions"


def _standings(report: AnnualReport, dimension: str, filters: Filters) -> dict[str, Any]:
    """How members stand by school or audience, each number with the address of its members."""

    def cells(standing: Any, narrowed: dict[str, str]) -> list[Any]:
        return [
            (
                getattr(standing, name),
                kind.value,
                _members_behind(report, name, filters.query | narrowed),
                capfirst(str(label)),
            )
            for name, label, kind in STANDING_COLUMNS
        ]

    label = next(one.label for one in DIMENSIONS if one.name == dimension)
    return {
        "label": capfirst(str(label)),
        "heads": [capfirst(str(head)) for _name, head, _kind in STANDING_COLUMNS],
        "lines": [
            (line.label, cells(line.standing, {dimension: line.key}))
            for line in report.standing_lines(dimension)
        ],
        "total": cells(report.standing, {}),
    }


def _members_behind(report: AnnualReport, figure: str, query: dict[str, str]) -> str:
    """The frozen results behind a number of members, or for an open year the members themselves."""
    if figure not in _RESULTS:
        return ""
    chosen = {name: query[name] for name in ("school", "audience") if query.get(name)}
    verdict = _RESULTS[figure]
    if report.run:
        chosen |= {"run": str(report.run.pk)} | ({"result": verdict} if verdict else {})
        return f"{reverse('quotas:results')}?{urlencode(chosen)}"
    chosen |= {"year": str(report.year)} | ({"outcome": verdict} if verdict else {})
    return f"{reverse('years:members')}?{urlencode(chosen)}"


def _draw_strands(report: AnnualReport) -> Any:
    """The hours taught by strand, as a bar."""
    strand = next(one for one in DIMENSIONS if one.name == "strand")
    lines = [line for line in report.lines(strand) if line.taught]
    whole = sum((line.taught for line in lines), ZERO)
    return split_bar(
        [(line.label, line.taught, _share(line.taught, whole)) for line in lines], whole
    )


def _share(part: Decimal, whole: Decimal) -> str:
    words = {"hours": format_hours(part), "share": round(part * 100 / whole, 1)}
    return _("%(hours)s (%(share)s %%)") % words


def _draw_months(report: AnnualReport) -> Chart | None:
    """The person-times by month beside the year before, added up; None if there are none."""
    keys = [school.pk for school in report.schools]
    former = read_sessions(report.year - 1, keys, report.now)
    added, before = _by_month(report.sessions), _by_month(former)
    if not any((*added, *before)):
        return None
    gone = max((one.held_on.month for one in report.sessions), default=0)
    return draw_months(
        added, before, months_gone=gone, reached=float(gone), claimed=None, expected=None
    )


def _by_month(sessions: list[Delivered]) -> list[Decimal]:
    times = Counter[int]()
    for one in sessions:
        times[one.held_on.month] += one.person_times
    return [Decimal(times[month]) for month in range(1, 13)]

"""The overview, and the lists that its figures open."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from config.lib.filters import Filters, ListRequest
from config.lib.paging import page_of
from config.lib.resident_ids import holds_resident_id
from config.lib.years import day_of_judgement
from hours.models import LedgerCheck
from hours.queries.requirements import Outcome, is_anything_owed
from schools.filters import OUTSIDE
from schools.permissions import staff_page
from years import lists
from years.figures import OF_ORGANISATIONS, OF_SCHOOLS
from years.filters import (
    attendance_filters,
    class_filters,
    clock_filters,
    entry_filters,
    member_filters,
    organisation_figures_filters,
    overview_filters,
)
from years.queries.overview import SchoolFigures
from years.views.figure_table import FigureTable, Line

# The number of overdue rolls named below the figures; the list of sessions has all of them.
ROLLS_NAMED = 10


def _for_staff(
    view: Callable[[PersonRequest, ListRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A list for staff of schools and the district, narrowed by the query string."""

    @require_safe
    @staff_page
    @wraps(view)
    def wrapped(request: PersonRequest) -> HttpResponse:
        if any(holds_resident_id(value) for value in request.GET.dict().values()):
            # URLs end up in logs and histories, which must not contain ID numbers.
            messages.warning(
                request, _("Search by name or number: an ID number does not belong in an address.")
            )
            return redirect(request.path)
        return view(request, ListRequest(request.user, request.GET, request.now))

    return wrapped


@_for_staff
def overview(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """Each school's year; every figure links to its rows."""
    filters = overview_filters(asked)
    figures, total = lists.school_figures(asked, filters)
    table = FigureTable(OF_SCHOOLS, filters)
    table.lines = [_school_line(table, row, row.school_id) for row in figures]
    if total:
        table.total = _school_line(table, total, "")
    context = {
        "table": table,
        "check": LedgerCheck.objects.first(),
        "overdue": list(lists.overdue_rolls(asked, filters)[: ROLLS_NAMED + 1]),
        "rolls_named": ROLLS_NAMED,
        "export": "schools",
    }
    return _render_figures(request, "overview", asked, filters, context)


def _school_line(table: FigureTable, row: SchoolFigures, school_id: object) -> Line:
    scope = [("school", OUTSIDE if row.is_outside else school_id)]
    # Only the lists of members hold those outside every school's area.
    pages = {"years:members"} if row.is_outside else None
    return table.line(row, scope, address=table.below(scope), pages=pages)


@_for_staff
def organisation_figures(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """The year of the organisations directly below one, or below the district committee."""
    filters = organisation_figures_filters(asked)
    organisation = filters["organisation"]
    table = FigureTable(OF_ORGANISATIONS, filters)
    for row in lists.organisation_figures(asked, filters):
        scope = [("school", filters.value("school")), ("organisation", row.code)]
        is_itself = row.has_below and row.stands_above
        address = table.below(scope) if row.has_below and not is_itself else ""
        table.lines.append(table.line(row, scope, address=address, is_itself=is_itself))
    context = {
        "table": table,
        "organisation": organisation,
        "crumbs": _crumbs(asked, filters),
        "export": "organisations",
    }
    return _render_figures(request, "organisation_figures", asked, filters, context)


def _crumbs(asked: ListRequest, filters: Filters) -> list[dict[str, str]]:
    """Breadcrumbs: the schools, the parent organisation, this page."""
    query = filters.query
    organisation = query.pop("organisation", "")
    other_parameters = {name: value for name, value in query.items() if name != "school"}
    here = reverse("years:overview_organisations")
    crumbs = [
        {
            "label": _("Overview by school"),
            "url": f"{reverse('years:overview')}?{urlencode(other_parameters)}",
        }
    ]
    if organisation:
        every = {"label": _("Party organisations"), "url": f"{here}?{urlencode(query)}"}
        crumbs.append(every)
    above = lists.organisation_above(asked, filters)
    if above:
        address = f"{here}?{urlencode({**query, 'organisation': above.code})}"
        crumbs.append({"label": above.name, "url": address})
    chosen = getattr(filters["organisation"], "chosen", None)
    return [*crumbs, {"label": str(chosen or _("Party organisations")), "url": ""}]


def _render_figures(
    request: PersonRequest, name: str, asked: ListRequest, filters: Filters, context: dict[str, Any]
) -> HttpResponse:
    """A page of figures; its links carry the filters."""
    context |= {
        "filters": filters,
        "year": filters.value("year"),
        "is_over": int(filters.value("year")) < asked.today.year,
        "now": asked.now,
    }
    return render(request, f"years/{name}.html", context)


@_for_staff
def classes(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """Classes with a finished session in the year."""
    filters = class_filters(asked)
    return _render_list(request, "classes", filters, lists.classes(asked, filters))


@_for_staff
def attendances(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """Attendances (person-times): marks *present* or *late* of submitted rolls."""
    filters = attendance_filters(asked)
    return _render_list(request, "attendances", filters, lists.attendances(asked, filters))


@_for_staff
def attendees(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """Distinct members behind the attendances, each with the number of times."""
    filters = attendance_filters(asked)
    return _render_list(request, "attendees", filters, lists.attendees(asked, filters))


@_for_staff
def entries(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """Rows of the credit-hour ledger, reversals included, and their sum."""
    filters = entry_filters(asked)
    rows = lists.entries(asked, filters)
    return _render_list(request, "entries", filters, rows, total=rows.sum_hours())


@_for_staff
def members(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """Members of the schools that the user may see, with verdicts, by name or organisation."""
    filters = member_filters(asked)
    rows = lists.members(asked, filters)
    may_be_helped = filters.value("outcome") == Outcome.NOT_YET_DUE
    helping = lists.helping(asked, filters) if may_be_helped else []
    # There is no verdict on a day without a rule.
    is_judged = len(rows) > 0 or is_anything_owed(
        day_of_judgement(int(filters.value("year")), asked.today)
    )
    may_add = holds_any(request.user, Role.ORGANISATION_DEPARTMENT)
    more = {"helping": helping, "is_judged": is_judged, "may_add": may_add}
    return _render_list(request, "members", filters, rows, **more)


@_for_staff
def clocks(request: PersonRequest, asked: ListRequest) -> HttpResponse:
    """Trainings that new secretaries and new members owe within some months."""
    filters = clock_filters(asked)
    return _render_list(request, "clocks", filters, lists.clocks(asked, filters))


def _render_list(
    request: PersonRequest, name: str, filters: Filters, rows: Any, **more: object
) -> HttpResponse:
    page = page_of(request, rows)
    context = {
        "page_obj": page,
        "filters": filters,
        "year": filters.value("year"),
        "organisation": next((item for item in filters.items if item.name == "organisation"), None),
        "export": name,
        **more,
    }
    return render(request, f"years/{name}.html", context)

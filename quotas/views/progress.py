"""Pages of the year: claimed against actual, and warnings."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.filters import ListRequest
from config.lib.month_charts import draw_months
from config.lib.pages import address_of
from config.lib.paging import page_of
from courses.models import Module
from quotas import lists
from quotas.enums import COVERAGES, Measure
from quotas.filters import progress_filters, warning_filters
from quotas.models import TaskLine
from quotas.queries.months import list_months
from quotas.queries.progress import Progress, lines_of
from schools.enums import Audience
from schools.filters import chosen_schools, holds_outside
from schools.permissions import staff_page

# What narrows the list with the rows of a measure.
_NARROWED: dict[str, dict[str, str]] = {
    Measure.TRAINING_HOURS: {"category": "concentrated"},
    Measure.TRAINED: {"outcome": "trained"},
    Measure.ON_TARGET: {"outcome": "met"},
}
# What a month adds to these is what its rows show; a class or member of two months counts once.
_BY_MONTH = (Measure.PERSON_TIMES, Measure.TRAINING_HOURS, Measure.HOURS)


@require_safe
@staff_page
def progress(request: PersonRequest) -> HttpResponse:
    """Claimed against actual, of the year's lines, and of one of them in all its parts."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = progress_filters(asked)
    year = int(filters.value("year"))
    lines = lines_of(year)
    context: dict[str, Any] = {"filters": filters, "year": year, "now": asked.now}
    if lines:
        schools = chosen_schools(asked, filters)
        standing = Progress(schools, year, asked.now, outside=holds_outside(asked, filters))
        chosen = next((one for one in lines if one.code == filters.value("task_line")), lines[0])
        school = filters.value("school")
        context |= {
            "lines": [
                (line, standing.of_line(line), address_of_rows(line, year, school), line == chosen)
                for line in lines
            ],
            "chosen": chosen,
            "schools": _by_school(standing, chosen, year) if len(schools) > 1 else [],
            "parts": _by_audience(standing, chosen, year, school),
            "part_heads": [_("all modules"), *standing.modules]
            if _has_modules(chosen)
            else [_("all modules")],
            "trend": _trend(standing, chosen, asked, school),
            "is_over": standing.is_over,
            "query": urlencode({"year": year, **({"school": school} if school else {})}),
        }
    return render(request, "quotas/progress.html", context)


def address_of_rows(line: TaskLine, year: int, school: object = "", *, part: str = "") -> str:
    """The list with the rows behind the figure of a line."""
    return _rows(line.measure, year, school, line.audience, line.module, part=part)


def _rows(
    measure: str,
    year: int,
    school: object,
    audience: str,
    module: Module | None,
    *,
    part: str = "",
) -> str:
    query = {
        "school": school,
        "year": year,
        **_NARROWED.get(measure, {}),
        "audience": audience,
        "module": module.code if module else "",
        "part": part,
    }
    chosen = {name: value for name, value in query.items() if value}
    return f"{_list_of(measure)}?{urlencode(chosen)}"


def _list_of(measure: str) -> str:
    """The list with the rows of a measure."""
    if measure == Measure.EVENTS:
        return address_of("classes")
    if measure == Measure.PERSON_TIMES:
        return address_of("attendances")
    if measure == Measure.MEMBERS:
        return address_of("attendees")
    return address_of("members") if measure in COVERAGES else address_of("entries")


def _by_school(standing: Progress, chosen: TaskLine, year: int) -> list[dict[str, Any]]:
    return [
        {
            "school": school,
            "standing": standing.of_school(chosen, school),
            "address": address_of_rows(chosen, year, school.pk),
        }
        for school in standing.schools
    ]


def _has_modules(chosen: TaskLine) -> bool:
    return chosen.measure not in {Measure.HOURS, *COVERAGES}


def _by_audience(
    standing: Progress, chosen: TaskLine, year: int, school: str
) -> list[dict[str, Any]]:
    measure = chosen.measure
    return [
        {
            "label": Audience(audience).label if audience else _("all members"),
            "cells": [
                (
                    value,
                    _rows(measure, year, school, audience, module),
                    module or _("all modules"),
                )
                for module, value in cells[: None if _has_modules(chosen) else 1]
            ],
        }
        for audience, cells in standing.by_audience(measure)
    ]


def _trend(
    standing: Progress, chosen: TaskLine, asked: ListRequest, school: str
) -> dict[str, Any] | None:
    """The chosen line by month beside the year before; None for shares of members."""
    if chosen.measure in COVERAGES:
        return None
    year, keys = standing.year, [one.pk for one in standing.schools]
    of_line = (chosen.measure, chosen.audience, chosen.module_id)
    added, before = (
        list_months(*of_line, school_ids=keys, year=one, now=asked.now) for one in (year, year - 1)
    )
    gone = 12 if standing.is_over else standing.on.month
    whole = standing.of_line(chosen)
    of_year = (date(year, 12, 31) - date(year, 1, 1)).days + 1
    chart = draw_months(
        added,
        before,
        months_gone=gone,
        reached=12 * standing.on.timetuple().tm_yday / of_year,
        claimed=whole.claimed,
        expected=whole.expected,
    )
    return {
        "chart": chart,
        "months": _months(chosen, added, before, gone=gone, year=year, school=school),
    }


def _months(
    chosen: TaskLine, added: list[Any], before: list[Any], *, gone: int, year: int, school: str
) -> list[dict[str, Any]]:
    rows, total, former = [], 0, 0
    for month in range(1, 13):
        total, former = total + added[month - 1], former + before[month - 1]
        part = f"m{month}"
        opens = chosen.measure in _BY_MONTH
        rows.append(
            {
                "name": MONTHS[month],
                "added": added[month - 1] if month <= gone else None,
                "total": total if month <= gone else None,
                "before": before[month - 1],
                "former": former,
                "address": address_of_rows(chosen, year, school, part=part) if opens else "",
                "address_before": address_of_rows(chosen, year - 1, school, part=part)
                if opens
                else "",
            }
        )
    return rows


@require_safe
@staff_page
def warnings(request: PersonRequest) -> HttpResponse:
    """Warnings that were given to schools and members."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = warning_filters(asked)
    context = {
        "page_obj": page_of(request, lists.warnings(asked, filters)),
        "filters": filters,
        "export": "shortfall-warnings",
    }
    return render(request, "quotas/warnings.html", context)

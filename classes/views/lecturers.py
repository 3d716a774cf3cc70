"""Lecturers for the staff of schools and district: the list, a lecturer, their sessions."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.requests import PersonRequest
from classes import lists
from classes.filters import lecturer_filters, teaching_filters
from classes.queries.engagements import list_taught_courses, with_taught
from classes.queries.lecturers import find_feedback, list_load_months
from config.lib.filters import ListRequest
from config.lib.hours import ZERO
from config.lib.paging import page_of
from courses.models import Session
from courses.queries.loads import sum_loads
from instructors.models import AppointmentLetter, Instructor
from instructors.queries.rules import warned_until
from schools.permissions import sees_schools, staff_page

SESSIONS_SHOWN = 10


@require_safe
@staff_page
def lecturers(request: PersonRequest) -> HttpResponse:
    """The lecturers of the three corps, with what they teach and their load."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = lecturer_filters(asked)
    context = {
        "page_obj": page_of(request, lists.lecturers(asked, filters)),
        "filters": filters,
        "year": filters.value("year"),
        "export": "lecturers",
    }
    return render(request, "classes/lecturers.html", context)


@require_safe
@everyone_page
def lecturer(request: PersonRequest, instructor_id: int) -> HttpResponse:
    """A lecturer: their facts, what they teach, their load, and the next sessions in sight."""
    on, user = request.today, request.user
    found = _get(request, instructor_id)
    year = teaching_filters(ListRequest(user, request.GET, request.now)).value("year")
    letters = AppointmentLetter.objects.visible_to(user, on).filter(instructor=found)
    coming = lists.in_sight(user, on, found).to_be_held().filter(ends_at__gt=request.now)
    shown = coming.select_related("training_class__school", "course", "venue")
    load = sum_loads([found.pk], int(year))[found.pk]
    context = {
        "lecturer": found,
        "letters": letters.with_state(on).order_by("-period"),
        "courses": list_taught_courses(found, on),
        "sees_menu": sees_schools(user),
        "is_own": found.user_id == user.pk,
        "year": int(year),
        "years": range(on.year - 1, on.year + 2),
        "load": load,
        "months": list_load_months(load, int(year)),
        "feedback": find_feedback(found.pk, on),
        "coming": shown.order_by("starts_at", "pk")[:SESSIONS_SHOWN],
        "keeps_days": Instructor.objects.kept_by(user, on).filter(pk=found.pk).exists(),
        "now": on,
        "crumbs": _crumbs(request, found.name),
    }
    return render(request, "classes/lecturer.html", context)


@require_safe
@everyone_page
def sessions(request: PersonRequest, instructor_id: int) -> HttpResponse:
    """The sessions behind the figures of a lecturer; those of other schools are summed only."""
    found = _get(request, instructor_id)
    asked = ListRequest(request.user, request.GET, request.now)
    filters = teaching_filters(asked)
    rows = lists.sessions_of_lecturer(asked, filters, found)
    whole = filters.apply(Session.objects.filter(instructor=found)).to_be_held()
    context = {
        "lecturer": found,
        "page_obj": page_of(request, with_taught(rows)),
        "filters": filters,
        "sums": _sum(rows.to_be_held()),
        "elsewhere": _sum(whole.exclude(pk__in=rows.order_by().values("pk"))),
        "is_own": found.user_id == request.user.pk,
        "now": asked.now,
        "crumbs": _crumbs(request, _("Sessions"), found),
    }
    return render(request, "classes/lecturer_sessions.html", context)


def _sum(rows: Any) -> dict[str, Any]:
    sums = rows.order_by().aggregate(n=Count("pk"), hours=Sum("hours"))
    return {"n": sums["n"], "hours": sums["hours"] or ZERO}


def _get(request: PersonRequest, instructor_id: int) -> Instructor:
    on = request.today
    known = Instructor.objects.known_to(request.user, on)
    shown = known.with_letter_standing(on, warned_until(on))
    return get_object_or_404(
        shown.select_related("home_township", "nominated_by"), pk=instructor_id
    )


def _crumbs(
    request: PersonRequest, label: str, found: Instructor | None = None
) -> list[dict[str, str]]:
    """The way to a page of a lecturer; lecturers themselves come from what they teach."""
    top = {"label": _("Lecturers"), "url": reverse("classes:lecturers")}
    if not sees_schools(request.user):
        top = {"label": _("My teaching"), "url": reverse("classes:my_teaching")}
    above = []
    if found is not None:
        above = [{"label": found.name, "url": reverse("classes:lecturer", args=[found.pk])}]
    return [top, *above, {"label": label, "url": ""}]

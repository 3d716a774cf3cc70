"""The dashboard, and the lists that its figures open."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.hours import ZERO
from config.lib.periods import local_date
from config.lib.resident_ids import holds_resident_id
from courses.models import Session, TrainingClass
from schools.models import School
from schools.permissions import require_staff
from trainees.enums import ATTENDED, RollState
from trainees.models import Attendance, CreditEntry, LedgerCheck
from trainees.queries.dashboard import SchoolFigures, list_figures, sum_figures
from trainees.queries.members import MemberLines
from trainees.views.filters import (
    Filters,
    attendance_filters,
    chosen_schools,
    class_filters,
    entry_filters,
    member_filters,
    school_filter,
    year_filter,
)
from trainees.views.rolls import PAGE_SIZE


@require_safe
def dashboard(request: PersonRequest) -> HttpResponse:
    """Each school's year; every figure opens down to its rows."""
    require_staff(request)
    now = timezone.now()
    filters = Filters([school_filter(request, now, None), year_filter(request, now)])
    schools = chosen_schools(request, filters, now)
    year = int(filters.value("year"))
    figures = list_figures(schools, year, now)
    context = {
        "filters": filters,
        "year": filters.value("year"),
        "figures": figures,
        "total": sum_figures(figures, _name_of_total(figures, year)) if figures[1:] else None,
        "check": LedgerCheck.objects.first(),
        "now": now,
    }
    return render(request, "trainees/dashboard.html", context)


def _name_of_total(figures: list[SchoolFigures], year: int) -> str:
    """The sum of all schools is the district's; anything less says of how many it is."""
    if len(figures) == School.objects.in_year(year).count():
        return _("All schools")
    return _("These %(n)d schools") % {"n": len(figures)}


@require_safe
def classes(request: PersonRequest) -> HttpResponse:
    """Classes of which a session is over in the year."""
    require_staff(request)
    now = timezone.now()
    filters = class_filters(request, now)
    over = Session.objects.in_year(int(filters.value("year"))).over_by(now)
    rows = (
        filters.apply(TrainingClass.objects.visible_to(request.user, local_date(now)))
        .filter(sessions__in=over)
        .select_related("school", "module")
        .annotate(
            held=Count("sessions", distinct=True),
            last_on=Max("sessions__held_on"),
            missing=Count(
                "sessions",
                filter=~Q(sessions__roll__state=RollState.SUBMITTED)
                | Q(sessions__roll__isnull=True),
                distinct=True,
            ),
        )
        .order_by("-last_on", "-id")
    )
    return _render_list(request, "classes", rows, filters)


@require_safe
def attendances(request: PersonRequest) -> HttpResponse:
    """Person-times: marks *present* or *late* of submitted rolls."""
    require_staff(request)
    filters = attendance_filters(request, timezone.now())
    rows = (
        _person_times(request, filters)
        .select_related(
            "member", "organisation", "session__training_class__school", "session__venue"
        )
        .order_by("-session__held_on", "session_id", "member__name_pinyin", "id")
    )
    return _render_list(request, "attendances", rows, filters)


@require_safe
def attendees(request: PersonRequest) -> HttpResponse:
    """Distinct members behind the person-times, each with how often."""
    require_staff(request)
    filters = attendance_filters(request, timezone.now())
    rows = (
        _person_times(request, filters)
        .values("member_id", number=F("member__number"), name=F("member__name"))
        .annotate(times=Count("id"), last_on=Max("session__held_on"))
        .order_by("member__name_pinyin", "member_id")
    )
    return _render_list(request, "attendees", rows, filters)


def _person_times(request: PersonRequest, filters: Filters) -> QuerySet:
    on = local_date(timezone.now())
    rows = Attendance.objects.visible_to(request.user, on).filter(
        status__in=ATTENDED, session__roll__state=RollState.SUBMITTED
    )
    return filters.apply(rows)


@require_safe
def entries(request: PersonRequest) -> HttpResponse:
    """Rows of the credit-hour ledger, reversals included."""
    require_staff(request)
    now = timezone.now()
    filters = entry_filters(request, now)
    visible = CreditEntry.objects.visible_to(request.user, local_date(now))
    narrowed = filters.apply(visible)
    total = narrowed.aggregate(total=Sum("hours", default=ZERO))["total"]
    rows = narrowed.select_related("member", "organisation", "school", "posted_by")
    return _render_list(
        request,
        "entries",
        rows.order_by("-occurred_on", "-id"),
        filters,
        total=total,
    )


@require_safe
def members(request: PersonRequest) -> HttpResponse:
    """Members of the schools in sight with their verdicts, by name."""
    require_staff(request)
    if holds_resident_id(request.GET.get("q", "")):
        # An address ends up in logs and histories, where no ID number may stand.
        messages.warning(
            request, _("Search by name or number: an ID number does not belong in an address.")
        )
        return redirect("trainees:members")
    now = timezone.now()
    filters = member_filters(request, now)
    rows = MemberLines(
        school_ids=[school.pk for school in chosen_schools(request, filters, now)],
        year=int(filters.value("year")),
        on=local_date(now),
        outcome=filters.value("outcome"),
        text=filters.search or "",
        organisation_id=int(filters.value("organisation"))
        if filters.value("organisation")
        else None,
    )
    return _render_list(request, "members", rows, filters)


def _render_list(
    request: PersonRequest, name: str, rows: Sequence | QuerySet, filters: Filters, **extra: object
) -> HttpResponse:
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "filters": filters, "year": filters.value("year"), **extra}
    return render(request, f"trainees/{name}.html", context)

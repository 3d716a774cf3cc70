"""The plan of a school for a year: courses by month, filled by a form or from the year before."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from accounts.requests import PersonRequest
from backstage.submissions import carry_out_once
from config.lib.filters import ListRequest
from config.lib.hours import ZERO
from config.lib.methods import read_or_write, write_only
from config.lib.years import FIRST_YEAR, first_month_left
from courses.errors import CoursesError
from courses.menu_forms import AdviceForm, CardForm, WishForm
from courses.mix import Verdict
from courses.models import Course, PlannedCourse
from courses.permissions import plans_classes
from courses.plan_actions import (
    Wish,
    change_planned_course,
    copy_year_plan,
    drop_planned_course,
    follow_advice,
    plan_course,
)
from courses.queries.year_plans import PlanLine, list_plan_lines, list_year_mixes
from courses.views.mix import list_audiences, tabulate
from schools.models import School
from schools.permissions import is_clerk_of, staff_page
from schools.views.acting import acting
from schools.views.schools import crumbs_to


@read_or_write
@staff_page
def year_plan(request: PersonRequest, school_id: int) -> HttpResponse:
    """The plan by month with its mix; the school and the academic officer add courses."""
    school = _get_school(request, school_id)
    year, is_open = _year_asked(request)
    may_plan = is_open and plans_classes(request.user, school.pk, request.today)
    first = first_month_left(year, request.today)
    form = WishForm(request.POST or None, year=year, month=first) if may_plan else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            try:
                wish = Wish(**form.wish)
                row = plan_course(school=school, year=year, wish=wish, **acting(request))
                text = _("%(course)s is in the plan of %(month)s, %(n)d × in all.")
                messages.success(request, text % _facts(row))
                return redirect(_address(school, year, row))
            except CoursesError as error:
                form.refuse(error)
    lines = list_plan_lines(school, year)
    mixes = list_year_mixes(school, lines, year, today=request.today)
    title = _("Plan of %(year)s") % {"year": year}
    context = {
        "school": school,
        "title": title,
        "year": year,
        "years": [
            one for one in (year - 1, year, year + 1) if FIRST_YEAR <= one <= request.today.year + 1
        ],
        "lines": lines,
        "months": _by_month(lines),
        "first_month": first,
        "open_months": {first, ListRequest(request.user, request.GET, request.now).key("month")},
        "tables": [(tabulate(mix), mix.intended.verdict is Verdict.OUTSIDE) for mix in mixes],
        "by_audience": list_audiences(mixes),
        "may_book": is_open and is_clerk_of(request.user, school.pk, request.today),
        "form": form,
        "menu": _menu_of(form) if form else (),
        "may_plan": may_plan,
        "advice_key": uuid4(),
        "crumbs": crumbs_to(title, school=school),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "courses/year_plan.html", context, status=status)


@write_only
@staff_page
def copy(request: PersonRequest, school_id: int) -> HttpResponse:
    """Copy the plan of the year before, or its sessions."""
    school = _get_school(request, school_id)
    year, _is_open = _year_asked(request)
    try:
        count = copy_year_plan(school=school, year=year, **acting(request))
    except CoursesError as error:
        messages.error(request, error.message)
    else:
        text = _("Courses added from the year before: %(n)d.")
        messages.success(request, text % {"n": count})
    return redirect(_address(school, year))


@write_only
@staff_page
def follow(request: PersonRequest, school_id: int) -> HttpResponse:
    """Carry out one of the changes that the plan page advises."""
    school = _get_school(request, school_id)
    year, _is_open = _year_asked(request)
    back = f"{_address(school, year)}#plan-mix"
    form = AdviceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the changes that are advised."))
        return redirect(back)

    def do() -> None:
        advice = form.cleaned_data["advice"]
        follow_advice(school=school, year=year, advice=advice, **acting(request))

    try:
        return carry_out_once(request, form, do=do, to=back, done=_("The change is in the plan."))
    except CoursesError as error:
        messages.error(request, error.message)
        return redirect(back)


@write_only
@staff_page
def change(request: PersonRequest, planned_id: int) -> HttpResponse:
    """Move a course of the plan to another month, or say how many times it is taught."""
    planned = _get_planned(request, planned_id)
    form = CardForm(request.POST)
    if not form.is_valid():
        wrong = " ".join(str(one) for one in form.errors.get("times", ()))
        messages.error(request, wrong or _("Choose the month."))
        return redirect(_address(planned.school, planned.year, planned))
    try:
        row = change_planned_course(planned=planned, **form.cleaned_data, **acting(request))
    except CoursesError as error:
        text = _("%(course)s stays in %(month)s. %(reason)s")
        messages.error(request, text % (_facts(planned) | {"reason": error.message}))
        return redirect(_address(planned.school, planned.year, planned))
    text = _("%(course)s is in the plan of %(month)s, %(n)d × in all.")
    messages.success(request, text % _facts(row))
    return redirect(_address(row.school, row.year, row))


@write_only
@staff_page
def drop(request: PersonRequest, planned_id: int) -> HttpResponse:
    """Take a course out of the plan."""
    planned = _get_planned(request, planned_id)
    try:
        drop_planned_course(planned=planned, **acting(request))
    except CoursesError as error:
        messages.error(request, error.message)
    else:
        text = _("%(course)s is taken out of the plan of %(month)s.")
        messages.success(request, text % _facts(planned))
    address = f"{_address(planned.school, planned.year)}&month={planned.month}"
    return redirect(f"{address}#month-{planned.month}")


def _menu_of(form: WishForm) -> list[tuple[Course, str]]:
    """The courses to drag, each with the words by which it is found."""
    field = form.fields["course"]
    courses = field.queryset.order_by("module", "code")  # type: ignore[attr-defined]
    return [(course, field.widget.words_of(course)) for course in courses]


def _by_month(lines: list[PlanLine]) -> list[dict[str, Any]]:
    """All months, with their lines and hours."""
    return [
        {
            "number": month,
            "name": MONTHS[month],
            "lines": (found := [line for line in lines if line.planned.month == month]),
            "hours": sum((line.hours for line in found), ZERO),
        }
        for month in range(1, 13)
    ]


def _get_planned(request: PersonRequest, planned_id: int) -> PlannedCourse:
    visible = PlannedCourse.objects.visible_to(request.user, request.today)
    return get_object_or_404(visible.select_related("school", "course"), pk=planned_id)


def _get_school(request: PersonRequest, school_id: int) -> School:
    return get_object_or_404(School.objects.visible_to(request.user, request.today), pk=school_id)


def _year_asked(request: PersonRequest) -> tuple[int, bool]:
    """The year of the address, or this one; and whether it may be planned now."""
    this = request.today.year
    years = {str(year): year for year in range(FIRST_YEAR, this + 2)}
    year = years.get(request.GET.get("year", ""), this)
    return year, year >= this


def _facts(row: PlannedCourse) -> dict[str, Any]:
    return {"course": row.course.title, "month": MONTHS[row.month], "n": row.times}


def _address(school: School, year: int, row: PlannedCourse | None = None) -> str:
    """The address of a plan; the page stays where the row stands, with its month unfolded."""
    address = f"{reverse('courses:year_plan', args=[school.pk])}?year={year}"
    return f"{address}&month={row.month}#plan-{row.pk}" if row else address

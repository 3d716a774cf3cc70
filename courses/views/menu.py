"""The menu of courses: the list, a course, and the forms by which the academic officer keeps it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.record_forms import edit_record
from backstage.submissions import submit_once
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from config.lib.periods import last_day
from courses import lists
from courses.errors import CoursesError
from courses.filters import menu_filters
from courses.menu_actions import offer_course_again, retire_course
from courses.menu_forms import CourseForm, RetireForm
from courses.models import Course
from courses.permissions import keeps_menu
from courses.queries.menu import list_next_sessions, sum_sessions
from courses.records import save_course
from schools.permissions import staff_page

SESSIONS_SHOWN = 20


@require_safe
@staff_page
def menu(request: PersonRequest) -> HttpResponse:
    """The courses, with what a school needs to choose one."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = menu_filters(asked)
    context = {
        "page_obj": page_of(request, lists.menu(asked, filters)),
        "filters": filters,
        "export": "menu",
        "keeps_menu": keeps_menu(request.user),
        "on": asked.today,
    }
    return render(request, "courses/menu.html", context)


@require_safe
@staff_page
def course(request: PersonRequest, course_id: int) -> HttpResponse:
    """A course: its facts, who may teach it, and its sessions of this year and to come."""
    on = request.today
    course = get_course(request, course_id, on)
    coming = list(list_next_sessions(course, request.user, request.now)[: SESSIONS_SHOWN + 1])
    context = {
        "course": course,
        "lecturers": course.instructors.all(),
        "materials": course.materials.select_related("file"),
        "is_offered": on in course.period,
        "last_day": last_day(course.period),
        "year": on.year,
        "sums": sum_sessions(course, request.user, on),
        "coming": coming[:SESSIONS_SHOWN],
        "are_more": len(coming) > SESSIONS_SHOWN,
        "keeps_menu": keeps_menu(request.user),
        "crumbs": crumbs_to(course.title),
    }
    return render(request, "courses/course.html", context)


@read_or_write
@page_if(keeps_menu)
def add(request: PersonRequest) -> HttpResponse:
    """Add a course."""
    return _edit(request, Course(), _("Add a course"), _("Add the course"))


@read_or_write
@page_if(keeps_menu)
def change(request: PersonRequest, course_id: int) -> HttpResponse:
    """Change a course; module and strand stay once a session teaches it."""
    course = get_course(request, course_id, request.today)
    return _edit(request, course, course.title, _("Save the course"))


@read_or_write
@page_if(keeps_menu)
def retire(request: PersonRequest, course_id: int) -> HttpResponse:
    """Set the last day on which a course is offered, or take it back."""
    course = get_course(request, course_id, request.today)
    initial = {"last_day": last_day(course.period) or request.today}
    form = RetireForm(request.POST or None, initial=initial)

    def do() -> None:
        last = form.cleaned_data["last_day"]
        acting: dict[str, Any] = {"by": Actor.of_request(request), "at": request.now}
        if last is None:
            offer_course_again(course_id=course.pk, **acting)
        else:
            retire_course(course_id=course.pk, last_day=last, **acting)

    to = course_address(course)
    if answer := submit_once(request, form, do=do, to=to, refusals=(CoursesError,)):
        return answer
    title = _("Retire a course")
    context = {
        "form": form,
        "title": title,
        "submit_label": _("Save the last day"),
        "cancel_url": course_address(course),
        "crumbs": crumbs_to(title, course),
    }
    return render(request, "schools/edit.html", context, status=422 if form.errors else 200)


def _edit(request: PersonRequest, course: Course, title: str, submit_label: str) -> HttpResponse:
    is_new = course._state.adding
    stored = course

    def store(form: CourseForm) -> None:
        nonlocal stored
        stored = form.instance
        save_course(
            obj=form.instance,
            by=Actor.of_request(request),
            fields=form.stored_fields(),
            computed=["period"],
            seen=None if is_new else form.cleaned_data.get("seen"),
            links=form.links(),
        )

    def get_instance() -> Course:
        return Course() if is_new else Course.objects.get(pk=course.pk)

    form = edit_record(request, CourseForm, get_instance, store, on=request.today)
    if form is None:
        return redirect(course_address(stored))
    context = {
        "form": form,
        "title": title,
        "submit_label": submit_label,
        "cancel_url": reverse("courses:menu") if is_new else course_address(course),
        "crumbs": crumbs_to(title) if is_new else crumbs_to(_("Change"), course),
    }
    return render(request, "schools/edit.html", context, status=422 if form.errors else 200)


def get_course(request: PersonRequest, course_id: int, on: date) -> Course:
    visible = Course.objects.visible_to(request.user, on).select_related("module")
    return get_object_or_404(visible, pk=course_id)


def course_address(course: Course) -> str:
    return reverse("courses:course", args=[course.pk])


def crumbs_to(label: str, course: Course | None = None) -> list[dict[str, str]]:
    """The way to a page of the menu, over the course that it is about."""
    above = [{"label": course.title, "url": course_address(course)}] if course else []
    menu = {"label": _("Menu of courses"), "url": reverse("courses:menu")}
    return [menu, *above, {"label": label, "url": ""}]

"""A class: planned, shown and changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import Role
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from backstage.record_forms import edit_record
from backstage.submissions import submit_once
from classes.actions import calling_off
from classes.actions.enrolments import (
    LetIn,
    change_class,
)
from classes.forms.classes import GuestForm
from classes.forms.leaves import LeaveAnswerForm
from classes.forms.lecturers import remark_for_plan, remark_for_session
from classes.models import SupervisionNote
from classes.queries.classes import ClassPage, find_visited, get_class, get_class_page
from classes.queries.leaves import list_leaves
from classes.queries.overlaps import list_overlaps_of_session
from classes.queries.ratings import get_class_rating
from classes.views.joint import find_joint_class
from classes.views.words import name_overlaps, say_passed_over, say_promoted
from config.lib.filters import ListRequest, begin_with
from config.lib.methods import read_or_write
from courses.actions import plan_class
from courses.class_forms import ClassForm, ClassSessionForm, PlanForm
from courses.errors import CoursesError
from courses.models import Course, Session, TrainingClass
from courses.permissions import plans_classes, schools_planned_for
from instructors.models import Instructor
from schools.permissions import staff_page


@read_or_write
@page_for(Role.SCHOOL_CLERK, Role.DISTRICT_SCHOOL)
def plan(request: PersonRequest) -> HttpResponse:
    """Plan a class from a preset."""
    on = request.today
    schools = schools_planned_for(request.user, on)
    if not schools:
        raise PermissionDenied
    asked = ListRequest(request.user, request.GET, request.now)
    wanted = begin_with(asked, day_name="first_day", keys=("school", "venue", "instructor"))
    form = PlanForm(request.POST or None, user=request.user, schools=schools, on=on, wanted=wanted)
    if answer := submit_once(
        request, form, do=lambda: _set_up(request, form), refusals=(CoursesError,)
    ):
        return answer
    remark_for_plan(form, request.user)
    status = 422 if form.errors else 200
    context = {"form": form, "has_courses": Course.objects.exists()}
    return render(request, "classes/class_plan.html", context, status=status)


def _set_up(request: PersonRequest, form: PlanForm) -> str:
    """Plan the class; the address of its roster, which selects its audience by default."""
    made = plan_class(plan=form.plan, by=Actor.of_request(request), at=request.now)
    messages.success(request, _("The class is planned. Next, choose its trainees."))
    _ask_to_call(request, form.cleaned_data["instructor"])
    address = reverse("classes:class_roster", args=[made.pk])
    named = form.cleaned_data["organisation"]
    return f"{address}?organisation={named.code}" if named else address


@require_safe
@staff_page
def training_class(request: PersonRequest, class_id: int) -> HttpResponse:
    """A class: its sessions, who is on its roster, and who waits."""
    return find_joint_class(request, class_id) or render_class(request, class_id)


def render_class(
    request: PersonRequest,
    class_id: int,
    *,
    guest: GuestForm | None = None,
    leave: LeaveAnswerForm | None = None,
) -> HttpResponse:
    """The page of a class, with a returned form that has errors. Raises Http404."""
    page, now = _get_page(request, class_id), request.now
    notes = SupervisionNote.objects.filter(session__in=page.sessions).current()
    returned = guest or leave
    context = {
        "page": page,
        "supervision": notes.select_related("session", "supervisor"),
        "materials": page.training_class.materials.count(),
        "rating": get_class_rating(page.training_class, now),
        "visited": find_visited(request.user, page, now),
        "guest": guest or GuestForm(),
        "answered": leave,
        "returned": returned,
        "errors_shown": bool(returned and returned.errors),
        "form": IdempotentForm(),
        "notices": page.training_class.notices.filter(taken_down_at=None),
        "leaves": list_leaves(request.user, page.training_class, now),
    }
    status = 422 if returned and returned.errors else 200
    return render(request, "classes/class.html", context, status=status)


@read_or_write
@staff_page
def change(request: PersonRequest, class_id: int) -> HttpResponse:
    """Change the title, mode and places of a class, and whether members may enrol themselves."""
    training_class = get_planned(request, class_id)

    def store(form: ClassForm) -> None:
        done = change_class(
            obj=form.instance,
            by=Actor.of_request(request),
            at=request.now,
            fields=form.stored_fields(),
            seen=form.cleaned_data["seen"],
        )
        _tell_let_in(request, done)

    form = edit_record(
        request,
        ClassForm,
        lambda: TrainingClass.objects.select_related("school").get(pk=training_class.pk),
        store,
    )
    return _answer_change(request, form, training_class, _("Change the class"))


@read_or_write
@staff_page
def change_session(request: PersonRequest, session_id: int) -> HttpResponse:
    """Change the course, lecturer, place or time of a session."""
    visible = Session.objects.visible_to(request.user, request.today)
    session = get_object_or_404(visible, pk=session_id)
    training_class = get_planned(request, session.training_class_id)

    def store(form: ClassSessionForm) -> None:
        done = calling_off.change_session(
            obj=form.instance,
            by=Actor.of_request(request),
            at=request.now,
            fields=form.stored_fields(),
            seen=form.cleaned_data["seen"],
            school_code=training_class.school.code,
        )
        _tell_let_in(request, done)
        if {"instructor", "starts_at", "ends_at"} & set(form.changed_data):
            _ask_to_call(request, form.instance.instructor)
        if {"starts_at", "ends_at"} & set(form.changed_data):
            _warn_of_move(request, form.instance)

    rows = Session.objects.select_related("training_class__school", "venue")
    form = edit_record(request, ClassSessionForm, lambda: rows.get(pk=session_id), store)
    if form is not None:
        remark_for_session(form, form.instance, request.user)
    title = _("Change session %(number)d") % {"number": session.number}
    return _answer_change(request, form, training_class, title)


def _ask_to_call(request: PersonRequest, lecturer: Instructor | None) -> None:
    """Lecturers without an account read no message of the portal."""
    if lecturer is not None and lecturer.user_id is None:
        text = _("%(lecturer)s has no account, so no message reaches them: please call.")
        messages.warning(request, text % {"lecturer": lecturer.name})


def _warn_of_move(request: PersonRequest, moved: Session) -> None:
    """Name the trainees who are in another class at a session's new time; the move stays."""
    overlaps = list_overlaps_of_session(moved)
    n = len(overlaps)
    text = ngettext(
        "%(n)d trainee of session %(number)d is in another class at its new time: %(members)s.",
        "%(n)d trainees of session %(number)d are in another class at its new time: %(members)s.",
        n,
    )
    if overlaps:
        facts = {"n": n, "number": moved.number, "members": name_overlaps(overlaps)}
        messages.warning(request, text % facts)


def _tell_let_in(request: PersonRequest, done: LetIn) -> None:
    if done.promoted:
        messages.success(request, say_promoted(done.promoted))
    if done.passed_over:
        messages.warning(request, say_passed_over(done.passed_over))


def _answer_change(
    request: PersonRequest, form: Any, training_class: TrainingClass, title: str
) -> HttpResponse:
    address = reverse("classes:training_class", args=[training_class.pk])
    if form is None:
        return redirect(address)
    context = {
        "form": form,
        "title": title,
        "submit_label": _("Save"),
        "cancel_url": address,
        "crumbs": [{"label": training_class.title, "url": address}, {"label": title, "url": ""}],
    }
    return render(request, "classes/edit.html", context, status=422 if form.errors else 200)


def _get_page(request: PersonRequest, class_id: int) -> ClassPage:
    try:
        return get_class_page(request.user, class_id, request.now, request.today)
    except TrainingClass.DoesNotExist as error:
        raise Http404 from error


def get_planned(request: PersonRequest, class_id: int) -> TrainingClass:
    """A class that the person may plan. Raises Http404, PermissionDenied."""
    try:
        training_class = get_class(request.user, class_id, request.today)
    except TrainingClass.DoesNotExist as error:
        raise Http404 from error
    if not plans_classes(request.user, training_class.school_id, request.today):
        raise PermissionDenied
    return training_class

"""The lecturers of a form, asked for anew when its time changes; without script nobody asks."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import Role
from accounts.requests import PersonRequest
from classes.forms.lecturers import remark_for_plan, remark_for_session
from classes.views.classes import get_planned
from config.lib.type_ahead import render_options
from courses.class_forms import ClassSessionForm, PlanForm
from courses.models import Session
from courses.permissions import schools_planned_for
from schools.permissions import staff_page


@require_safe
@page_for(Role.SCHOOL_CLERK, Role.DISTRICT_SCHOOL)
def for_plan(request: PersonRequest) -> HttpResponse:
    """For the form that plans a class."""
    on = request.today
    schools = schools_planned_for(request.user, on)
    if not schools:
        raise PermissionDenied
    form = PlanForm(request.GET, user=request.user, schools=schools, on=on)
    remark_for_plan(form, request.user)
    return HttpResponse(render_options(form["instructor"]))


@require_safe
@staff_page
def for_session(request: PersonRequest, session_id: int) -> HttpResponse:
    """For the form that changes a session."""
    visible = Session.objects.visible_to(request.user, request.today)
    rows = visible.select_related("training_class__school", "venue")
    session = get_object_or_404(rows, pk=session_id)
    get_planned(request, session.training_class_id)
    form = ClassSessionForm(request.GET or None, instance=session)
    remark_for_session(form, session, request.user)
    return HttpResponse(render_options(form["instructor"]))

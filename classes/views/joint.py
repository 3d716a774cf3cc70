"""Joint classes: which schools share one, and the page of a school that joins."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.records import RecordError
from accounts.requests import PersonRequest
from backstage.submissions import submit_once
from classes.queries.classes import get_class
from classes.queries.joint import get_joint_class_page, members_of_schools
from config.lib.methods import read_or_write
from courses.class_forms import JoiningSchoolsForm
from courses.joint_actions import set_joining_schools
from courses.models import TrainingClass
from courses.permissions import plans_classes, schools_enrolling
from schools.permissions import staff_page


class Enrolling(NamedTuple):
    """A class, the schools whose members the person enrols, and the condition on their rows.

    `is_guest` is whether none of these schools holds it, whatever else the person sees.
    """

    training_class: TrainingClass
    school_ids: list[int]
    own: Q
    is_guest: bool


def get_enrolling(request: PersonRequest, class_id: int) -> Enrolling:
    """A class whose roster the person changes. Raises Http404, PermissionDenied."""
    user, on = request.user, request.today
    known = TrainingClass.objects.known_to(user, on).select_related("school", "module")
    training_class = get_object_or_404(known, pk=class_id)
    schools = schools_enrolling(user, training_class, on)
    if not schools:
        raise PermissionDenied
    is_guest = training_class.school_id not in schools
    own = Q(member__in=members_of_schools(schools, on)) if is_guest else Q()
    return Enrolling(training_class, schools, own, is_guest)


def find_joint_class(request: PersonRequest, class_id: int) -> HttpResponse | None:
    """The page of a class for a school that joins it; None for everybody else."""
    try:
        page = get_joint_class_page(request.user, class_id, request.now, request.today)
    except TrainingClass.DoesNotExist:
        return None
    context = {"page": page, "materials": page.training_class.materials.count()}
    return render(request, "classes/joint_class.html", context)


@read_or_write
@staff_page
def joining_schools(request: PersonRequest, class_id: int) -> HttpResponse:
    """Choose the schools that join a class."""
    try:
        training_class = get_class(request.user, class_id, request.today)
    except TrainingClass.DoesNotExist as error:
        raise Http404 from error
    if not plans_classes(request.user, training_class.school_id, request.today):
        raise PermissionDenied
    form = JoiningSchoolsForm(request.POST or None, training_class=training_class, on=request.today)
    address = reverse("classes:training_class", args=[training_class.pk])

    def do() -> None:
        set_joining_schools(
            training_class=training_class,
            schools=list(form.cleaned_data["joint_schools"]),
            by=Actor.of_request(request),
            at=request.now,
        )
        messages.success(request, _("What you entered is saved."))

    if answer := submit_once(request, form, do=do, to=address, refusals=(RecordError,)):
        return answer
    title = _("Schools that join")
    context = {
        "form": form,
        "title": title,
        "submit_label": _("Save"),
        "cancel_url": address,
        "crumbs": [{"label": training_class.title, "url": address}, {"label": title, "url": ""}],
    }
    return render(request, "schools/edit.html", context, status=422 if form.errors else 200)

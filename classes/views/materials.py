"""Materials of a class: its planner manages them; trainees, lecturers and staff download them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.files import FileError, read_file
from backstage.forms import ReasonForm
from backstage.material_forms import MaterialForm
from backstage.submissions import submit_once
from backstage.uploads import TOO_LARGE, back_when_too_large
from backstage.views import attach, inert
from classes.actions.materials import add_material, move_material, remove_material
from classes.errors import MaterialError
from classes.models import ClassMaterial
from classes.queries.materials import classes_with_materials_for
from classes.views.classes import get_planned
from config.lib.methods import read_or_write, write_only
from courses.models import TrainingClass
from courses.permissions import plans_classes
from schools.permissions import sees_schools, staff_page


@back_when_too_large("classes:class_materials")
@read_or_write
@everyone_page
def materials(request: PersonRequest, class_id: int) -> HttpResponse:
    """The list, with a form to add a material if the person plans the class."""
    if request.method == "POST":
        if not sees_schools(request.user):
            raise PermissionDenied
        return _add(request, get_planned(request, class_id))
    training_class = _get_class(request, class_id)
    problem = ""
    if request.GET.get(TOO_LARGE) is not None:
        text = _("This file is larger than %(n)d MB.")
        problem = text % {"n": settings.UPLOAD_MAX_BYTES // 1024**2}
    return _render(request, training_class, MaterialForm(), problem)


def _add(request: PersonRequest, training_class: TrainingClass) -> HttpResponse:
    form = MaterialForm(request.POST, request.FILES)

    def do() -> None:
        upload = form.cleaned_data["upload"]
        add_material(
            training_class_id=training_class.pk,
            title=form.cleaned_data["title"],
            data=upload.read(),
            name=upload.name,
            by=Actor.of_request(request),
            at=request.now,
        )

    to = reverse("classes:class_materials", args=[training_class.pk])
    answer = submit_once(request, form, do=do, to=to, refusals=(MaterialError,))
    return answer or _render(request, training_class, form)


def _render(
    request: PersonRequest, training_class: TrainingClass, form: MaterialForm, problem: str = ""
) -> HttpResponse:
    user, on = request.user, request.today
    classes = TrainingClass.objects
    seen = (classes.visible_to(user, on), classes.joined_for(user, on))
    is_staff = any(rows.filter(pk=training_class.pk).exists() for rows in seen)
    context = {
        "training_class": training_class,
        "materials": training_class.materials.select_related("file"),
        "is_staff": is_staff,
        "form": form if plans_classes(user, training_class.school_id, on) else None,
        "problem": problem,
        "errors_shown": bool(form.errors or problem),
    }
    status = 422 if form.errors else 409 if problem else 200
    return render(request, "classes/materials/list.html", context, status=status)


@require_safe
@inert
@everyone_page
def material_file(request: PersonRequest, class_id: int, material_id: int) -> HttpResponse:
    """Download a material of a class that the person may see; never shown inside the portal."""
    training_class = _get_class(request, class_id)
    rows = training_class.materials.select_related("file")
    material = get_object_or_404(rows, pk=material_id)
    try:
        data = read_file(material.file)
    except FileError as error:
        raise Http404 from error
    name = f"{material.title}.{material.ending}"
    return attach(HttpResponse(data, content_type=material.file.media_type), name)


@write_only
@staff_page
def move(request: PersonRequest, class_id: int, material_id: int) -> HttpResponse:
    """Move a material up or down in the list."""
    training_class = get_planned(request, class_id)
    try:
        move_material(
            training_class_id=training_class.pk,
            material_id=material_id,
            up=request.POST.get("to") == "up",
            by=Actor.of_request(request),
            at=request.now,
        )
    except ClassMaterial.DoesNotExist as error:
        raise Http404 from error
    return redirect("classes:class_materials", training_class.pk)


@read_or_write
@staff_page
def remove(request: PersonRequest, class_id: int, material_id: int) -> HttpResponse:
    """Remove a material, with a reason."""
    training_class = get_planned(request, class_id)
    address = reverse("classes:class_materials", args=[training_class.pk])
    material = training_class.materials.filter(pk=material_id).first()
    if material is None:
        return redirect(address)  # also if the form is sent twice
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        remove_material(
            training_class_id=training_class.pk,
            material_id=material_id,
            reason=form.cleaned_data["reason"],
            by=Actor.of_request(request),
            at=request.now,
        )
        messages.success(request, _("The material is taken off."))
        return redirect(address)
    context = {
        "training_class": training_class,
        "material": material,
        "form": form,
        "cancel_url": address,
    }
    status = 422 if form.errors else 200
    return render(request, "classes/materials/remove.html", context, status=status)


def _get_class(request: PersonRequest, class_id: int) -> TrainingClass:
    """A class with materials that the person may see. Raises Http404."""
    rows = classes_with_materials_for(request.user, request.today).select_related("school")
    return get_object_or_404(rows, pk=class_id)

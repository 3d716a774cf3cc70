"""Materials of a course: the academic officer keeps them, staff and lecturers download them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page, page_if
from accounts.requests import PersonRequest
from backstage.files import FileError, read_file
from backstage.forms import ReasonForm
from backstage.material_forms import MaterialForm
from backstage.submissions import submit_once
from backstage.uploads import TOO_LARGE, back_when_too_large
from backstage.views import attach, inert
from config.lib.methods import read_or_write
from courses.errors import CoursesError
from courses.menu_actions import add_course_material, remove_course_material
from courses.models import Course
from courses.permissions import keeps_menu
from courses.views.menu import course_address, crumbs_to, get_course
from schools.views.acting import acting


@back_when_too_large("courses:course_materials")
@read_or_write
@page_if(keeps_menu)
def add(request: PersonRequest, course_id: int) -> HttpResponse:
    """Add a file to a course."""
    course = get_course(request, course_id, request.today)
    if request.method != "POST":
        problem = ""
        if request.GET.get(TOO_LARGE) is not None:
            text = _("This file is larger than %(n)d MB.")
            problem = text % {"n": settings.UPLOAD_MAX_BYTES // 1024**2}
        return _render(request, course, MaterialForm(), problem)
    form = MaterialForm(request.POST, request.FILES)

    def do() -> None:
        upload = form.cleaned_data["upload"]
        add_course_material(
            course_id=course.pk,
            title=form.cleaned_data["title"],
            data=upload.read(),
            name=upload.name,
            **acting(request),
        )

    to = course_address(course)
    answer = submit_once(request, form, do=do, to=to, refusals=(CoursesError,))
    return answer or _render(request, course, form)


def _render(
    request: PersonRequest, course: Course, form: MaterialForm, problem: str = ""
) -> HttpResponse:
    title = _("Add a material")
    context = {
        "form": form,
        "problem": problem,
        "title": title,
        "submit_label": _("Add"),
        "cancel_url": course_address(course),
        "crumbs": crumbs_to(title, course),
        "errors_shown": bool(form.errors or problem),
    }
    status = 422 if form.errors else 409 if problem else 200
    return render(request, "courses/course_material.html", context, status=status)


@require_safe
@inert
@everyone_page
def material_file(request: PersonRequest, course_id: int, material_id: int) -> HttpResponse:
    """Download a material, as staff or as a lecturer of the course; never shown in the portal."""
    readable = Course.objects.with_materials_for(request.user, request.today)
    course = get_object_or_404(readable, pk=course_id)
    material = get_object_or_404(course.materials.select_related("file"), pk=material_id)
    try:
        data = read_file(material.file)
    except FileError as error:
        raise Http404 from error
    name = f"{material.title}.{material.ending}"
    return attach(HttpResponse(data, content_type=material.file.media_type), name)


@read_or_write
@page_if(keeps_menu)
def remove(request: PersonRequest, course_id: int, material_id: int) -> HttpResponse:
    """Remove a material, with a reason."""
    course = get_course(request, course_id, request.today)
    material = course.materials.filter(pk=material_id).first()
    if material is None:
        return redirect(course_address(course))  # also if the form is sent twice
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        remove_course_material(
            course_id=course.pk,
            material_id=material_id,
            reason=form.cleaned_data["reason"],
            by=acting(request)["by"],
            at=request.now,
        )
        messages.success(request, _("The material is taken off."))
        return redirect(course_address(course))
    context = {
        "form": form,
        "title": _("Take the material off"),
        "about": material.title,
        "intro": _(
            "The file is deleted and cannot be fetched any more. The trail keeps its name and the "
            "reason."
        ),
        "submit_label": _("Take the material off"),
        "cancel_url": course_address(course),
        "crumbs": crumbs_to(_("Take the material off"), course),
    }
    status = 422 if form.errors else 200
    return render(request, "courses/course_material.html", context, status=status)

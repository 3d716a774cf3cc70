"""Where a lecturer lives: entered by the lecturer, or by the academic officer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.entry import everyone_page
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.record_forms import edit_record
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from instructors.forms import HomeForm
from instructors.models import Instructor
from instructors.records import save_instructor


@read_or_write
@everyone_page
def home(request: PersonRequest, instructor_id: int) -> HttpResponse:
    """Change the home township."""
    kept = Instructor.objects.kept_by(request.user, request.today)
    lecturer = get_object_or_404(kept, pk=instructor_id)

    def store(form: HomeForm) -> None:
        save_instructor(
            obj=form.instance,
            by=Actor.of_request(request),
            fields=form.stored_fields(),
            seen=form.cleaned_data.get("seen"),
        )

    form = edit_record(request, HomeForm, lambda: Instructor.objects.get(pk=lecturer.pk), store)
    address, title = address_of("lecturer", lecturer.pk), _("Home township")
    if form is None:
        return redirect(address)
    context = {
        "form": form,
        "title": title,
        "submit_label": _("Save the home township"),
        "cancel_url": address,
        "crumbs": [{"label": lecturer.name, "url": address}, {"label": title, "url": ""}],
    }
    return render(request, "schools/edit.html", context, status=422 if form.errors else 200)

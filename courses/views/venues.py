"""Venues and on-site teaching points of a school."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.record_forms import edit_record
from config.lib.methods import read_or_write
from courses.forms import VenueForm
from courses.models import Venue
from courses.records import save_venue
from schools.models import School
from schools.permissions import keeps_venues, staff_page
from schools.views.schools import crumbs_to, school_address


@read_or_write
@staff_page
def add(request: PersonRequest, school_id: int) -> HttpResponse:
    """Add a venue to a school."""
    school = get_object_or_404(School.objects.visible_to(request.user, request.today), pk=school_id)
    title = _("Add a venue or teaching point")
    return _answer(request, school, lambda: Venue(school=school), title, _("Add the venue"))


@read_or_write
@staff_page
def edit(request: PersonRequest, venue_id: int) -> HttpResponse:
    """Edit a venue, its equipment, and the days on which it is open."""
    venues = Venue.objects.visible_to(request.user, request.today).select_related("school")
    venue = get_object_or_404(venues, pk=venue_id)
    return _answer(
        request,
        venue.school,
        lambda: Venue.objects.select_related("school").get(pk=venue.pk),
        venue.name,
        _("Save the venue"),
    )


def _answer(
    request: PersonRequest,
    school: School,
    get_instance: Callable[[], Venue],
    title: str,
    submit_label: str,
) -> HttpResponse:
    if not keeps_venues(request.user, school.pk, request.today):
        raise PermissionDenied

    def store(form: VenueForm) -> None:
        save_venue(
            obj=form.instance,
            equipment=form.cleaned_data["equipment"],
            by=Actor.of_request(request),
            at=request.now,
            fields=form.stored_fields(),
            computed=["period"],
            seen=form.cleaned_data.get("seen"),
            school_code=school.code,
        )

    form = edit_record(request, VenueForm, get_instance, store)
    if form is None:
        return redirect(school_address(school))
    context = {
        "form": form,
        "title": title,
        "submit_label": submit_label,
        "cancel_url": school_address(school),
        "crumbs": crumbs_to(title, school=school),
    }
    return render(request, "schools/edit.html", context, status=422 if form.errors else 200)

"""The page of a school: its data, and where it teaches."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.periods import last_day, today
from schools.models import School
from schools.permissions import (
    is_liaison_officer_of,
    keeps_contact,
    keeps_network,
    keeps_venues,
    require_staff,
)
from schools.queries.schools import list_liaison_officers, list_notes, list_officers
from schools.queries.successions import merged_into, school_events
from schools.views.schools import crumbs_to, school_address

NOTES_SHOWN = 20


@require_safe
def school(request: PersonRequest, school_id: int) -> HttpResponse:
    """Contact, officers, area, liaison officers with their notes, venues and teaching points."""
    require_staff(request)
    on = today()
    user = request.user
    found = get_object_or_404(School.objects.visible_to(user, on), pk=school_id)
    officers = list(list_officers(found))
    events = school_events(found, School.objects.visible_to(user, on), school_address)
    context = {
        "school": found,
        "crumbs": crumbs_to(found.name),
        "areas": found.areas.select_related("township").order_by("township__code", "period"),
        "officers": [one for one in officers if on in one.period],
        "former": [one for one in officers if on not in one.period],
        "liaison": list_liaison_officers(found, on),
        "venues": found.venues.prefetch_related("equipment"),
        "asked": {"school": found.pk},
        "notes": list_notes(found)[:NOTES_SHOWN],
        "events": events[::-1],
        "merged_into": merged_into(events),
        "last_day": last_day(found.period),
        "keeps_network": keeps_network(user) and found.period.upper is None,
        "keeps_contact": keeps_contact(user, found.pk, on) and on in found.period,
        "keeps_venues": keeps_venues(user, found.pk, on) and on in found.period,
        "writes_notes": is_liaison_officer_of(user, found.pk, on),
    }
    return render(request, "courses/school.html", context)

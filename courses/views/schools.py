"""The page of a school: its data, and where it teaches."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.periods import last_day
from schools.models import School
from schools.permissions import (
    is_liaison_officer_of,
    keeps_contact,
    keeps_network,
    keeps_venues,
    staff_page,
)
from schools.queries.schools import list_liaison_officers, list_notes, list_officers
from schools.queries.successions import merged_into, school_events
from schools.views.schools import crumbs_to, school_address

NOTES_SHOWN = 20


@require_safe
@staff_page
def school(request: PersonRequest, school_id: int) -> HttpResponse:
    """Contact, officers, area, liaison officers with their notes, venues and teaching points."""
    on = request.today
    user = request.user
    school = get_object_or_404(School.objects.visible_to(user, on), pk=school_id)
    officers = list(list_officers(school))
    events = school_events(school, School.objects.visible_to(user, on), school_address)
    context = {
        "school": school,
        "crumbs": crumbs_to(school.name),
        "areas": school.areas.select_related("township").order_by("township__code", "period"),
        "officers": [officer for officer in officers if on in officer.period],
        "former": [officer for officer in officers if on not in officer.period],
        "liaison": list_liaison_officers(school, on),
        "venues": school.venues.prefetch_related("equipment"),
        "asked": {"school": school.pk},
        "notes": list_notes(school)[:NOTES_SHOWN],
        "events": events[::-1],
        "merged_into": merged_into(events),
        "last_day": last_day(school.period),
        "keeps_network": keeps_network(user) and school.period.upper is None,
        "keeps_contact": keeps_contact(user, school.pk, on) and on in school.period,
        "keeps_venues": keeps_venues(user, school.pk, on) and on in school.period,
        "writes_notes": is_liaison_officer_of(user, school.pk, on),
    }
    return render(request, "courses/school.html", context)

"""The mix of the school's year with a letter: on the letter's page, and while it is filled in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.filters import ListRequest
from config.lib.periods import parse_day
from courses.enums import Strand
from courses.models import Course, Module
from courses.views.mix import describe_gauge
from dispatch.forms import MOST_COURSES
from dispatch.permissions import schools_booked_for
from dispatch.queries.mix import MixChange, Wanted, list_mix_changes, wanted_by
from schools.permissions import staff_page


@require_safe
@staff_page
def letter_mix(request: PersonRequest) -> HttpResponse:
    """The mix with what is chosen in the form so far; without script nothing asks for it."""
    on = request.today
    asked = ListRequest(request.user, request.GET, request.now)
    school = get_object_or_404(schools_booked_for(request.user, on), pk=asked.key("school"))
    begins = parse_day(asked.text("day_1")) or on
    changes = list_mix_changes(school.pk, _wanted(asked), begins=begins, today=on)
    return render(request, "dispatch/letter_mix.html", {"mixes": describe(changes)})


def describe(changes: list[MixChange]) -> list[tuple[MixChange, Any, Any]]:
    """Each module with its gauges in words, before and after."""
    return [
        (change, describe_gauge(change.before), describe_gauge(change.after)) for change in changes
    ]


def _wanted(asked: ListRequest) -> list[Wanted]:
    """The courses and the wish that the form has so far; what is not valid yet is left out."""
    keys = [asked.key(f"course_{number}") for number in range(1, MOST_COURSES + 1)]
    courses = Course.objects.in_bulk([key for key in keys if key])
    chosen = [
        (course.module_id, Strand(course.strand))
        for key in keys
        if (course := courses.get(key)) is not None
    ]
    module, strand = asked.key("wish_module"), asked.text("wish_strand")
    is_wish = asked.text("wish") and strand in Strand.values
    if is_wish and Module.objects.filter(pk=module).exists():
        chosen.append((module, Strand(strand)))
    return wanted_by(chosen, asked.text("preset"))

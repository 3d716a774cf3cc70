"""The mix of the school's year with a letter: on the letter's page, and while it is filled in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from config.lib.periods import is_in_reach, today
from courses.enums import Preset, Strand
from courses.models import Course, Module
from courses.views.mix import describe_gauge
from dispatch.forms import MOST_COURSES
from dispatch.permissions import schools_booked_for
from dispatch.queries.mix import MixChange, Wanted, list_mix_changes, usual_hours
from schools.permissions import require_staff

# The largest key that the database has.
_LONGEST_KEY = 18


@require_safe
def letter_mix(request: PersonRequest) -> HttpResponse:
    """The mix with what is chosen in the form so far; without script nothing asks for it."""
    require_staff(request)
    on = today()
    schools = schools_booked_for(request.user, on)
    school = get_object_or_404(schools, pk=_key(request.GET, "school"))
    begins = parse_day(request.GET.get("day_1", "")) or on
    changes = list_mix_changes(school.pk, _wanted(request.GET), begins=begins, today=on)
    return render(request, "dispatch/letter_mix.html", {"mixes": describe(changes)})


def describe(changes: list[MixChange]) -> list[tuple[MixChange, Any, Any]]:
    """Each module with its gauges in words, before and after."""
    return [
        (change, describe_gauge(change.before), describe_gauge(change.after)) for change in changes
    ]


def parse_day(text: str) -> Any:
    """The day that a field sends, if it is one within reach; else None."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and is_in_reach(day) else None


def _wanted(asked: QueryDict) -> list[Wanted]:
    """The courses and the wish that the form has so far; what is not valid yet is left out."""
    keys = [_key(asked, f"course_{number}") for number in range(1, MOST_COURSES + 1)]
    courses = Course.objects.in_bulk([key for key in keys if key])
    wanted = [
        Wanted(course.module_id, Strand(course.strand), course.hours)
        for key in keys
        if (course := courses.get(key)) is not None
    ]
    module, strand = _key(asked, "wish_module"), asked.get("wish_strand", "")
    preset = asked.get("preset", "")
    is_wish = asked.get("wish", "") and strand in Strand.values and preset in Preset.values
    if is_wish and Module.objects.filter(pk=module).exists():
        wanted.append(Wanted(module, Strand(strand), usual_hours(preset)))
    return wanted


def _key(asked: QueryDict, name: str) -> int:
    """The key that a field sends, or 0."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_KEY else 0

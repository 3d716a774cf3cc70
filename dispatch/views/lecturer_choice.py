"""The lecturers of a booking letter's form, with who is not free on the days that it names."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.records import RecordError
from accounts.requests import PersonRequest
from config.lib.row_keys import is_row_key
from config.lib.type_ahead import ask_again, render_options, said_so_far
from courses.actions import list_meetings
from courses.models import Course
from dispatch.checks import Slot
from dispatch.forms import MOST_COURSES, LetterForm
from dispatch.models.letters import MOST_DATES
from dispatch.permissions import schools_booked_for
from dispatch.queries.lecturer_remarks import list_remarks_on_choices, slot_of
from schools.permissions import staff_page

_COURSES = [f"course_{number}" for number in range(1, MOST_COURSES + 1)]
_DAYS = [(f"day_{rank}", f"begins_{rank}") for rank in range(1, MOST_DATES + 1)]


@require_safe
@staff_page
def letter_lecturers(request: PersonRequest) -> HttpResponse:
    """For the form of a letter, as it is filled in; without script nothing asks for it."""
    on = request.today
    schools = schools_booked_for(request.user, on)
    key = request.GET.get("school", "")
    get_object_or_404(schools, pk=int(key) if is_row_key(key) else 0)
    form = LetterForm(request.GET, user=request.user, schools=schools, on=on)
    remark_for_letter(form, request.user)
    return HttpResponse(render_options(form["preferred_instructor"]))


def remark_for_letter(form: LetterForm, reader: User) -> None:
    """Say who is not free on the days that the letter names, and ask again when they change."""
    field = form.fields["preferred_instructor"]
    names = ["school", "preset", *(name for pair in _DAYS for name in pair), *_COURSES]
    ask_again(field, reverse("dispatch:letter_lecturers"), names)
    school, preset = said_so_far(form, "school"), said_so_far(form, "preset")
    if not (school and preset):
        return
    courses = [course for name in _COURSES if (course := said_so_far(form, name))] or [Course()]
    choices: list[list[Slot]] = []
    for day_name, begins_name in _DAYS:
        day = said_so_far(form, day_name)
        if not day:
            continue
        try:
            meetings = list_meetings(
                preset=preset,
                courses=courses,
                first_day=day,
                begins_at=said_so_far(form, begins_name),
            )
        except RecordError:
            continue
        choices.append(
            [slot_of(school, one.course, one.starts_at, one.ends_at, one.hours) for one in meetings]
        )
    if choices:
        field.widget.remarks = list_remarks_on_choices(choices, reader)

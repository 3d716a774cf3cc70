"""What a lecturer teaches, for themselves: engagements, hours, courses, and the calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from classes.actions.calendar_feeds import end_teaching_feed, make_teaching_feed
from classes.models import CalendarFeed
from classes.queries.engagements import get_teaching, list_taught_courses
from classes.queries.lecturers import find_feedback, list_load_months
from classes.views.calendar_feeds import show_new_address
from config.lib.methods import read_or_write, write_only
from courses.queries.loads import sum_loads
from instructors.models import Instructor
from instructors.queries.rules import warned_until


@require_safe
@everyone_page
def my_teaching(request: PersonRequest) -> HttpResponse:
    """Sessions to come by week, those of the last days, and the hours of the year."""
    now = request.now
    on = request.today
    shown = Instructor.objects.with_letter_standing(on, warned_until(on))
    lecturer = get_object_or_404(shown.select_related("home_township"), user=request.user)
    load = sum_loads([lecturer.pk], on.year)[lecturer.pk]
    context = {
        "lecturer": lecturer,
        "teaching": get_teaching(lecturer, now),
        "load": load,
        "months": list_load_months(load, on.year),
        "year": on.year,
        "feedback": find_feedback(lecturer.pk, on),
        "courses": list_taught_courses(lecturer, on),
        "letter": lecturer.letters.not_revoked().order_by("-period").first(),
        "feed": CalendarFeed.objects.filter(instructor=lecturer).first(),
        "form": IdempotentForm(),
        "now": now,
    }
    return render(request, "classes/my_teaching.html", context)


@read_or_write
@everyone_page
def make_feed(request: PersonRequest) -> HttpResponse:
    """Make a calendar address, or a new one: the only page that shows it."""
    get_object_or_404(Instructor, user=request.user)
    page = reverse("classes:my_teaching")
    return show_new_address(request, make_teaching_feed, page)


@write_only
@everyone_page
def end_feed(request: PersonRequest) -> HttpResponse:
    """End the calendar address."""
    get_object_or_404(Instructor, user=request.user)
    end_teaching_feed(by=Actor.of_request(request), at=request.now)
    messages.success(request, _("The calendar address opens nothing any more."))
    return redirect(reverse("classes:my_teaching") + "#calendar")

"""The days of a lecturer: the next weeks, and the pages to change them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from backstage.submissions import submit_once
from config.lib.dates import format_moment
from config.lib.methods import read_or_write
from config.lib.periods import in_force, inclusive_period
from instructors.actions import availability as acts
from instructors.availability_forms import ExceptionForm, LeaveForm, WeekForm, slot_choices
from instructors.errors import AvailabilityError
from instructors.models import AvailabilityException, Instructor, LecturerLeave
from instructors.queries.availability import Teaching, list_days, list_teaching
from schools.views.acting import acting, sent

# The weeks after them open at a click.
DAYS_UNFOLDED = 14


@require_safe
@everyone_page
def own(request: PersonRequest) -> HttpResponse:
    """Leads a lecturer to the page of their own days."""
    lecturer = Instructor.objects.filter(user=request.user).first()
    if lecturer is None:
        raise Http404
    return redirect("instructors:availability", lecturer.pk)


@require_safe
@everyone_page
def availability(request: PersonRequest, instructor_id: int) -> HttpResponse:
    """The next weeks of a lecturer, and what they follow from."""
    lecturer, on = _get(request, instructor_id), request.today
    words, days = dict(slot_choices()), list_days(lecturer, on)
    slots = lecturer.weekly_slots.filter(in_force(on)).values_list("weekday", "part")
    ticked = {f"{weekday}-{part}" for weekday, part in slots}
    context = {
        "lecturer": lecturer,
        "days": days[:DAYS_UNFOLDED],
        "later": days[DAYS_UNFOLDED:],
        "week": [label for key, label in words.items() if key in ticked],
        "leaves": lecturer.leaves.filter(period__endswith__gt=on),
        "exceptions": lecturer.availability_exceptions.filter(day__gte=on),
    }
    return render(request, "instructors/availability.html", context)


@read_or_write
@everyone_page
def week(request: PersonRequest, instructor_id: int) -> HttpResponse:
    """Change the weekly pattern from a day on."""
    lecturer, on = _get(request, instructor_id), request.today
    slots = lecturer.weekly_slots.filter(in_force(on)).values_list("weekday", "part")
    ticked = [f"{weekday}-{part}" for weekday, part in slots]
    form = WeekForm(sent(request), ticked=ticked, today=on)

    def do() -> None:
        acts.set_weekly_slots(
            instructor_id=lecturer.pk,
            slots=form.chosen,
            on=form.cleaned_data["on"],
            **acting(request),
        )

    return _answer(request, lecturer, form, do, _("The week"))


@read_or_write
@everyone_page
def leave(request: PersonRequest, instructor_id: int) -> HttpResponse:
    """Record leave."""
    lecturer, form = _get(request, instructor_id), LeaveForm(sent(request))

    def do() -> None:
        acts.add_lecturer_leave(
            instructor_id=lecturer.pk,
            kind=form.cleaned_data["kind"],
            days=inclusive_period(form.cleaned_data["first_day"], form.cleaned_data["last_day"]),
            **acting(request),
        )

    reply = _answer(request, lecturer, form, do, _("Leave"))
    if form.is_bound and form.is_valid():
        days = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
        _warn_of_teaching(request, list_teaching(lecturer, *days))
    return reply


@read_or_write
@everyone_page
def exception(request: PersonRequest, instructor_id: int) -> HttpResponse:
    """Say of a part of one day whether the lecturer can teach."""
    lecturer, form = _get(request, instructor_id), ExceptionForm(sent(request))

    def do() -> None:
        said = form.cleaned_data
        acts.add_availability_exception(
            instructor_id=lecturer.pk,
            day=said["day"],
            part=said["part"],
            is_free=said["is_free"],
            **acting(request),
        )

    reply = _answer(request, lecturer, form, do, _("Another day"))
    if form.is_bound and form.is_valid() and not form.cleaned_data["is_free"]:
        day, part = form.cleaned_data["day"], form.cleaned_data["part"]
        found = [one for one in list_teaching(lecturer, day, day) if part in one.parts]
        _warn_of_teaching(request, found)
    return reply


def _warn_of_teaching(request: PersonRequest, taught: list[Teaching]) -> None:
    """Say what is still to be taught on days that are not free any more."""
    if taught:
        text = _(
            "Still to be taught then: %(sessions)s. This does not change it: decline it under “My "
            "engagements”, or call the school."
        )
        sessions = [f"{format_moment(one.starts_at)} {one.where}" for one in taught]
        messages.warning(request, text % {"sessions": _("; ").join(sessions)})


@read_or_write
@everyone_page
def end_leave(request: PersonRequest, leave_id: int) -> HttpResponse:
    """Take leave back from today on."""
    kept = Instructor.objects.kept_by(request.user, request.today)
    row = get_object_or_404(LecturerLeave.objects.filter(instructor__in=kept), pk=leave_id)
    form = IdempotentForm(sent(request))
    return _answer(
        request,
        row.instructor,
        form,
        lambda: acts.end_lecturer_leave(leave_id=row.pk, **acting(request)),
        _("Take the leave back"),
    )


@read_or_write
@everyone_page
def remove_exception(request: PersonRequest, exception_id: int) -> HttpResponse:
    """Take back what was said of a part of a day."""
    kept = Instructor.objects.kept_by(request.user, request.today)
    rows = AvailabilityException.objects.filter(instructor__in=kept)
    row = get_object_or_404(rows, pk=exception_id)
    form = IdempotentForm(sent(request))
    return _answer(
        request,
        row.instructor,
        form,
        lambda: acts.remove_availability_exception(exception_id=row.pk, **acting(request)),
        _("Take the exception back"),
    )


def _answer(
    request: PersonRequest,
    lecturer: Instructor,
    form: IdempotentForm,
    do: Callable[[], None],
    title: str,
) -> HttpResponse:
    """The form, or the page of the lecturer's days once it is done."""
    address = reverse("instructors:availability", args=[lecturer.pk])
    answer = submit_once(
        request,
        form,
        do=do,
        to=address,
        done=_("The days are changed."),
        refusals=(AvailabilityError,),
    )
    if answer:
        return answer
    context = {"form": form, "title": title, "lecturer": lecturer, "cancel_url": address}
    status = 422 if form.errors else 200
    return render(request, "instructors/availability_form.html", context, status=status)


def _get(request: PersonRequest, instructor_id: int) -> Instructor:
    return get_object_or_404(
        Instructor.objects.kept_by(request.user, request.today), pk=instructor_id
    )

"""A member's own timetable and its calendar address; joining a class; requesting leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.entry import everyone_page
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from backstage.pages import conflict_page, incomplete_page
from backstage.submissions import carry_out_once, submit_once
from classes.actions.calendar_feeds import end_calendar_feed, make_calendar_feed
from classes.actions.enrolments import Enrolled, enrol_self, withdraw_self
from classes.actions.leaves import ask_leave, withdraw_leave
from classes.errors import LeaveError, RosterError
from classes.forms.leaves import LeaveForm
from classes.models import CalendarFeed, Enrolment, LeaveRequest
from classes.queries.overlaps import find_clash, list_overlaps, say_clash
from classes.queries.ratings import list_to_rate
from classes.queries.timetable import get_timetable, list_own_classes
from classes.views.calendar_feeds import show_new_address
from config.lib.dates import format_day
from config.lib.errors import PortalError
from config.lib.methods import read_or_write, write_only
from config.lib.pages import address_of
from courses.models import Session, TrainingClass
from trainees.models import Member

# The member read that the class clashes with another one of theirs.
ACCEPTED = "accepted"


@require_safe
@everyone_page
def my_timetable(request: PersonRequest) -> HttpResponse:
    """Upcoming and recent sessions, with place and pocket; waiting list places."""
    member, now = _get_member(request), request.now
    context = {
        "timetable": get_timetable(member, now),
        "to_rate": list_to_rate(member, now),
        "feed": CalendarFeed.objects.filter(member=member).first(),
        "form": IdempotentForm(),
    }
    return render(request, "classes/my_timetable.html", context)


@read_or_write
@everyone_page
def make_feed(request: PersonRequest) -> HttpResponse:
    """Make a calendar address, or a new one: the only page that shows it."""
    _get_member(request)
    timetable = reverse("classes:my_timetable")
    return show_new_address(request, make_calendar_feed, timetable)


@write_only
@everyone_page
def end_feed(request: PersonRequest) -> HttpResponse:
    """End the calendar address."""
    _get_member(request)
    end_calendar_feed(by=Actor.of_request(request), at=request.now)
    messages.success(request, _("The calendar address opens nothing any more."))
    return redirect(reverse("classes:my_timetable") + "#calendar")


@write_only
@everyone_page
def enrol(request: PersonRequest, class_id: int) -> HttpResponse:
    """Join an open class, or its waiting list; one that clashes only once that was read."""

    now = request.now
    clash = None
    if request.POST.get("clash") != ACCEPTED:
        clash = find_clash(_get_member(request).pk, class_id, now)
    if clash is not None:
        messages.warning(request, _("You are not enrolled yet. %s") % say_clash(clash))
        return redirect(address_of("my_classes"))

    def do() -> None:
        done = enrol_self(training_class_id=class_id, by=Actor.of_request(request), at=now)
        messages.success(request, _joined(done, class_id, request.now))
        for overlap in list_overlaps(class_id, [member.pk for member in done.placed]):
            facts = {"title": overlap.title, "day": format_day(overlap.held_on)}
            messages.warning(
                request,
                _("On %(day)s you are in “%(title)s” at the same time. Leave one of the two.")
                % facts,
            )

    return _change_own(request, do)


def _joined(done: Enrolled, class_id: int, at: datetime) -> str:
    """The result of joining, in a sentence."""
    if done.placed:
        pocket = (
            Enrolment.objects.lasting()
            .filter(training_class=class_id, member=done.placed[0])
            .values_list("phone_pocket", flat=True)
            .first()
        )
        return _("You are enrolled. Your phone pocket is number %(number)s.") % {"number": pocket}
    if done.waiting:
        classes = list_own_classes(done.waiting[0], at)
        n = next(
            (
                own_class.position
                for own_class in classes
                if own_class.position and own_class.training_class.pk == class_id
            ),
            1,
        )
        text = ngettext(
            "The class is full. You wait for a place, as the first.",
            "The class is full. You wait for a place: number %(n)d in the line.",
            n,
        )
        return text % {"n": n}
    return _("You were on the roster or the waiting list already.")


@read_or_write
@everyone_page
def leave_class(request: PersonRequest, class_id: int) -> HttpResponse:
    """Leave a class or its waiting list before it begins; a page first shows the effects."""
    if request.method != "POST":
        classes = list_own_classes(_get_member(request), request.now)
        own_class = next(
            (o for o in classes if o.training_class.pk == class_id and o.may_leave), None
        )
        if own_class is None:
            raise Http404
        context = {
            "own": own_class,
            "form": IdempotentForm(),
            "submit_label": _("Leave this class"),
        }
        return render(request, "classes/leave_class.html", context)

    def do() -> None:
        withdraw_self(training_class_id=class_id, by=Actor.of_request(request), at=request.now)
        messages.success(request, _("You are not in this class any more."))

    return _change_own(request, do)


def _change_own(request: PersonRequest, do: Callable[[], None]) -> HttpResponse:
    _get_member(request)
    form = IdempotentForm(request.POST)
    if not form.is_valid():
        return incomplete_page(request)
    try:
        return carry_out_once(request, form, do=do, to=address_of("my_classes"))
    except TrainingClass.DoesNotExist as error:
        raise Http404 from error
    except RosterError as error:
        return conflict_page(request, str(error))


@read_or_write
@everyone_page
def leave(request: PersonRequest, session_id: int) -> HttpResponse:
    """Request leave from one upcoming session."""
    member = _get_member(request)
    session = get_object_or_404(
        Session.objects.select_related("training_class__school", "course", "venue"), pk=session_id
    )
    if not Enrolment.objects.of_session(session).filter(member=member).exists():
        raise Http404
    form = LeaveForm(request.POST or None)
    by, at = Actor.of_request(request), request.now
    answer = submit_once(
        request,
        form,
        do=lambda: ask_leave(
            session_id=session_id, reason=form.cleaned_data["reason"], by=by, at=at
        ),
        to=reverse("classes:my_timetable"),
        done=_("Sent. The answer of the school will stand here."),
        refusals=(PortalError,),
    )
    if answer:
        return answer
    context = {"session": session, "form": form, "submit_label": _("Ask for leave")}
    status = 422 if form.errors else 200
    return render(request, "classes/leave.html", context, status=status)


@write_only
@everyone_page
def take_leave_back(request: PersonRequest, leave_id: int) -> HttpResponse:
    """Withdraw the person's own request for leave."""
    _get_member(request)
    try:
        withdraw_leave(leave_id=leave_id, by=Actor.of_request(request), at=request.now)
    except LeaveRequest.DoesNotExist as error:
        raise Http404 from error
    except LeaveError as error:
        return conflict_page(request, str(error))
    messages.success(request, _("The request for leave is taken back."))
    return redirect("classes:my_timetable")


def _get_member(request: PersonRequest) -> Member:
    """The person's own row in the register. Raises Http404 if there is none."""
    return get_object_or_404(Member, user=request.user)

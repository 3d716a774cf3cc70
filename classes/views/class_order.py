"""The clerk's pages for the order of a class, its notices, and answers to requests for leave."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.idempotency import KeyReusedError, hash_body, run_once
from backstage.pages import conflict_page
from classes.actions.class_notices import post_notice, take_notice_down
from classes.actions.class_order import (
    Order,
    Place,
    arrange_roster,
    find_kept,
    number_in_order,
    split_evenly,
)
from classes.actions.leaves import answer_leave
from classes.enums import LeaveAnswer
from classes.errors import LeaveError, OrderConflictError, RosterError
from classes.forms.timetable import LeaveAnswerForm, NoticeForm, OrderForm
from classes.models import ClassNotice, Enrolment, LeaveRequest
from classes.queries.classes import numbers_of_those_gone
from classes.views.classes import get_planned, render_class
from config.lib.methods import read_or_write, write_only
from config.lib.periods import today
from courses.models import TrainingClass
from schools.permissions import require_staff


@read_or_write
def class_order(request: PersonRequest, class_id: int) -> HttpResponse:
    """Name a monitor, split the class into study groups, number seats and pockets."""
    require_staff(request)
    found = get_planned(request, class_id)
    roster = list(Enrolment.objects.known_to(found).for_roll())
    kept = find_kept(found.pk, roster, timezone.now())
    form = OrderForm(request.POST or None, roster=roster, kept=kept.keys())
    if request.method == "POST" and form.is_valid():
        wanted = Order(_places(found, form), form.cleaned_data["monitor"])
        try:
            return redirect(_arrange(request, found, form, wanted))
        except KeyReusedError:
            return conflict_page(request)
        except OrderConflictError as error:
            form = form.show_conflicts(error, wanted)
        except RosterError as error:
            form.add_error(None, str(error))
    rows = [
        (
            one,
            form[f"pocket-{one.member_id}"],
            form[f"seat-{one.member_id}"],
            form[f"group-{one.member_id}"],
            kept.get(one.member_id),
        )
        for one in roster
    ]
    context = {
        "training_class": found,
        "form": form,
        "rows": rows,
        "reasons": set(kept.values()),
    }
    status = 422 if form.errors else 200
    return render(request, "classes/class_order.html", context, status=status)


def _arrange(request: PersonRequest, found: TrainingClass, form: OrderForm, wanted: Order) -> str:
    by, at = Actor.of_request(request), timezone.now()

    def do() -> None:
        arrange_roster(
            training_class_id=found.pk,
            wanted=wanted,
            seen=form.cleaned_data["seen"],
            by=by,
            at=at,
        )
        messages.success(request, _("Saved."))

    # After splitting or numbering, the clerk sees the result on the same page.
    page = "training_class" if form.cleaned_data["act"] == "save" else "class_order"
    return run_once(
        key=form.cleaned_data["idempotency_key"],
        user=request.user,
        act=f"arrange_roster:{found.pk}",
        body_hash=hash_body(request.POST),
        location=reverse(f"classes:{page}", args=[found.pk]),
        do=do,
    )


def _places(found: TrainingClass, form: OrderForm) -> dict[int, Place]:
    """The places as typed; for a split or a numbering, the computed values instead."""
    places, members = form.places, [one.member_id for one in form.roster]
    if form.cleaned_data["act"] == "split":
        groups = split_evenly(members, form.cleaned_data["groups"])
        return {key: replace(place, group=groups[key]) for key, place in places.items()}
    if form.cleaned_data["act"] == "number":
        kept = [one.phone_pocket for one in form.roster if one.member_id in form.kept]
        taken = numbers_of_those_gone(found, "phone_pocket") | {number for number in kept if number}
        pockets = number_in_order([key for key in members if key not in form.kept], taken)
        return {
            key: replace(place, pocket=pockets.get(key, place.pocket))
            for key, place in places.items()
        }
    if form.cleaned_data["act"] == "seat":
        seats = number_in_order(members, numbers_of_those_gone(found, "seat"))
        return {key: replace(place, seat=seats[key]) for key, place in places.items()}
    return places


@read_or_write
def notice(request: PersonRequest, class_id: int) -> HttpResponse:
    """Post a notice to the trainees of a class."""
    require_staff(request)
    found = get_planned(request, class_id)
    form = NoticeForm(request.POST or None)
    address = reverse("classes:training_class", args=[found.pk])
    by, at = Actor.of_request(request), timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            location = run_once(
                key=form.cleaned_data["idempotency_key"],
                user=request.user,
                act=f"post_notice:{found.pk}",
                body_hash=hash_body(request.POST),
                location=f"{address}#notices",
                do=lambda: post_notice(
                    training_class_id=found.pk, text=form.cleaned_data["text"], by=by, at=at
                ),
            )
        except KeyReusedError:
            return conflict_page(request)
        except RosterError as error:
            form.add_error("text", str(error))
        else:
            return redirect(location)
    context = {"training_class": found, "form": form, "cancel_url": address}
    status = 422 if form.errors else 200
    return render(request, "classes/class_notice.html", context, status=status)


@write_only
def notice_down(request: PersonRequest, class_id: int, notice_id: int) -> HttpResponse:
    """Take a notice down."""
    require_staff(request)
    found = get_planned(request, class_id)
    by, at = Actor.of_request(request), timezone.now()
    try:
        take_notice_down(training_class_id=found.pk, notice_id=notice_id, by=by, at=at)
    except ClassNotice.DoesNotExist as error:
        raise Http404 from error
    return redirect(reverse("classes:training_class", args=[found.pk]) + "#notices")


@read_or_write
def answer(request: PersonRequest, leave_id: int) -> HttpResponse:
    """Accept or refuse a request for leave; the form is on the page of the class."""
    require_staff(request)
    own = LeaveRequest.objects.answered_at_school_of(request.user, today())
    found = own.filter(pk=leave_id).select_related("session").first()
    if found is None:
        raise Http404
    class_id = found.session.training_class_id
    address = reverse("classes:training_class", args=[class_id])
    if request.method != "POST":
        return redirect(f"{address}#leaves")
    form = LeaveAnswerForm(request.POST, leave_id=leave_id)
    if form.is_valid():
        try:
            return redirect(_answer(request, form, f"{address}#leaves"))
        except KeyReusedError:
            return conflict_page(request)
        except LeaveError as error:
            form.add_error(error.field, str(error))
    return render_class(request, class_id, leave=form)


def _answer(request: PersonRequest, form: LeaveAnswerForm, location: str) -> str:
    by, at = Actor.of_request(request), timezone.now()

    def do() -> None:
        answer_leave(
            leave_id=form.leave_id,
            answer=LeaveAnswer(form.cleaned_data["answer"]),
            word=form.cleaned_data["word"],
            by=by,
            at=at,
        )
        messages.success(request, _("The member sees the answer on the timetable."))

    return run_once(
        key=form.cleaned_data["idempotency_key"],
        user=request.user,
        act=f"answer_leave:{form.leave_id}",
        body_hash=hash_body(request.POST),
        location=location,
        do=do,
    )

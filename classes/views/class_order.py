"""The clerk's page for the order of a class."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.submissions import carry_out_once
from classes.actions.class_order import (
    Order,
    Place,
    arrange_roster,
    find_kept,
    number_in_order,
    split_evenly,
)
from classes.errors import OrderConflictError, RosterError
from classes.forms.class_order import OrderForm
from classes.models import Enrolment
from classes.queries.classes import numbers_of_those_gone
from classes.views.classes import get_planned
from config.lib.methods import read_or_write
from courses.models import TrainingClass
from schools.permissions import staff_page


@read_or_write
@staff_page
def class_order(request: PersonRequest, class_id: int) -> HttpResponse:
    """Name a monitor, split the class into study groups, number seats and pockets."""
    training_class = get_planned(request, class_id)
    roster = list(Enrolment.objects.known_to(training_class).for_roll())
    kept = find_kept(training_class.pk, roster, request.now)
    form = OrderForm(request.POST or None, roster=roster, kept=kept.keys())
    if request.method == "POST" and form.is_valid():
        wanted = Order(_places(training_class, form), form.cleaned_data["monitor"])
        try:
            return _arrange(request, training_class, form, wanted)
        except OrderConflictError as error:
            form = form.show_conflicts(error, wanted)
        except RosterError as error:
            form.refuse(error)
    rows = [
        (
            enrolment,
            form[f"pocket-{enrolment.member_id}"],
            form[f"seat-{enrolment.member_id}"],
            form[f"group-{enrolment.member_id}"],
            kept.get(enrolment.member_id),
        )
        for enrolment in roster
    ]
    context = {
        "training_class": training_class,
        "form": form,
        "rows": rows,
        "reasons": set(kept.values()),
    }
    status = 422 if form.errors else 200
    return render(request, "classes/class_order.html", context, status=status)


def _arrange(
    request: PersonRequest, training_class: TrainingClass, form: OrderForm, wanted: Order
) -> HttpResponse:
    by, at = Actor.of_request(request), request.now

    def do() -> None:
        arrange_roster(
            training_class_id=training_class.pk,
            wanted=wanted,
            seen=form.cleaned_data["seen"],
            by=by,
            at=at,
        )
        messages.success(request, _("Saved."))

    # After splitting or numbering, the clerk sees the result on the same page.
    page = "training_class" if form.cleaned_data["act"] == "save" else "class_order"
    to = reverse(f"classes:{page}", args=[training_class.pk])
    return carry_out_once(request, form, do=do, to=to)


def _places(training_class: TrainingClass, form: OrderForm) -> dict[int, Place]:
    """The places as typed; for a split or a numbering, the computed values instead."""
    places, members = form.places, [enrolment.member_id for enrolment in form.roster]
    if form.cleaned_data["act"] == "split":
        groups = split_evenly(members, form.cleaned_data["groups"])
        return {key: replace(place, group=groups[key]) for key, place in places.items()}
    if form.cleaned_data["act"] == "number":
        kept = [
            enrolment.phone_pocket for enrolment in form.roster if enrolment.member_id in form.kept
        ]
        taken = numbers_of_those_gone(training_class, "phone_pocket") | {
            number for number in kept if number
        }
        pockets = number_in_order([key for key in members if key not in form.kept], taken)
        return {
            key: replace(place, pocket=pockets.get(key, place.pocket))
            for key, place in places.items()
        }
    if form.cleaned_data["act"] == "seat":
        seats = number_in_order(members, numbers_of_those_gone(training_class, "seat"))
        return {key: replace(place, seat=seats[key]) for key, place in places.items()}
    return places

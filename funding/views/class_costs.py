"""Pages of what classes cost: those that wait for money, one of them, and the acts of each."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from courses.models import TrainingClass
from funding.actions.class_costs import ask_for_class, is_open, settle_class
from funding.forms import AskForClassForm
from funding.models import Commitment
from funding.permissions import asks_for_money, fund_page, may_settle_some
from funding.queries.class_costs import list_class_costs, list_not_delivered
from funding.queries.class_money import explain, list_classes_without_money, list_seen_costs
from funding.queries.funds import schools_with_seen_funds
from funding.views.commitments import say_rule
from funding.views.funds import act_on, crumbs_to, say_moves
from schools.views.acting import acting, sent


@require_safe
@fund_page
def classes(request: PersonRequest) -> HttpResponse:
    """Classes with costs that have no money yet, or that differ from their plan."""
    schools = schools_with_seen_funds(request.user, request.today)
    found = list_classes_without_money(schools, request.today)
    context = {"page_obj": page_of(request, found)}
    return render(request, "funding/classes.html", context)


@require_safe
@fund_page
def class_costs(request: PersonRequest, class_id: int) -> HttpResponse:
    """What a class costs: planned, reserved, delivered, and how they differ."""
    training_class = _get_class(request, class_id)
    costs = list_seen_costs(request.user, training_class, request.today)
    for cost in costs:
        cost.why = explain(cost)  # type: ignore[attr-defined]
    on, school = request.today, training_class.school_id
    context = {
        "training_class": training_class,
        "costs": costs,
        "may_ask": asks_for_money(request.user, school, on) and any(map(is_open, costs)),
        "may_settle": may_settle_some(request.user, school, on)
        and any(cost.left_over for cost in costs)
        and not list_not_delivered(training_class, request.now).exists(),
        **_titles(training_class, request.today.year),
    }
    return render(request, "funding/class_costs.html", context)


@read_or_write
@fund_page
def ask(request: PersonRequest, class_id: int) -> HttpResponse:
    """The clerk asks for the money of costs in one act."""
    training_class = _get_class(request, class_id)
    if not asks_for_money(request.user, training_class.school_id, request.today):
        raise PermissionDenied
    costs = [cost for cost in list_class_costs(training_class) if is_open(cost)]

    def do(data: dict[str, Any]) -> list[Commitment]:
        keys = [cost.key for cost in costs if cost.code in data["costs"]]
        return ask_for_class(
            training_class_id=training_class.pk,
            keys=keys,
            channel=data["channel"],
            exception_reason=data["exception_reason"],
            **acting(request),
        )

    return _act(
        request,
        training_class,
        AskForClassForm(sent(request), costs=costs),
        do,
        words=(
            _("Ask for the money of a class"),
            _("Ask and reserve"),
            _("The money is reserved. The custodian looks at it next."),
        ),
        effects=lambda made: [
            line for one in made for line in (*say_rule(one), *say_moves(one.transactions.get()))
        ],
    )


@read_or_write
@fund_page
def settle(request: PersonRequest, class_id: int) -> HttpResponse:
    """What was not delivered is released."""
    training_class = _get_class(request, class_id)
    if not may_settle_some(request.user, training_class.school_id, request.today):
        raise PermissionDenied
    return _act(
        request,
        training_class,
        IdempotentForm(sent(request)),
        lambda _data: settle_class(training_class_id=training_class.pk, **acting(request)),
        words=(
            _("Settle a class"),
            pgettext("of a class", "Settle"),
            _("What was not delivered is available again."),
        ),
        effects=lambda done: [
            line for one in done for line in (str(one.commitment), *say_moves(one))
        ],
        about={
            "about": "funding/class_costs_table.html",
            "costs": list_seen_costs(request.user, training_class, request.today),
        },
    )


def _act(
    request: PersonRequest, training_class: TrainingClass, *args: Any, **kwargs: Any
) -> HttpResponse:
    page = (_titles(training_class, request.today.year)["title"], _page_of(training_class))
    parent = (training_class.school, request.today.year)
    return act_on(request, *args, parent=parent, page=page, **kwargs)


def _get_class(request: PersonRequest, class_id: int) -> TrainingClass:
    """The class, if the person sees some of the money of the school that holds it."""
    seen = schools_with_seen_funds(request.user, request.today)
    rows = TrainingClass.objects.filter(school__in=seen).select_related("school")
    return get_object_or_404(rows, pk=class_id)


def _page_of(training_class: TrainingClass) -> str:
    return reverse("funding:class_costs", args=[training_class.pk])


def _titles(training_class: TrainingClass, year: int) -> dict[str, Any]:
    title = _("Costs of “%(title)s”") % {"title": training_class.title}
    return {"title": title, "crumbs": crumbs_to(training_class.school, year, title)}

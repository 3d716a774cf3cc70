"""The calculator: proposals of allocations, and the act that allocates what was decided."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from config.lib.methods import read_or_write
from funding.actions.allocations import AllocationFacts, allocate_proposals
from funding.amounts import ZERO, format_amount
from funding.errors import FundError
from funding.forms import ProposalsForm, years_of
from funding.models import FundTransaction
from funding.permissions import allocates
from funding.queries.proposals import propose_allocations
from funding.views.funds import say_funds, year_asked
from schools.enums import FundingChannel
from schools.views.acting import acting, sent


@require_safe
@page_if(allocates)
def proposals(request: PersonRequest) -> HttpResponse:
    """What the rules of weights propose for a year, and how they come to it."""
    year = year_asked(request)
    calculations = propose_allocations(year, request.now)
    channels = {made.rule.channel for made in calculations}
    context = {
        "year": year,
        "years": years_of(request.today),
        "last_year": year - 1,
        "calculations": calculations,
        "channels": [(one.value, one.label) for one in FundingChannel if one.value in channels],
        "asked": {"year": str(year)},
        "crumbs": _crumbs(year)[:2],
        "title": _title(year),
    }
    return render(request, "funding/proposals.html", context)


@read_or_write
@page_if(allocates)
def take_over(request: PersonRequest) -> HttpResponse:
    """The department takes proposals over, changes amounts, and allocates in one act."""
    year, channel = year_asked(request), _channel_asked(request)
    found = [
        one
        for made in propose_allocations(year, request.now)
        if made.rule.channel == channel
        for one in made.proposals
    ]
    form = ProposalsForm(sent(request), channel=channel.value, proposals=found)

    def do(data: dict[str, Any]) -> list[FundTransaction]:
        given = {"year": year, "channel": channel.value, "document": data["document"]}
        decision = data.get("decision", "")
        decided = [
            (
                AllocationFacts(
                    school=one.school,
                    purpose=one.rule.purpose,
                    amount=amount,
                    decision=decision,
                    **given,
                ),
                one.amount,
            )
            for one, amount in form.amounts()
        ]
        return allocate_proposals(decided=decided, **acting(request))

    parent = f"{reverse('funding:proposals')}?year={year}"
    context: dict[str, object] = {
        "title": _("Allocate %(channel)s for %(year)d") % {"channel": channel.label, "year": year},
        "submit_label": _("Allocate"),
        "done": _("The money is allocated."),
        "cancel_url": parent,
        "intro": _("Each amount begins with its proposal. Empty or 0: nothing is allocated."),
        "crumbs": _crumbs(year),
    }
    location = f"{reverse('funding:funds')}?year={year}"
    steps = Confirmation(form, do, _say, (FundError,), location, context)
    return confirm_action(request, steps)


def _say(posted: list[FundTransaction]) -> list[str]:
    """What each school gets, and all together."""
    amounts = [(one.allocation, one.allocation.amount) for one in posted if one.allocation]
    said = [
        _("%(school)s, %(purpose)s: %(amount)s yuan.")
        % {
            "school": allocation.school.name,
            "purpose": allocation.get_purpose_display(),
            "amount": format_amount(amount),
        }
        for allocation, amount in amounts
    ]
    total = sum((amount for _allocation, amount in amounts), ZERO)
    return [*said, _("In all: %(amount)s yuan.") % {"amount": format_amount(total)}]


def _channel_asked(request: PersonRequest) -> FundingChannel:
    """The channel of the address, or the first. Raises Http404 for another word."""
    first = next(iter(FundingChannel))
    try:
        return FundingChannel(request.GET.get("channel", first))
    except ValueError as error:
        raise Http404 from error


def _title(year: int) -> str:
    return _("Proposed allocations of %(year)d") % {"year": year}


def _crumbs(year: int) -> list[dict[str, str]]:
    of_year = f"?year={year}"
    return [
        {"label": say_funds(year), "url": reverse("funding:funds") + of_year},
        {"label": _title(year), "url": reverse("funding:proposals") + of_year},
        {"label": _("Allocate"), "url": ""},
    ]

"""Pages of the funds: all that one sees, and those of a school with what the department does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from funding.actions.allocations import (
    AllocationFacts,
    adjust_allocation,
    allocate_funds,
    carry_funds_over,
)
from funding.actions.reversals import may_reverse, reverse_transaction
from funding.amounts import format_amount
from funding.enums import Stage
from funding.errors import FundError
from funding.forms import AdjustForm, AllocationForm, CarryOverForm, years_of
from funding.models import Allocation, FundLeg, FundTransaction
from funding.permissions import (
    allocates,
    asks_for_money,
    fund_page,
    sees_double_roles,
)
from funding.queries.balances import add_up, list_balances
from funding.queries.funds import list_life, list_lines, schools_with_seen_funds
from funding.queries.segregation import list_double_holders
from schools.models import School
from schools.views.acting import acting, sent


@require_safe
@fund_page
def funds(request: PersonRequest) -> HttpResponse:
    """The balances of a year, of all money that the person sees."""
    year, on = year_asked(request), request.today
    schools = schools_with_seen_funds(request.user, on)
    names = dict(schools.in_year(year).values_list("pk", "name"))
    legs = FundLeg.objects.visible_to(request.user, on).filter(year=year)
    balances = list_balances(legs)
    of_school: dict[int, list[Any]] = {key: [] for key in names}
    for balance in balances:
        of_school.setdefault(balance.school_id, []).append(balance)
    names |= dict(schools.filter(pk__in=of_school).values_list("pk", "name"))
    rows = [
        {"school": {"pk": key, "name": names[key]}, "total": add_up(own), "balances": own}
        for key, own in of_school.items()
    ]
    context = {
        "year": year,
        "years": years_of(on),
        "rows": rows,
        "total": add_up(balances),
        "has_money": bool(balances),
        "may_allocate": allocates(request.user),
    }
    return render(request, "funding/funds.html", context)


@require_safe
@fund_page
def fund(request: PersonRequest, school_id: int) -> HttpResponse:
    """A school's money of a year: balances, allocations, and the lines of the ledger."""
    school, year, on = get_school(request, school_id), year_asked(request), request.today
    legs = FundLeg.objects.visible_to(request.user, on).filter(school=school, year=year)
    allocations = Allocation.objects.visible_to(request.user, on).filter(school=school, year=year)
    balances = list_balances(legs)
    context = {
        "school": school,
        "year": year,
        "years": years_of(on),
        "balances": balances,
        "total": add_up(balances),
        "allocations": allocations.order_by("channel", "purpose", "pk"),
        "page_obj": page_of(request, list_lines(request.user, on, school, year)),
        "may_allocate": allocates(request.user),
        "may_ask": asks_for_money(request.user, school.pk, on),
        "title": _name(school, year),
        "crumbs": crumbs_to(school, year, "")[:2],
    }
    return render(request, "funding/fund.html", context)


@require_safe
@page_if(sees_double_roles)
def double_roles(request: PersonRequest) -> HttpResponse:
    """Who holds two roles for money that are for two people."""
    context = {"holders": list_double_holders(request.user, request.today)}
    return render(request, "funding/double_roles.html", context)


@require_safe
@fund_page
def allocation(request: PersonRequest, allocation_id: int) -> HttpResponse:
    """An allocation and what was posted about it."""
    found = get_allocation(request, allocation_id)
    life = list(list_life(found.transactions.all()))
    for posted in life:
        posted.may_reverse = may_reverse_now(request, posted)  # type: ignore[attr-defined]
    context = {
        "allocation": found,
        "life": life,
        "may_adjust": allocates(request.user),
        "title": found.document,
        "crumbs": crumbs_to(found.school, found.year, found.document),
    }
    return render(request, "funding/allocation.html", context)


@read_or_write
@page_if(allocates)
def allocate(request: PersonRequest, school_id: int) -> HttpResponse:
    """The department allocates to a school."""
    school, year = get_school(request, school_id), year_asked(request)

    def do(data: dict[str, Any]) -> FundTransaction:
        names = ("year", "channel", "purpose", "amount", "document", "decision")
        facts = AllocationFacts(school=school, **{name: data[name] for name in names})
        return allocate_funds(facts=facts, **acting(request))

    form = AllocationForm(sent(request), on=request.today, year=year)
    words = (_("Allocate money"), _("Allocate"), _("The money is allocated."))
    return act_on(request, form, do, words=words, effects=say_moves, parent=(school, year))


@read_or_write
@page_if(allocates)
def carry_over(request: PersonRequest, school_id: int) -> HttpResponse:
    """The department carries what is left of a year over into the next one."""
    school, year = get_school(request, school_id), year_asked(request)

    def do(data: dict[str, Any]) -> FundTransaction:
        names = ("year", "channel", "purpose", "amount", "reason")
        facts = {name: data[name] for name in names}
        return carry_funds_over(school=school, **facts, **acting(request))

    form = CarryOverForm(sent(request), on=request.today, year=year)
    words = (_("Carry money over"), _("Carry over"), _("The money is carried over."))
    return act_on(request, form, do, words=words, effects=say_moves, parent=(school, year))


@read_or_write
@page_if(allocates)
def adjust(request: PersonRequest, allocation_id: int) -> HttpResponse:
    """The department adds to an allocation or takes from it."""
    found = get_allocation(request, allocation_id)

    def do(data: dict[str, Any]) -> FundTransaction:
        facts = {name: data[name] for name in ("amount", "reason")}
        return adjust_allocation(allocation_id=found.pk, **facts, **acting(request))

    words = (_("Adjust the allocation"), _("Adjust"), _("The allocation is adjusted."))
    return act_on(
        request,
        AdjustForm(sent(request)),
        do,
        words=words,
        effects=say_moves,
        parent=(found.school, found.year),
        page=(found.document, reverse("funding:allocation", args=[found.pk])),
    )


@read_or_write
@fund_page
def reverse_posted(request: PersonRequest, transaction_id: int) -> HttpResponse:
    """Who may take a step reverses it."""
    visible = FundTransaction.objects.visible_to(request.user, request.today)
    related = ("school", "allocation", "commitment")
    found = get_object_or_404(visible.select_related(*related), pk=transaction_id)
    if not may_reverse(found, request.user, request.today):
        raise PermissionDenied
    leg = found.legs.filter(amount__gt=0).first()
    year = leg.year if leg else request.today.year

    def do(data: dict[str, Any]) -> FundTransaction:
        return reverse_transaction(
            transaction_id=found.pk, reason=data["reason"], **acting(request)
        )

    words = (_("Reverse a transaction"), _("Reverse"), _("The transaction is reversed."))
    return act_on(
        request,
        ReasonForm(sent(request)),
        do,
        words=words,
        effects=say_moves,
        parent=(found.school, year),
        page=_page_of_cause(found),
    )


def act_on(
    request: PersonRequest,
    form: IdempotentForm,
    do: Callable[[dict[str, Any]], Any],
    *,
    words: tuple[str, str, str],
    effects: Callable[[Any], list[str]],
    parent: tuple[School, int],
    page: tuple[str, str] | None = None,
    location: Callable[[Any], str] | None = None,
    about: dict[str, Any] | None = None,
) -> HttpResponse:
    """An act with its check page; `page` is what it is about, else the funds of the school.

    `about` is the context of a template, also called `about`, which both pages show.
    """
    title, label, done = words
    crumbs = crumbs_to(*parent, title)
    if page is not None:
        crumbs.insert(2, {"label": page[0], "url": page[1]})
    address = crumbs[-2]["url"]
    context = {
        "title": title,
        "submit_label": label,
        "done": done,
        "cancel_url": address,
        "intro": crumbs[-2]["label"],
        "crumbs": crumbs,
        "has_no_entries": type(form) is IdempotentForm,
        **(about or {}),
    }
    steps = Confirmation(form, do, effects, (FundError,), location or address, context)
    return confirm_action(request, steps)


def say_moves(posted: FundTransaction) -> list[str]:
    """What a transaction does to the accounts, and what is then in each, in words."""
    return [
        _("%(channel)s, %(year)d, %(purpose)s: %(amount)s yuan %(stage)s, then %(balance)s yuan.")
        % {
            "channel": posted.get_channel_display(),
            "year": leg.year,
            "purpose": leg.get_purpose_display(),
            "amount": f"{'+' if leg.amount > 0 else '−'}{format_amount(abs(leg.amount))}",
            "stage": leg.get_stage_display(),
            "balance": format_amount(leg.balance),
        }
        for leg in posted.legs.exclude(stage=Stage.GRANTED).order_by("pk")
    ]


def may_reverse_now(request: PersonRequest, posted: FundTransaction) -> bool:
    """Whether the person may reverse a transaction that is not reversed yet."""
    is_reversed: bool = posted.is_reversed  # type: ignore[attr-defined]
    return not is_reversed and may_reverse(posted, request.user, request.today)


def year_asked(request: PersonRequest) -> int:
    """The year of the address, or this one. Raises Http404 for a year that has no money."""
    on = request.today
    years = {str(year): year for year in years_of(on)}
    try:
        return years[request.GET.get("year", str(on.year))]
    except KeyError as error:
        raise Http404 from error


def get_school(request: PersonRequest, school_id: int) -> School:
    """The school, if the person sees some of its money."""
    return get_object_or_404(schools_with_seen_funds(request.user, request.today), pk=school_id)


def get_allocation(request: PersonRequest, allocation_id: int) -> Allocation:
    """The allocation, if the person may see it."""
    visible = Allocation.objects.visible_to(request.user, request.today)
    return get_object_or_404(visible.select_related("school"), pk=allocation_id)


def crumbs_to(school: School, year: int, label: str) -> list[dict[str, str]]:
    """All funds, those of the school, this page."""
    return [
        {"label": say_funds(year), "url": _address(year)},
        {"label": _name(school, year), "url": _address(year, school)},
        {"label": label, "url": ""},
    ]


def say_funds(year: int) -> str:
    """The title of the funds of all schools."""
    return _("Funds of %(year)d") % {"year": year}


def _page_of_cause(posted: FundTransaction) -> tuple[str, str] | None:
    if posted.allocation is not None:
        page = reverse("funding:allocation", args=[posted.allocation.pk])
        return posted.allocation.document, page
    if posted.commitment is not None:
        page = reverse("funding:commitment", args=[posted.commitment.pk])
        return posted.commitment.subject, page
    return None


def _name(school: School, year: int) -> str:
    return _("Funds of %(school)s, %(year)d") % {"school": school.name, "year": year}


def _address(year: int, school: School | None = None) -> str:
    page = reverse("funding:fund", args=[school.pk]) if school else reverse("funding:funds")
    return f"{page}?year={year}"

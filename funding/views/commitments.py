"""Pages of costs: the list, a cost with its life, and each step with its check page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.requests import PersonRequest
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from funding.actions.commitments import (
    CostFacts,
    approve_commitment,
    check_commitment,
    commit_funds,
    may_release,
    pay_commitment,
    release_commitment,
)
from funding.amounts import format_amount
from funding.enums import CommitmentState
from funding.filters import commitment_filters
from funding.forms import CommitForm, PayForm
from funding.models import Commitment, ExceptionRequest, FundTransaction
from funding.permissions import (
    allocates,
    asks_for_money,
    fund_page,
    has_money_role,
)
from funding.queries.breaches import cite_rule
from funding.queries.class_costs import find_class_cost
from funding.queries.class_money import explain
from funding.queries.funds import list_commitments, list_life, sum_paid
from funding.views.funds import (
    act_on,
    crumbs_to,
    get_school,
    may_reverse_now,
    say_moves,
    year_asked,
)
from funding.views.voucher_context import checklist_context, voucher_context
from schools.views.acting import acting, sent


@require_safe
@fund_page
def commitments(request: PersonRequest) -> HttpResponse:
    """Costs that the person sees."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = commitment_filters(asked)
    rows = filters.apply(list_commitments(asked.user, asked.today))
    context = {"page_obj": page_of(request, rows), "filters": filters}
    if filters.value("class"):
        context["paid"] = sum_paid(rows)
    return render(request, "funding/commitments.html", context)


@require_safe
@fund_page
def commitment(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """A cost: what was asked for, by which rule, and what became of it."""
    found = get_commitment(request, commitment_id)
    life = list(list_life(found.transactions.all()))
    for posted in life:
        posted.may_reverse = may_reverse_now(request, posted)  # type: ignore[attr-defined]
    held = {
        role: has_money_role(request.user, role, found.school_id, found.channel, request.today)
        for role in (Role.CUSTODIAN, Role.APPROVER, Role.PAYER)
    }
    state = found.state  # type: ignore[attr-defined]
    cost = find_class_cost(found)
    context = {
        "commitment": found,
        "why": explain(cost) if cost else "",
        "check": getattr(found, "earmark_check", None),
        "life": life,
        "may_check": held[Role.CUSTODIAN] and state == CommitmentState.TO_CHECK,
        "may_decide": allocates(request.user) and state == CommitmentState.TO_DECIDE,
        "may_approve": held[Role.APPROVER] and state == CommitmentState.TO_APPROVE,
        "may_pay": held[Role.PAYER] and state == CommitmentState.TO_PAY,
        "may_release": state != CommitmentState.SETTLED and _may_release(request, found),
        **exception_context(found),
        **voucher_context(request, found),
        "title": found.subject,
        "crumbs": crumbs_to(found.school, found.year, found.subject),
    }
    return render(request, "funding/commitment.html", context)


@read_or_write
@fund_page
def commit(request: PersonRequest, school_id: int) -> HttpResponse:
    """The clerk asks for money."""
    school, year, on = get_school(request, school_id), year_asked(request), request.today
    if not asks_for_money(request.user, school.pk, on):
        raise PermissionDenied

    def do(data: dict[str, Any]) -> Commitment:
        names = (
            *("year", "channel", "use", "amount", "subject"),
            *("training_class", "instructor", "fee_hours"),
        )
        facts = CostFacts(school=school, **{name: data[name] for name in names})
        reason = data["exception_reason"]
        return commit_funds(facts=facts, exception_reason=reason, **acting(request))

    words = (
        _("Ask for money"),
        _("Ask and reserve"),
        _("The money is reserved. The custodian looks at it next."),
    )
    return act_on(
        request,
        CommitForm(sent(request), school=school, on=on, year=year),
        do,
        words=words,
        effects=_say_rules,
        parent=(school, year),
        location=lambda made: reverse("funding:commitment", args=[made.pk]),
    )


@read_or_write
@fund_page
def check(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """The custodian confirms that the cost fits its money."""
    found = _get_for(request, commitment_id, Role.CUSTODIAN)
    return step(
        request,
        found,
        IdempotentForm(sent(request)),
        do=lambda _data: check_commitment(commitment_id=found.pk, **acting(request)),
        effects=lambda _done: [
            *say_rule(found),
            _("You confirm that this cost is for what its money is earmarked for."),
        ],
        words=(_("Check the cost"), _("It fits"), _("The cost is checked.")),
    )


@read_or_write
@fund_page
def approve(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """The approver approves all that is reserved."""
    found = _get_for(request, commitment_id, Role.APPROVER)
    return step(
        request,
        found,
        IdempotentForm(sent(request)),
        do=lambda _data: approve_commitment(commitment_id=found.pk, **acting(request)),
        effects=lambda posted: [*say_rule(found), *say_moves(posted)],
        words=(
            _("Approve the cost"),
            pgettext("of a cost", "Approve"),
            _("The cost is approved."),
        ),
    )


@read_or_write
@fund_page
def pay(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """The payer notes what was paid."""
    found = _get_for(request, commitment_id, Role.PAYER)
    return step(
        request,
        found,
        PayForm(sent(request)),
        do=lambda data: pay_commitment(
            commitment_id=found.pk, amount=data["amount"], **acting(request)
        ),
        effects=lambda posted: [*say_rule(found), *say_moves(posted)],
        words=(_("Pay the cost"), _("Note the payment"), _("The payment is noted.")),
        about={"about": "funding/checklist.html", **checklist_context(request, found)},
    )


@read_or_write
@fund_page
def release(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """What is reserved or approved and not paid goes back."""
    found = get_commitment(request, commitment_id)
    if not _may_release(request, found):
        raise PermissionDenied
    return step(
        request,
        found,
        ReasonForm(sent(request)),
        do=lambda data: release_commitment(
            commitment_id=found.pk, reason=data["reason"], **acting(request)
        ),
        effects=say_moves,
        words=(
            _("Release the money"),
            pgettext("of money", "Release"),
            _("The money is available again."),
        ),
    )


def step(
    request: PersonRequest,
    found: Commitment,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    words: tuple[str, str, str],
    about: dict[str, Any] | None = None,
) -> HttpResponse:
    """An act on a cost, with its check page; the cost's page follows."""
    return act_on(
        request,
        form,
        do,
        words=words,
        effects=effects,
        about=about,
        parent=(found.school, found.year),
        page=(found.subject, reverse("funding:commitment", args=[found.pk])),
    )


def exception_context(found: Commitment) -> dict[str, Any]:
    """What `funding/exception.html` shows: the request of a cost, and the rule that it cites."""
    asked = getattr(found, "exception", None)
    if asked is None:
        return {"exception": None}
    return {"exception": asked, "exception_rule": cite_rule(asked.rule)}


def _say_rules(made: Commitment) -> list[str]:
    """What is reserved, and by which rules it may be."""
    posted: FundTransaction = made.transactions.get()
    said = [*say_rule(made), *say_moves(posted)]
    if made.fee_rule is not None:
        said.insert(
            1,
            _("Ceiling: %(ceiling)s yuan an hour for %(title)s (%(source)s).")
            % {
                "ceiling": format_amount(made.fee_rule.ceiling),
                "title": made.fee_rule.get_title_display(),
                "source": made.fee_rule.source,
            },
        )
    asked = ExceptionRequest.objects.filter(commitment=made).first()
    if asked is not None:
        said.insert(1, _("An exception is asked for: %(reason)s") % {"reason": asked.reason})
    return said


def say_rule(made: Commitment) -> list[str]:
    """What a cost is for, and the rule that permits it."""
    return [
        _("%(subject)s: %(amount)s yuan for %(use)s from %(channel)s (%(source)s).")
        % {
            "subject": made.subject,
            "amount": format_amount(made.amount),
            "use": made.get_use_display(),
            "channel": made.get_channel_display(),
            "source": made.use_rule.source,
        }
    ]


def get_commitment(request: PersonRequest, commitment_id: int) -> Commitment:
    """A cost that the person sees, with its state and what its pages name."""
    visible = list_commitments(request.user, request.today).select_related(
        *("school", "training_class", "instructor", "use_rule", "fee_rule", "cost_rate"),
        *("requested_by", "earmark_check__checked_by"),
        *("exception__limit_rule", "exception__decision__decided_by"),
    )
    return get_object_or_404(visible, pk=commitment_id)


def _get_for(request: PersonRequest, commitment_id: int, role: Role) -> Commitment:
    found = get_commitment(request, commitment_id)
    if not has_money_role(request.user, role, found.school_id, found.channel, request.today):
        raise PermissionDenied
    return found


def _may_release(request: PersonRequest, found: Commitment) -> bool:
    is_approved = found.approved > 0  # type: ignore[attr-defined]
    return may_release(found, **acting(request), is_approved=is_approved)

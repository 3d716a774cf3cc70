"""Pages of claims: the list, a claim with its form, and what school and department do with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm
from backstage.idempotency import replay_if_deleted
from backstage.submissions import carry_out_once, submit_once
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write, write_only
from config.lib.paging import page_of
from quotas import lists
from quotas.actions.claims import (
    accept_claim,
    ask_again,
    begin_claim,
    discard_claim,
    submit_claim,
    write_claim,
)
from quotas.amounts import say_amount
from quotas.enums import ClaimState
from quotas.errors import ClaimError
from quotas.filters import claim_filters
from quotas.forms import ClaimForm, WordsForm
from quotas.models import QuotaClaim
from quotas.permissions import drafts_claims, own_claims, sets_tasks, submits_claims
from quotas.queries.actuals import Actuals, cell_of, read_actuals
from quotas.queries.claims import accepted_amounts
from quotas.queries.tasks import address_of_tasks
from quotas.views.tasks import crumbs_to, year_asked
from schools.models import School
from schools.permissions import staff_page
from schools.views.acting import acting, sent


@require_safe
@staff_page
def claims(request: PersonRequest) -> HttpResponse:
    """Claims of the schools that the person sees."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = claim_filters(asked)
    context = {
        "page_obj": page_of(request, lists.claims(asked, filters)),
        "filters": filters,
        "export": "quota-claims",
    }
    return render(request, "quotas/claims.html", context)


@write_only
@staff_page
def begin(request: PersonRequest) -> HttpResponse:
    """Begin the next version of a school's claim; the school is in the form."""
    asked = ListRequest(request.user, request.POST.dict(), request.now)
    visible = School.objects.visible_to(request.user, asked.today)
    school = get_object_or_404(visible, pk=asked.key("school"))
    year, form = year_asked(request), IdempotentForm(request.POST)
    if not form.is_valid():
        return redirect(address_of_tasks(year))

    def do() -> str:
        made = begin_claim(school_id=school.pk, year=year, **acting(request))
        return reverse("quotas:claim", args=[made.pk])

    try:
        return carry_out_once(request, form, do=do)
    except ClaimError as error:
        messages.error(request, error.message)
        return redirect(address_of_tasks(year))


@read_or_write
@staff_page
def claim(request: PersonRequest, claim_id: int) -> HttpResponse:
    """A claim beside the task and the school's figures of the year before."""
    found, on = get_claim(request, claim_id), request.today
    before = read_actuals([found.school_id], found.year - 1, request.now)
    may_write = found.state == ClaimState.DRAFT and drafts_claims(request.user, found.school_id, on)
    form = ClaimForm(sent(request), claim=found, before=before) if may_write else None
    if request.method == "POST" and form is None:
        raise PermissionDenied
    if form is not None:
        do = partial(_write, request, found, form)
        if answer := submit_once(request, form, do=do, refusals=(ClaimError,)):
            return answer
    waits = found.state == ClaimState.SUBMITTED and sets_tasks(request.user)
    own = QuotaClaim.objects.filter(pk=found.pk)
    is_own = waits and own.filter(own_claims(request.user, on)).exists()
    context = {
        "claim": found,
        "lines": _lines(found, before),
        "form": form,
        "may_submit": found.state == ClaimState.DRAFT
        and submits_claims(request.user, found.school_id, on),
        "may_decide": waits and not is_own,
        "is_own": is_own,
        "others": QuotaClaim.objects.visible_to(request.user, on)
        .filter(school=found.school, year=found.year)
        .exclude(pk=found.pk),
        "title": name_of(found),
        "crumbs": crumbs_to(found.year, name_of(found)),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "quotas/claim.html", context, status=status)


def _write(request: PersonRequest, found: QuotaClaim, form: ClaimForm) -> str:
    write_claim(
        claim_id=found.pk,
        amounts=form.amounts,
        reason=form.cleaned_data.get("reason", ""),
        **acting(request),
    )
    messages.success(request, _("The draft is saved. A leader of the school submits it."))
    return reverse("quotas:claim", args=[found.pk])


def _lines(found: QuotaClaim, before: Actuals) -> list[dict[str, Any]]:
    accepted = accepted_amounts(found.year).get(found.school_id, {})
    lines = found.lines.select_related("task_line__module").order_by("task_line")
    return [
        {
            "line": line.task_line,
            "amount": line.amount,
            "before": before.amount(cell_of(*line.task_line.key, found.school_id)),
            "accepted": accepted.get(line.task_line.key),
        }
        for line in lines
    ]


@read_or_write
@staff_page
def submit(request: PersonRequest, claim_id: int) -> HttpResponse:
    """A leader submits the school's claim."""
    found = get_claim(request, claim_id)
    if not submits_claims(request.user, found.school_id, request.today):
        raise PermissionDenied
    return _decide(
        request,
        found,
        IdempotentForm(sent(request)),
        do=lambda _data: submit_claim(claim_id=claim_id, **acting(request)),
        effects=lambda done: [
            *_in_words(done),
            _("The organisation department reads and decides."),
        ],
        words=(_("Submit the claim"), _("Submit"), _("The organisation department has the claim.")),
    )


@read_or_write
@replay_if_deleted
@staff_page
def discard(request: PersonRequest, claim_id: int) -> HttpResponse:
    """The clerk drops a draft."""
    found = get_claim(request, claim_id)
    if not drafts_claims(request.user, found.school_id, request.today):
        raise PermissionDenied
    return _decide(
        request,
        found,
        IdempotentForm(sent(request)),
        do=lambda _data: discard_claim(claim_id=claim_id, **acting(request)),
        effects=lambda _done: [_("The draft of the claim is dropped.")],
        words=(_("Drop the draft"), _("Drop"), _("The draft is dropped.")),
        location=address_of_tasks(found.year),
    )


@read_or_write
@page_if(sets_tasks)
def accept(request: PersonRequest, claim_id: int) -> HttpResponse:
    """The department accepts a claim."""
    found = _get_to_decide(request, claim_id)
    return _decide(
        request,
        found,
        IdempotentForm(sent(request)),
        do=lambda _data: accept_claim(claim_id=claim_id, **acting(request)),
        effects=lambda done: [
            *_in_words(done),
            _("These amounts count for %(school)s from now on.") % {"school": done.school.name},
        ],
        words=(
            _("Accept the claim"),
            pgettext("of a claim", "Accept"),
            _("The claim is accepted."),
        ),
    )


@read_or_write
@page_if(sets_tasks)
def ask(request: PersonRequest, claim_id: int) -> HttpResponse:
    """The department asks a school to claim again."""
    found = _get_to_decide(request, claim_id)
    return _decide(
        request,
        found,
        WordsForm(sent(request)),
        do=lambda data: ask_again(claim_id=claim_id, words=data["reason"], **acting(request)),
        effects=lambda done: [
            _("%(school)s reads: %(words)s") % {"school": done.school.name, "words": done.words},
            _("It answers by its next version."),
        ],
        words=(_("Ask the school again"), _("Ask again"), _("The school is asked again.")),
    )


def _decide(
    request: PersonRequest,
    found: QuotaClaim,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    words: tuple[str, str, str],
    location: str = "",
) -> HttpResponse:
    title, label, done = words
    address = reverse("quotas:claim", args=[found.pk])
    page = {
        "title": title,
        "submit_label": label,
        "done": done,
        "cancel_url": address,
        "intro": name_of(found),
        "crumbs": [
            *crumbs_to(found.year, title)[:1],
            {"label": name_of(found), "url": address},
            {"label": title, "url": ""},
        ],
        "has_no_entries": not isinstance(form, WordsForm),
    }
    steps = Confirmation(form, do, effects, (ClaimError,), location or address, page)
    return confirm_action(request, steps)


def _in_words(found: QuotaClaim) -> list[str]:
    lines = found.lines.select_related("task_line__module").order_by("task_line")
    return [
        _("%(label)s: %(value)s")
        % {
            "label": line.task_line.label,
            "value": say_amount(line.amount, line.task_line.measure),
        }
        for line in lines
    ]


def name_of(found: QuotaClaim) -> str:
    """School, year and version of a claim in words."""
    return _("Claim of %(school)s for %(year)d, version %(version)d") % {
        "school": found.school.name,
        "year": found.year,
        "version": found.version,
    }


def get_claim(request: PersonRequest, claim_id: int) -> QuotaClaim:
    """The claim, if the person may see it."""
    visible = QuotaClaim.objects.visible_to(request.user, request.today)
    return get_object_or_404(visible.select_related("school", "task"), pk=claim_id)


def _get_to_decide(request: PersonRequest, claim_id: int) -> QuotaClaim:
    return get_claim(request, claim_id)

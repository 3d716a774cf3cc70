"""After the close: asking for a year to be opened again, the answer, and later facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.entry import page_if
from accounts.interests import own_accounts
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.methods import read_or_write
from quotas.actions.closing import (
    LaterFact,
    answer_reopening,
    ask_reopening,
    note_adjustment,
    take_adjustment_back,
    withdraw_reopening,
)
from quotas.errors import AdjustmentError, ReopeningError
from quotas.forms import AdjustmentForm
from quotas.models import YearAdjustment, YearReopening
from quotas.permissions import countersigns
from quotas.queries.statements import find_closed
from quotas.queries.tasks import address_of_year
from quotas.views.reconciliations import crumbs_to
from quotas.views.tasks import year_asked
from schools.errors import SchoolsError
from schools.views.acting import acting, sent


@read_or_write
@page_if(countersigns)
def ask(request: PersonRequest) -> HttpResponse:
    """An officer asks for a closed year to be opened again."""
    year = year_asked(request)
    return _act(
        request,
        year,
        ReasonForm(sent(request)),
        do=lambda data: ask_reopening(year=year, reason=data["reason"], **acting(request)),
        effects=lambda asked: [
            _("Nothing opens before another officer grants it."),
            _("Reason: %(reason)s") % {"reason": asked.reason},
        ],
        words=(
            _("Ask for %(year)s to be opened again") % {"year": year},
            pgettext("of a reopening", "Ask"),
            _("Another officer answers."),
        ),
    )


@read_or_write
@page_if(countersigns)
def grant(request: PersonRequest, reopening_id: int) -> HttpResponse:
    """Another officer grants it: the lock is released."""
    asked = _get_asked(reopening_id)
    year = asked.reconciliation.year
    return _act(
        request,
        year,
        IdempotentForm(sent(request)),
        do=lambda _data: answer_reopening(
            reopening_id=reopening_id, is_granted=True, **acting(request)
        ),
        effects=lambda done: [
            _("%(year)s is open again: hours and facts of it can be entered and changed.")
            % {"year": year},
            _("The statements stay; the next final reconciliation is a new revision beside them."),
            _("Reason: %(reason)s") % {"reason": done.reason},
        ],
        words=(
            _("Open %(year)s again") % {"year": year},
            _("Open the year again"),
            _("The year is open again."),
        ),
    )


@read_or_write
@page_if(countersigns)
def refuse(request: PersonRequest, reopening_id: int) -> HttpResponse:
    """Another officer refuses it and says why."""
    asked = _get_asked(reopening_id)
    return _act(
        request,
        asked.reconciliation.year,
        ReasonForm(sent(request)),
        do=lambda data: answer_reopening(
            reopening_id=reopening_id, is_granted=False, words=data["reason"], **acting(request)
        ),
        effects=lambda done: [
            _("The year stays closed."),
            _("Reason: %(reason)s") % {"reason": done.words},
        ],
        words=(
            _("Refuse the reopening"),
            pgettext("of a reopening", "Refuse"),
            _("The year stays closed."),
        ),
    )


@read_or_write
@page_if(countersigns)
def withdraw(request: PersonRequest, reopening_id: int) -> HttpResponse:
    """Who asked for it withdraws the request."""
    asked = _get_asked(reopening_id)
    if asked.asked_by_id not in own_accounts(request.user):
        raise PermissionDenied
    return _act(
        request,
        asked.reconciliation.year,
        IdempotentForm(sent(request)),
        do=lambda _data: withdraw_reopening(reopening_id=reopening_id, **acting(request)),
        effects=lambda _done: [_("The year stays closed."), _("It can be asked for anew.")],
        words=(
            _("Withdraw the request to open the year again"),
            pgettext("of a reopening", "Withdraw"),
            _("The request is withdrawn."),
        ),
    )


@read_or_write
@page_if(countersigns)
def note(request: PersonRequest) -> HttpResponse:
    """An officer notes a later fact of a closed year."""
    year = year_asked(request)
    run = find_closed(year)
    if run is None:
        raise Http404

    def do(data: dict[str, Any]) -> YearAdjustment:
        fact = LaterFact(
            words=data["words"],
            reason=data["reason"],
            evidence=data["evidence"],
            school_id=data["school"].pk if data["school"] else None,
            member_id=data["member"],
            hours=data["hours"],
        )
        return note_adjustment(year=year, fact=fact, **acting(request))

    return _act(
        request,
        year,
        AdjustmentForm(sent(request), run=run),
        do=do,
        effects=lambda row: [
            str(row.words),
            *([row.member.name] if row.member else []),
            _("It is listed beside the statement and counted nowhere."),
        ],
        words=(
            _("Note a later fact of %(year)s") % {"year": year},
            _("Note it"),
            _("The fact is noted."),
        ),
    )


@read_or_write
@page_if(countersigns)
def take_back(request: PersonRequest, adjustment_id: int) -> HttpResponse:
    """An officer takes a later fact back by a further row."""
    rows = YearAdjustment.objects.visible_to(request.user, request.today)
    found = get_object_or_404(rows, pk=adjustment_id)
    return _act(
        request,
        found.year,
        ReasonForm(sent(request)),
        do=lambda data: take_adjustment_back(
            adjustment_id=adjustment_id, reason=data["reason"], **acting(request)
        ),
        effects=lambda row: [
            _("Taken back: %(words)s") % {"words": row.words},
            _("Both rows stay listed."),
            _("Reason: %(reason)s") % {"reason": row.reason},
        ],
        words=(
            _("Take a later fact back"),
            pgettext("of a later fact", "Take it back"),
            _("It is taken back."),
        ),
    )


def _act(
    request: PersonRequest,
    year: int,
    form: IdempotentForm,
    *,
    do: Callable[[dict[str, Any]], Any],
    effects: Callable[[Any], list[str]],
    words: tuple[str, str, str],
) -> HttpResponse:
    title, label, done = words
    page: dict[str, object] = {
        "title": title,
        "submit_label": label,
        "done": done,
        "cancel_url": address_of_year(year),
        "crumbs": crumbs_to(year, title),
        "has_no_entries": type(form) is IdempotentForm,
    }
    refusals = (ReopeningError, AdjustmentError, SchoolsError)
    steps = Confirmation(form, do, effects, refusals, address_of_year(year), page)
    return confirm_action(request, steps)


def _get_asked(reopening_id: int) -> YearReopening:
    rows = YearReopening.objects.select_related("reconciliation")
    return get_object_or_404(rows, pk=reopening_id)

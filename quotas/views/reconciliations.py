"""The page of a year: its lock, what blocks it, its runs; and how these begin and end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from backstage.submissions import carry_out_once
from config.lib.dates import format_day
from config.lib.methods import read_or_write, write_only
from config.lib.years import FIRST_YEAR, is_over
from quotas.actions.reconciliations import (
    discard_reconciliation,
    restart_reconciliation,
    start_reconciliation,
)
from quotas.blocker_registry import Blocked, list_blocked
from quotas.enums import ReconciliationState
from quotas.errors import ReconciliationError
from quotas.models import Reconciliation
from quotas.permissions import rehearses, sees_district, sets_tasks
from quotas.queries.closing import read_close
from quotas.queries.runs import list_runs
from quotas.queries.tasks import address_of_year
from quotas.run_filters import name_run
from quotas.views.tasks import year_asked
from schools.errors import SchoolsError
from schools.models import School, YearLock
from schools.permissions import staff_page
from schools.queries.open_years import read_state
from schools.views.acting import acting, sent


@require_safe
@staff_page
def reconciliations(request: PersonRequest) -> HttpResponse:
    """A year: whether it is closed, what blocks its reconciliation, and its runs."""
    now = request.now
    on, year = request.today, year_asked(request)
    schools = list(School.objects.visible_to(request.user, on).order_by("code"))
    only = None if sees_district(request.user) else [school.pk for school in schools]
    blocked = list_blocked(year, now, only)
    runs = list(list_runs(request.user, on).filter(year=year))
    final = next((run for run in runs if is_standing(run)), None)
    last = final or next((run for run in runs if is_final(run)), None)
    close = read_close(last, request.user, on) if last else None
    context = {
        "year": year,
        "years": [one for one in (year - 1, year, year + 1) if FIRST_YEAR <= one <= on.year],
        "lock": YearLock.objects.filter(year=year)
        .select_related("locked_by", "released_by")
        .first(),
        "deadline": read_state(year).deadline,
        "is_over": is_over(year, on),
        "blocked": blocked,
        "by_school": _by_school(blocked, schools) if only is None else [],
        "runs": runs,
        "final": final,
        "close": close,
        "asked": {"year": year},
        "form": IdempotentForm(),
        "may_rehearse": rehearses(request.user) and final is None,
        "may_begin": sets_tasks(request.user) and final is None and is_over(year, on),
        "may_discard": sets_tasks(request.user)
        and final is not None
        and not (close and close.is_closed),
    }
    return render(request, "quotas/reconciliations.html", context)


def is_final(run: Reconciliation) -> bool:
    """Whether the run is final and was not discarded."""
    return not run.is_rehearsal and run.state != ReconciliationState.DISCARDED


def is_standing(run: Reconciliation) -> bool:
    """Whether the run is final, was not discarded, and its year was not opened again since."""
    return is_final(run) and run.lock is not None and run.lock.released_at is None


def _by_school(blocked: list[Blocked], schools: list[School]) -> list[tuple[School, list[Any]]]:
    """The schools with something open, each with label, number and address of each kind."""
    open_kinds = [
        (
            school,
            [
                (kind.label, *kind.by_school[school.pk])
                for kind in blocked
                if school.pk in kind.by_school
            ],
        )
        for school in schools
    ]
    return [(school, kinds) for school, kinds in open_kinds if kinds]


@write_only
@page_if(rehearses)
def rehearse(request: PersonRequest) -> HttpResponse:
    """Begin a rehearsal of a year; once, however often the button is pressed."""
    year, form = year_asked(request), IdempotentForm(request.POST)
    address = address_of_year(year)
    if not form.is_valid():
        return redirect(address)

    def do() -> str:
        run = start_reconciliation(year=year, is_rehearsal=True, **acting(request))
        return reverse("quotas:reconciliation", args=[run.pk])

    try:
        return carry_out_once(request, form, do=do)
    except ReconciliationError as error:
        messages.error(request, error.message)
        return redirect(address)


@read_or_write
@page_if(sets_tasks)
def begin(request: PersonRequest) -> HttpResponse:
    """Begin the final reconciliation of a year, which closes it."""
    year = year_asked(request)

    def do(_data: dict[str, Any]) -> Reconciliation:
        return start_reconciliation(year=year, is_rehearsal=False, **acting(request))

    def effects(run: Reconciliation) -> list[str]:
        words = {"year": year, "day": format_day(run.as_of), "n": run.parts.count()}
        return [
            _("%(year)d is closed at once: no hours of it are posted or taken back any more.")
            % words,
            _("Members, posts, exemptions, rules and the tree keep their state on its days.")
            % words,
            _("Everybody is judged on %(day)s, in %(n)d parts.") % words,
            _(
                "Until all statements are countersigned it can be discarded with a reason, which "
                "opens the year."
            ),
        ]

    title = _("Reconcile %(year)s") % {"year": year}
    page: dict[str, object] = {
        "title": title,
        "submit_label": _("Close the year and reconcile it"),
        "done": _("The year is closed, and its results are being computed."),
        "cancel_url": address_of_year(year),
        "crumbs": crumbs_to(year, title),
        "has_no_entries": True,
    }
    steps = Confirmation(
        IdempotentForm(sent(request)),
        do,
        effects,
        (ReconciliationError, SchoolsError),
        lambda run: reverse("quotas:reconciliation", args=[run.pk]),
        page,
    )
    return confirm_action(request, steps)


@read_or_write
@page_if(sets_tasks)
def restart(request: PersonRequest, run_id: int) -> HttpResponse:
    """Order a final reconciliation that was broken off once more."""
    on = request.today
    run = get_object_or_404(Reconciliation.objects.visible_to(request.user, on), pk=run_id)
    title = _("Compute %(run)s once more") % {"run": name_run(run)}

    def effects(done: Reconciliation) -> list[str]:
        left = done.parts.filter(done_at=None).count()
        return [
            _("Parts that are still to be computed: %(n)d.") % {"n": left},
            _("The year stays closed meanwhile."),
        ]

    address = reverse("quotas:reconciliation", args=[run.pk])
    page: dict[str, object] = {
        "title": title,
        "submit_label": _("Compute once more"),
        "done": _("The results are being computed."),
        "cancel_url": address,
        "crumbs": crumbs_to(run.year, title),
        "has_no_entries": True,
    }
    steps = Confirmation(
        IdempotentForm(sent(request)),
        lambda _data: restart_reconciliation(reconciliation_id=run.pk, **acting(request)),
        effects,
        (ReconciliationError,),
        address,
        page,
    )
    return confirm_action(request, steps)


@read_or_write
@page_if(sets_tasks)
def discard(request: PersonRequest, run_id: int) -> HttpResponse:
    """Discard a final reconciliation with a reason; the year is open again."""
    on = request.today
    run = get_object_or_404(Reconciliation.objects.visible_to(request.user, on), pk=run_id)
    title = _("Discard %(run)s") % {"run": name_run(run)}

    def do(data: dict[str, Any]) -> Reconciliation:
        return discard_reconciliation(
            reconciliation_id=run.pk, reason=data["reason"], **acting(request)
        )

    def effects(done: Reconciliation) -> list[str]:
        words = {"year": done.year}
        return [
            _("%(year)d is open again: hours and facts of it can be entered and changed.") % words,
            _("The results stay, marked as discarded. Statements of them are revoked."),
            _("Reason: %(reason)s") % {"reason": done.reason},
        ]

    address = reverse("quotas:reconciliation", args=[run.pk])
    page: dict[str, object] = {
        "title": title,
        "submit_label": _("Discard it and open the year"),
        "done": _("It is discarded, and the year is open again."),
        "cancel_url": address,
        "crumbs": crumbs_to(run.year, title),
    }
    steps = Confirmation(
        ReasonForm(sent(request)),
        do,
        effects,
        (ReconciliationError, SchoolsError),
        address,
        page,
    )
    return confirm_action(request, steps)


def crumbs_to(year: int, label: str) -> list[dict[str, str]]:
    """The page of the year, this page."""
    return [
        {"label": _("Reconciliation of %(year)s") % {"year": year}, "url": address_of_year(year)},
        {"label": label, "url": ""},
    ]

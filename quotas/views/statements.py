"""Statements of a year: signing, countersigning, the statement with its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.entry import page_if
from accounts.origin import Actor, site_address
from accounts.requests import PersonRequest
from accounts.roles import acting_roles
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm
from backstage.views import attach
from config.lib.methods import read_or_write
from config.lib.pages import address_of
from quotas.actions.statements import (
    Issuing,
    check_countersignature,
    countersign_statement,
    open_statement,
    sign_results,
)
from quotas.errors import StatementError
from quotas.models import Reconciliation, StatementSignature, YearStatement
from quotas.permissions import countersigns, signs_results
from quotas.queries.closing import list_adjustments
from quotas.queries.results import sum_all
from quotas.queries.statements import list_claimed, results_of, statement_before
from quotas.queries.tasks import address_of_year
from quotas.statements import (
    format_figure,
    list_claims,
    list_columns,
    list_figures,
    list_signers,
    title_of,
)
from quotas.views.reconciliations import crumbs_to
from schools.models import District, School
from schools.permissions import staff_page
from schools.views.acting import acting, sent


@read_or_write
@staff_page
def sign(request: PersonRequest, run_id: int, school_id: int | None = None) -> HttpResponse:
    """A leader signs the results of the school; the district Party school those of the district."""
    on = request.today
    run = get_object_or_404(Reconciliation.objects.visible_to(request.user, on), pk=run_id)
    school = None
    if school_id is not None:
        visible = School.objects.visible_to(request.user, on).filter(
            pk__in=run.parts.values("school")
        )
        school = get_object_or_404(visible, pk=school_id)
    if not signs_results(request.user, school_id, on):
        raise PermissionDenied
    name = _name_of(school)
    query = f"?run={run.pk}" + (f"&school={school.pk}" if school else "")
    return _act(
        request,
        run,
        do=lambda: sign_results(reconciliation_id=run_id, school_id=school_id, **acting(request)),
        effects=lambda _signed: [
            *_say_sums(run, school_id),
            *_say_claims(run, school_id, request.now),
            _("You answer for these results; the organisation department countersigns."),
        ],
        words=(
            _("Sign the results of %(name)s for %(year)s") % {"name": name, "year": run.year},
            _("Sign"),
            _("The results are signed. The organisation department countersigns."),
        ),
        results=reverse("quotas:results") + query,
    )


@read_or_write
@page_if(countersigns)
def countersign(request: PersonRequest, signature_id: int) -> HttpResponse:
    """The organisation department countersigns what a school signed, and issues its statement."""
    rows = StatementSignature.objects.visible_to(request.user, request.today)
    found = get_object_or_404(
        rows.select_related("reconciliation", "school", "signed_by"), pk=signature_id
    )
    run = found.reconciliation
    issuing = Issuing(
        Actor.of_request(request),
        request.now,
        site_address(request) + address_of("check_document"),
    )

    def do() -> YearStatement | None:
        if request.POST.get("step") == "do":
            return countersign_statement(signature_id=signature_id, issuing=issuing)
        check_countersignature(signature_id=signature_id, by=issuing.by, at=issuing.at)
        return None

    return _act(
        request,
        run,
        do=do,
        effects=lambda _issued: [
            *_say_sums(run, found.school_id),
            *_say_claims(run, found.school_id, request.now),
            _("Signed by %(name)s.") % {"name": found.signed_by.display_name},
            _("The statement is issued as PDF and XLSX, and never changes."),
            _("With the statement of the last school the year is closed."),
        ],
        words=(
            _("Countersign %(name)s for %(year)s")
            % {"name": _name_of(found.school), "year": run.year},
            _("Countersign"),
            _("The statement is issued."),
        ),
        location=lambda issued: reverse("quotas:statement", args=[issued.pk]),
    )


@require_safe
@staff_page
def statement(request: PersonRequest, statement_id: int) -> HttpResponse:
    """A statement: its figures, who signed, its seals, its files, and the later facts beside it."""
    found = _get(request, statement_id)
    school_id = found.signature.school_id
    before = statement_before(found)
    facts = found.facts
    context = {
        "statement": found,
        "facts": facts,
        "title": title_of(facts),
        "crumbs": crumbs_to(found.year, found.number),
        "columns": list_columns(),
        "rows": [
            (name, [format_figure(figure) for figure in figures])
            for name, figures in list_figures(facts)
        ],
        "claims": list_claims(facts),
        "signers": list_signers(facts),
        "before": before,
        "differences": _address_of_differences(found, before) if before else "",
        "adjustments": list_adjustments(
            found.year, request.user, request.today, None if school_id is None else [school_id]
        ),
    }
    return render(request, "quotas/statement.html", context)


@require_safe
@staff_page
def pdf(request: PersonRequest, statement_id: int) -> HttpResponse:
    """The PDF as issued; opening it is audited."""
    return _open(request, _get(request, statement_id), as_sheet=False)


@require_safe
@staff_page
def xlsx(request: PersonRequest, statement_id: int) -> HttpResponse:
    """The XLSX as issued; opening it is audited."""
    return _open(request, _get(request, statement_id), as_sheet=True)


def _open(request: PersonRequest, found: YearStatement, *, as_sheet: bool) -> HttpResponse:
    try:
        content = open_statement(found, as_sheet=as_sheet)
    except StatementError as error:
        messages.error(request, error.message)
        return redirect("quotas:statement", found.pk)
    file = found.sheet if as_sheet else found.pdf
    with transaction.atomic():
        record_act(
            act="open_statement",
            obj=found,
            by=Actor.of_request(request),
            at=request.now,
            after={"file": file.name, "roles": acting_roles(request.user)},
            school_code=found.facts["code"],
        )
    return attach(HttpResponse(content, content_type=file.media_type), file.name)


def _act(
    request: PersonRequest,
    run: Reconciliation,
    *,
    do: Callable[[], Any],
    effects: Callable[[Any], list[str]],
    words: tuple[str, str, str],
    location: Callable[[Any], str] | None = None,
    results: str = "",
) -> HttpResponse:
    title, label, done = words
    address = address_of_year(run.year)
    page: dict[str, object] = {
        "title": title,
        "submit_label": label,
        "done": done,
        "cancel_url": address,
        "crumbs": crumbs_to(run.year, title),
        "has_no_entries": True,
        "about": "quotas/what_is_signed.html",
        "results": results or f"{reverse('quotas:results')}?run={run.pk}",
    }
    steps = Confirmation(
        IdempotentForm(sent(request)),
        lambda _data: do(),
        effects,
        (StatementError,),
        location or address,
        page,
    )
    return confirm_action(request, steps)


def _say_sums(run: Reconciliation, school_id: int | None) -> list[str]:
    sums = sum_all(results_of(run, school_id))
    figures = [sums.members, sums.counted, sums.met, sums.exempt, sums.out]
    hours = [sums.owed, sums.done, sums.concentrated]
    return [
        _("%(label)s: %(value)s") % {"label": label, "value": format_figure(figure)}
        for label, figure in zip(list_columns(), [*figures, *hours], strict=True)
    ]


def _say_claims(run: Reconciliation, school_id: int | None, at: datetime) -> list[str]:
    """The lines of the task as the statement will have them."""
    lines = list_claims({"claims": list_claimed(run, school_id, at)})
    words = _("%(line)s: claimed %(claimed)s, done %(done)s")
    return [words % {"line": about, "claimed": a, "done": b} for about, a, b in lines]


def _name_of(school: School | None) -> str:
    if school is not None:
        return school.name
    return District.objects.values_list("name", flat=True).first() or ""


def _address_of_differences(found: YearStatement, before: YearStatement) -> str:
    run, beside = found.signature.reconciliation_id, before.signature.reconciliation_id
    address = f"{reverse('quotas:differences')}?run={run}&beside={beside}"
    school = found.signature.school_id
    return f"{address}&school={school}" if school else address


def _get(request: PersonRequest, statement_id: int) -> Any:
    """A visible statement with its state. Raises Http404."""
    rows = YearStatement.objects.visible_to(request.user, request.today).with_state()
    rows = rows.select_related("signature__school", "signature__reconciliation", "pdf", "sheet")
    return get_object_or_404(rows, pk=statement_id)

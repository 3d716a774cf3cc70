"""Pages of special audits: the list, an audit with its sample and findings, and each act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import Role
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm
from config.lib.dates import format_day
from config.lib.filters import Filters, ListRequest, choose
from config.lib.methods import read_or_write
from config.lib.paging import page_of
from config.lib.periods import inclusive_period
from funding.actions.audits import (
    AuditScope,
    answer_finding,
    close_audit,
    may_audit,
    open_audit,
    raise_finding,
    review_answer,
)
from funding.amounts import format_amount
from funding.audit_forms import AnswerForm, CloseForm, FindingForm, OpenAuditForm, ReviewForm
from funding.enums import FindingState
from funding.errors import FundError
from funding.models import AuditedPayment, AuditFinding, FindingAnswer, SpecialAudit
from funding.permissions import asks_for_money, fund_page, schools_as_clerk
from funding.queries.audits import (
    having_finding,
    list_audits,
    list_sample,
    schools_audited_by,
    sees_whole,
)
from funding.queries.populations import draw_again
from schools.views.acting import acting, sent


@require_safe
@fund_page
def audits(request: PersonRequest) -> HttpResponse:
    """Special audits of money that the person sees."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = _filters(asked)
    rows = filters.apply(list_audits(asked.user, asked.today))
    context = {
        "page_obj": page_of(request, rows),
        "filters": filters,
        "may_open": holds_any(request.user, Role.AUDITOR),
    }
    return render(request, "funding/audits.html", context)


@require_safe
@fund_page
def audit(request: PersonRequest, audit_id: int) -> HttpResponse:
    """An audit: its scope, how its sample was drawn, and what was found and answered."""
    found, on = _get_audit(request, audit_id), request.today
    audits_it = not hasattr(found, "closure") and may_audit(found, request.user, on)
    sample = list(list_sample(found, request.user, on))
    answers_for = schools_as_clerk(request.user, on)
    for sampled in sample:
        is_own = sampled.payment.school_id in answers_for
        sampled.may_answer = is_own
    is_whole = sees_whole(found, request.user, on)
    context = {
        "audit": found,
        "funds": found.funds.visible_to(request.user, on).select_related("school"),
        "sample": sample,
        "is_whole": is_whole,
        "is_drawn_again": is_whole and _is_drawn_again(found, sample),
        "audits_it": audits_it,
        "may_close": audits_it and not found.waiting,  # type: ignore[attr-defined]
        "title": found.title,
        "crumbs": _crumbs(found.title),
        "export": "special-audit",
        "asked": {"audit": found.pk},
    }
    return render(request, "funding/audit.html", context)


@read_or_write
@page_for(Role.AUDITOR)
def open_special_audit(request: PersonRequest) -> HttpResponse:
    """The auditor chooses a scope; the sample is drawn at the confirmation."""

    def do(data: dict[str, Any]) -> SpecialAudit:
        scope = AuditScope(
            title=data["title"],
            schools=tuple(data["schools"]),
            channels=tuple(data["channels"]),
            period=inclusive_period(data["first_day"], data["last_day"]),
            sample_size=data["sample_size"],
            threshold=data["threshold"],
        )
        return open_audit(scope=scope, **acting(request))

    schools = schools_audited_by(request.user, request.today)
    return _act(
        request,
        OpenAuditForm(sent(request), schools=schools, on=request.today),
        do,
        words=(
            _("Open a special audit"),
            _("Open and draw the sample"),
            _("The audit is open and its sample is drawn."),
        ),
        effects=_say_draw,
        location=lambda made: reverse("funding:audit", args=[made.pk]),
    )


@read_or_write
@fund_page
def find(request: PersonRequest, payment_id: int) -> HttpResponse:
    """The auditor notes a finding at a sampled payment."""
    visible = AuditedPayment.objects.visible_to(request.user, request.today)
    sampled = get_object_or_404(
        visible.select_related("audit", "payment__commitment"), pk=payment_id
    )
    _require_auditor(request, sampled.audit)

    def do(data: dict[str, Any]) -> AuditFinding:
        facts = {name: data[name] for name in ("text", "severity", "due_on")}
        return raise_finding(payment_id=sampled.pk, **facts, **acting(request))

    return _act(
        request,
        FindingForm(sent(request)),
        do,
        words=(_("Note a finding"), _("Note the finding"), _("The school is asked to answer.")),
        effects=lambda made: [
            f"{made.get_severity_display()}: {made.text}",
            _("The school's clerks are told and answer by %(day)s.")
            % {"day": format_day(made.due_on)},
        ],
        audit=sampled.audit,
        intro=f"{sampled.payment.commitment} · {format_amount(sampled.amount)}",
    )


@read_or_write
@fund_page
def answer(request: PersonRequest, finding_id: int) -> HttpResponse:
    """The school's clerk answers a finding."""
    found = _get_finding(request, finding_id)
    payment = found.audited_payment.payment
    if not asks_for_money(request.user, payment.school_id, request.today):
        raise PermissionDenied
    return _act(
        request,
        AnswerForm(sent(request)),
        lambda data: answer_finding(finding_id=found.pk, text=data["text"], **acting(request)),
        words=(_("Answer a finding"), _("Send the answer"), _("The auditor is told.")),
        effects=lambda made: [made.text, _("The answer stays as it is; the auditor reviews it.")],
        audit=found.audited_payment.audit,
        intro=found.text,
    )


@read_or_write
@fund_page
def review(request: PersonRequest, answer_id: int) -> HttpResponse:
    """The auditor accepts an answer or returns it."""
    visible = AuditFinding.objects.visible_to(request.user, request.today)
    answers = FindingAnswer.objects.select_related("finding__audited_payment__audit")
    found = get_object_or_404(answers.filter(finding__in=visible), pk=answer_id)
    _require_auditor(request, found.finding.audited_payment.audit)

    def do(data: dict[str, Any]) -> Any:
        facts = {name: data[name] for name in ("outcome", "reason")}
        return review_answer(answer_id=found.pk, **facts, **acting(request))

    return _act(
        request,
        ReviewForm(sent(request)),
        do,
        words=(_("Review an answer"), _("Keep the review"), _("The answer is reviewed.")),
        effects=lambda made: [f"{made.get_outcome_display()}: {made.reason}"],
        audit=found.finding.audited_payment.audit,
        intro=found.text,
    )


@read_or_write
@fund_page
def close(request: PersonRequest, audit_id: int) -> HttpResponse:
    """The auditor ends an audit without an open finding."""
    found = _get_audit(request, audit_id)
    _require_auditor(request, found)
    return _act(
        request,
        CloseForm(sent(request)),
        lambda data: close_audit(
            audit_id=found.pk, conclusion=data["conclusion"], **acting(request)
        ),
        words=(
            _("Close the audit"),
            pgettext("of an audit", "Close"),
            _("The audit is closed."),
        ),
        effects=lambda made: [made.conclusion, _("Nothing is added to this audit any more.")],
        audit=found,
    )


def _act(
    request: PersonRequest,
    form: IdempotentForm,
    do: Callable[[dict[str, Any]], Any],
    *,
    words: tuple[str, str, str],
    effects: Callable[[Any], list[str]],
    audit: SpecialAudit | None = None,
    intro: str = "",
    location: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """An act with its check page, on the way from the audit and back to it."""
    title, label, done = words
    crumbs = _crumbs(title)
    if audit is not None:
        page = reverse("funding:audit", args=[audit.pk])
        crumbs.insert(1, {"label": audit.title, "url": page})
    context: dict[str, object] = {
        "title": title,
        "submit_label": label,
        "done": done,
        "cancel_url": crumbs[-2]["url"],
        "intro": intro,
        "crumbs": crumbs,
    }
    steps = Confirmation(form, do, effects, (FundError,), location or crumbs[-2]["url"], context)
    return confirm_action(request, steps)


def _say_draw(made: SpecialAudit) -> list[str]:
    """What the sample is drawn from; which payments it hits is known only afterwards."""
    return [
        _("%(size)d payments with %(sum)s yuan lie in the scope.")
        % {"size": made.population_size, "sum": format_amount(made.population_sum)},
        _("%(count)d of them are audited.") % {"count": made.payments.count()},
        _("The seed is made at the confirmation, so nobody chooses the payments."),
    ]


def _is_drawn_again(found: SpecialAudit, sample: list[AuditedPayment]) -> bool:
    kept = {sampled.payment_id: sampled.basis for sampled in sample}
    return kept == {key: basis.value for key, basis in draw_again(found).items()}


def _filters(asked: ListRequest) -> Filters:
    states = {
        FindingState.TO_ANSWER.value: str(FindingState.TO_ANSWER.label),
        FindingState.TO_REVIEW.value: str(FindingState.TO_REVIEW.label),
    }
    conditions = {value: having_finding(asked.user, asked.today, value) for value in states}
    words = {"open": _("open audits"), "closed": _("closed audits")}
    return Filters(
        [
            choose(
                asked,
                "state",
                _("State"),
                words,
                conditions={"open": Q(closure=None), "closed": Q(closure__isnull=False)},
                any_label=_("all audits"),
            ),
            choose(
                asked,
                "waiting",
                _("With a finding that"),
                states,
                conditions=conditions,
                any_label=_("any or none"),
            ),
        ]
    )


def _get_audit(request: PersonRequest, audit_id: int) -> SpecialAudit:
    seen = list_audits(request.user, request.today).select_related(
        "opened_by", "closure__closed_by", "last_transaction"
    )
    return get_object_or_404(seen, pk=audit_id)


def _get_finding(request: PersonRequest, finding_id: int) -> AuditFinding:
    seen = AuditFinding.objects.visible_to(request.user, request.today)
    related = ("audited_payment__audit", "audited_payment__payment")
    return get_object_or_404(seen.select_related(*related), pk=finding_id)


def _require_auditor(request: PersonRequest, found: SpecialAudit) -> None:
    if not may_audit(found, request.user, request.today):
        raise PermissionDenied


def _crumbs(label: str) -> list[dict[str, str]]:
    return [
        {"label": _("Special audits"), "url": reverse("funding:audits")},
        {"label": label, "url": ""},
    ]

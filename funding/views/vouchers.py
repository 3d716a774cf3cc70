"""Vouchers of a cost: added, opened, withdrawn, and the fee sheet that the portal computes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.files import FileError, read_file
from backstage.forms import ReasonForm
from backstage.submissions import submit_once
from backstage.uploads import TOO_LARGE, back_when_too_large
from backstage.views import attach, inert
from config.lib.methods import read_or_write
from funding.actions.vouchers import add_voucher, withdraw_voucher
from funding.enums import FundUse
from funding.errors import FundError
from funding.forms import VoucherForm
from funding.models import Commitment, Voucher, VoucherWithdrawal
from funding.permissions import asks_for_money, fund_page
from funding.queries.vouchers import list_checklist, read_fee_sheet
from funding.views.commitments import get_commitment
from funding.views.funds import act_on, crumbs_to
from schools.views.acting import acting, sent


@back_when_too_large("funding:add_voucher")
@read_or_write
@fund_page
def add(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """The clerk uploads a voucher."""
    found = get_commitment(request, commitment_id)
    _require_clerk(request, found)
    lines = [line for line in list_checklist(found, request.today) if not line.is_of_portal]
    # The first that is missing stands first.
    kinds = [line.kind for line in sorted(lines, key=lambda line: line.is_there)]
    if request.method != "POST":
        problem = ""
        if request.GET.get(TOO_LARGE) is not None:
            text = _("This file is larger than %(n)d MB.")
            problem = text % {"n": settings.UPLOAD_MAX_BYTES // 1024**2}
        form = VoucherForm(kinds=kinds, initial={"kind": request.GET.get("kind")})
        return _render_add(request, found, form, problem)
    form = VoucherForm(request.POST, request.FILES, kinds=kinds)

    def do() -> None:
        upload = form.cleaned_data["upload"]
        add_voucher(
            commitment_id=found.pk,
            kind=form.cleaned_data["kind"],
            data=upload.read(),
            name=upload.name,
            invoice_number=form.cleaned_data.get("invoice_number", ""),
            **acting(request),
        )

    to, done = _page_of(found), _("The voucher is stored.")
    answer = submit_once(request, form, do=do, to=to, done=done, refusals=(FundError,))
    return answer or _render_add(request, found, form)


def _render_add(
    request: PersonRequest, found: Commitment, form: VoucherForm, problem: str = ""
) -> HttpResponse:
    title = _("Add a voucher")
    context = {
        "form": form,
        "commitment": found,
        "problem": problem,
        "title": title,
        "crumbs": _crumbs(found, title),
        "errors_shown": bool(form.errors or problem),
    }
    status = 422 if form.errors else 409 if problem else 200
    return render(request, "funding/add_voucher.html", context, status=status)


@require_safe
@inert
@fund_page
def voucher_file(request: PersonRequest, voucher_id: int) -> HttpResponse:
    """An uploaded voucher, for all who see its cost; opening it is audited."""
    voucher = _get_voucher(request, voucher_id)
    try:
        data = read_file(voucher.file)
    except FileError as error:
        raise Http404 from error
    with transaction.atomic():
        record_act(
            act="open_voucher",
            obj=voucher.commitment,
            by=Actor.of_request(request),
            at=request.now,
            school_code=voucher.commitment.school.code,
            after={"voucher": voucher.kind, "file": str(voucher.file.key)},
        )
    return attach(HttpResponse(data, content_type=voucher.file.media_type), voucher.file.name)


@read_or_write
@fund_page
def withdraw(request: PersonRequest, voucher_id: int) -> HttpResponse:
    """The clerk lets a voucher count no more, with a reason."""
    voucher = _get_voucher(request, voucher_id)
    found = voucher.commitment
    _require_clerk(request, found)

    def do(data: dict[str, Any]) -> VoucherWithdrawal:
        return withdraw_voucher(voucher_id=voucher.pk, reason=data["reason"], **acting(request))

    words = (
        _("Withdraw a voucher"),
        pgettext("of a voucher", "Withdraw"),
        _("The voucher does not count any more."),
    )
    return act_on(
        request,
        ReasonForm(sent(request)),
        do,
        words=words,
        effects=lambda _done: [
            _("%(voucher)s (%(kind)s) does not count any more. Its file stays stored.")
            % {"voucher": voucher.file.name, "kind": voucher.get_kind_display()}
        ],
        parent=(found.school, found.year),
        page=(found.subject, _page_of(found)),
    )


@require_safe
@fund_page
def fee_sheet(request: PersonRequest, commitment_id: int) -> HttpResponse:
    """What a lecturer taught in the class of a fee, by half days, and what is paid for it."""
    found = get_commitment(request, commitment_id)
    if found.use != FundUse.LECTURER_FEE or found.training_class is None:
        raise Http404
    title = _("Fee sheet")
    context = {
        "commitment": found,
        "sheet": read_fee_sheet(found),
        "title": title,
        "crumbs": _crumbs(found, title),
    }
    return render(request, "funding/fee_sheet.html", context)


def _get_voucher(request: PersonRequest, voucher_id: int) -> Voucher:
    visible = Commitment.objects.visible_to(request.user, request.today)
    vouchers = Voucher.objects.filter(commitment__in=visible)
    return get_object_or_404(vouchers.select_related("file", "commitment__school"), pk=voucher_id)


def _require_clerk(request: PersonRequest, found: Commitment) -> None:
    if not asks_for_money(request.user, found.school_id, request.today):
        raise PermissionDenied


def _page_of(found: Commitment) -> str:
    return reverse("funding:commitment", args=[found.pk])


def _crumbs(found: Commitment, title: str) -> list[dict[str, str]]:
    crumbs = crumbs_to(found.school, found.year, title)
    crumbs.insert(2, {"label": found.subject, "url": _page_of(found)})
    return crumbs

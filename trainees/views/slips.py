"""Accounts and slips: who has an account; slips issued and printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.audit import record_act
from accounts.entry import page_for
from accounts.enums import SLIP_ROLES, CodeEnd, Role
from accounts.guessing import TooManyGuessesError
from accounts.models import SlipBatch
from accounts.origin import Actor
from accounts.requests import PersonRequest
from accounts.roles import holds_any
from accounts.slip_sheets import head_sheet, print_slip
from backstage.chosen_members import ChosenMembersForm
from backstage.forms import IdempotentForm
from backstage.pages import incomplete_page
from backstage.pending_acts import PendingError
from backstage.submissions import carry_out_once
from backstage.views import attach
from config.lib.documents import DocumentError, set_document
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write, write_only
from config.lib.paging import WORK_PAGE_SIZE, page_of
from config.lib.periods import local_date
from config.lib.resident_ids import holds_resident_id
from config.lib.row_keys import is_row_key
from schools.context_processors import place_of
from schools.models import District, Organisation
from schools.records import needs_second
from trainees import lists
from trainees.actions.slip_proposals import list_to_sign
from trainees.actions.slips import (
    SLIPS_AT_ONCE,
    is_password_of,
    issue_member_slips,
    issue_staff_slip,
)
from trainees.enums import ACTIVATED, WITH_SLIP
from trainees.errors import SlipError
from trainees.filters import slip_filters
from trainees.forms.slips import OwnPasswordForm
from trainees.models import Member
from trainees.queries.slips import list_batches, list_codes, list_slips, list_staff_accounts
from trainees.querysets import MemberQuerySet


@require_safe
@page_for(*SLIP_ROLES)
def slips(request: PersonRequest) -> HttpResponse:
    """Members whom the person may issue slips for, by name, with the state of their account."""
    if holds_resident_id(request.GET.get("q", "")):
        # URLs end up in logs and histories, so they must not contain an ID number.
        messages.warning(
            request, _("Search by name or number: an ID number does not belong in an address.")
        )
        return redirect("trainees:slips")
    now = request.now
    asked = ListRequest(request.user, request.GET, now)
    filters = slip_filters(asked)
    page = page_of(request, lists.slips(asked, filters), WORK_PAGE_SIZE)
    organisation = Organisation.objects.filter(pk=filters.value("organisation") or 0).first()
    context = {
        "page_obj": page,
        "filters": filters,
        "organisation": organisation,
        "waiting": _waiting(request, organisation.pk).count() if organisation else 0,
        "batches": list_batches(request.user, now),
        "export": "slips",
    }
    return render(request, "trainees/slips.html", context)


def _choosable(request: PersonRequest) -> MemberQuerySet:
    served = lists.members_served(ListRequest(request.user, {}, request.now))
    return served.select_related("user").filter(is_staff_account=False)


def _waiting(request: PersonRequest, organisation: int) -> MemberQuerySet:
    """Members of one organisation who have no account and no slip."""
    rows = _choosable(request).without_account(request.now)
    return rows.in_organisation(organisation, request.today)


@write_only
@page_for(*SLIP_ROLES)
def check_slips(request: PersonRequest) -> HttpResponse:
    """The check page: who will get a slip, and the effects. Writes nothing."""
    everyone = request.POST.get("everyone", "")
    if is_row_key(everyone):
        rows = _waiting(request, int(everyone))
    else:
        form = ChosenMembersForm(request.POST)
        form.is_valid()
        rows = _choosable(request).filter(pk__in=form.cleaned_data.get("member", []))
    chosen = list(rows.order_by("organisation_today", "name_pinyin", "pk")[: SLIPS_AT_ONCE + 1])
    return _render_check(request, chosen)


def _render_check(
    request: PersonRequest, chosen: list[Member], error: str = "", status: int = 200
) -> HttpResponse:
    to_sign = list_to_sign(chosen, request.user, request.today)
    by_state = [member.account_state for member in chosen]  # type: ignore[attr-defined]
    context = {
        "chosen": chosen,
        "too_many": len(chosen) > SLIPS_AT_ONCE,
        "limit": SLIPS_AT_ONCE,
        "new_accounts": sum(member.user_id is None for member in chosen),
        "ending": sum(state in WITH_SLIP for state in by_state),
        "active": sum(state in ACTIVATED for state in by_state),
        "to_sign": len(to_sign),
        "password_form": OwnPasswordForm() if len(chosen) == len(to_sign) == 1 else None,
        "days": settings.ACTIVATION_DAYS,
        "form": ChosenMembersForm(),
        "error": error,
        "errors_shown": bool(error),
    }
    return render(request, "trainees/slips_check.html", context, status=status)


@sensitive_post_parameters()
@write_only
@page_for(*SLIP_ROLES)
def issue_slips(request: PersonRequest) -> HttpResponse:
    """Issue the checked slips; redirects to the batch."""
    form = ChosenMembersForm(request.POST)
    if not form.is_valid():
        return incomplete_page(request)
    key, now = form.cleaned_data["idempotency_key"], request.now
    chosen, by = form.cleaned_data["member"], Actor.of_request(request)
    try:
        agreed = chosen if _is_agreed(request, chosen, by, now) else []
        return _issue_once(
            request,
            form,
            len({*chosen}),
            lambda: issue_member_slips(member_ids=chosen, key=key, by=by, at=now, agreed=agreed),
        )
    except (SlipError, PendingError, TooManyGuessesError) as error:
        rows = _choosable(request).filter(pk__in=chosen)
        return _render_check(request, list(rows.order_by("name_pinyin")), str(error), 422)


def _is_agreed(request: PersonRequest, chosen: list[int], by: Actor, at: datetime) -> bool:
    """Whether the only chosen member typed their password. Raises SlipError for a wrong one."""
    typed = request.POST.get("own_password", "")
    if not typed or len(chosen) != 1:
        return False
    if not is_password_of(member_id=chosen[0], password=typed, by=by, at=at):
        name = Member.objects.get(pk=chosen[0]).name
        raise SlipError(_("This is not the present password of %(name)s.") % {"name": name})
    return True


def _issue_once(
    request: PersonRequest, form: IdempotentForm, n: int, do: Callable[[], SlipBatch | None]
) -> HttpResponse:
    """Issue `n` slips and lead to the batch; tell how many wait for somebody else."""

    def issue() -> str:
        batch = do()
        waiting = n - (batch.codes.count() if batch else 0)
        if waiting:
            text = ngettext(
                "%(n)d slip waits until somebody else confirms it.",
                "%(n)d slips wait until somebody else confirms them.",
                waiting,
            )
            messages.info(request, text % {"n": waiting})
        if batch is None:
            return reverse("backstage:pending_acts")
        return reverse("trainees:slip_batch", args=[form.cleaned_data["idempotency_key"]])

    return carry_out_once(request, form, do=issue)


@read_or_write
@page_for(Role.SECURITY_ADMINISTRATOR)
def account_slip(request: PersonRequest, user_id: int) -> HttpResponse:
    """A slip for a staff account, by the security administrator: check page and action."""
    now = request.now
    accounts = list_staff_accounts(request.user, request.today)
    account = get_object_or_404(accounts, pk=user_id)
    form = IdempotentForm(request.POST or None)
    error = ""
    if request.method == "POST" and form.is_valid():
        key, by = form.cleaned_data["idempotency_key"], Actor.of_request(request)
        try:
            return _issue_once(
                request,
                form,
                1,
                lambda: issue_staff_slip(user=account, key=key, by=by, at=now),
            )
        except (SlipError, PendingError) as refusal:
            error = str(refusal)
    context = {
        "account": account,
        "form": form,
        "error": error,
        "errors_shown": bool(error),
        "days": settings.ACTIVATION_DAYS,
        "for_two": needs_second(Actor.of_request(request)),
        "open_code": account.activation_codes.open_at(now).first(),
    }
    return render(request, "trainees/account_slip.html", context, status=422 if error else 200)


@require_safe
@page_for(*SLIP_ROLES, Role.SECURITY_ADMINISTRATOR)
def slip_batch(request: PersonRequest, key: UUID) -> HttpResponse:
    """A batch that the person issued: its members, and the sheets to print."""
    now = request.now
    batch = get_object_or_404(SlipBatch.objects.visible_to(request.user), key=key)
    codes = list(list_codes(request.user, batch, request.today))
    shown = [code.pk for code in codes]
    context = {
        "batch": batch,
        "codes": codes,
        "elsewhere": batch.codes.filter(ended_by=CodeEnd.NEW_ROLE).exclude(pk__in=shown).count(),
        "printable": SlipBatch.objects.printable_at(now).filter(pk=batch.pk).exists(),
        "now": now,
        "is_administrator": holds_any(request.user, Role.SECURITY_ADMINISTRATOR),
    }
    return render(request, "trainees/slip_batch.html", context)


@require_safe
@page_for(*SLIP_ROLES, Role.SECURITY_ADMINISTRATOR)
def slip_sheets(request: PersonRequest, key: UUID) -> HttpResponse:
    """The slips of a batch as a PDF, within a day of issuing. Printing is audited."""
    now = request.now
    batches = SlipBatch.objects.visible_to(request.user).printable_at(now)
    batch = get_object_or_404(batches, key=key)
    slips = list_slips(request.user, batch, now)
    if not slips:
        messages.info(request, _("None of these slips can be printed any more. Issue new ones."))
        return redirect("trainees:slip_batch", key)
    try:
        # A slip is for the person it opens an account for, whatever the printing person's language.
        with translation.override(settings.LANGUAGE_CODE):
            place = place_of(request) or District.objects.values_list("name", flat=True).first()
            words = {"slips": [print_slip(slip) for slip in slips]}
            pdf = set_document("slips", head_sheet(batch, place or "", request) | words)
    except DocumentError as error:
        messages.error(request, str(error))
        return redirect("trainees:slip_batch", key)
    with transaction.atomic():
        by = Actor.of_request(request)
        record_act(act="print_slips", obj=batch, by=by, at=now, after={"count": len(slips)})
    names = {slip.organisation or slip.name for slip in slips}
    whose = names.pop() if len(names) == 1 else place_of(request) or str(batch.pk)
    day = local_date(batch.issued_at)
    name = _("Slips-%(whose)s-%(day)s") % {"whose": whose, "day": day.isoformat()}
    return attach(HttpResponse(pdf, content_type="application/pdf"), f"{name}.pdf")

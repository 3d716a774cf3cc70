"""Member cards: who has one, cards issued, printed and revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.entry import page_for
from accounts.enums import SLIP_ROLES
from accounts.origin import Actor
from accounts.requests import PersonRequest
from backstage.chosen_members import ChosenMembersForm
from backstage.confirmations import Confirmation, confirm_action
from backstage.forms import IdempotentForm, ReasonForm
from backstage.views import attach
from config.lib.documents import DocumentError, set_document
from config.lib.encryption import decrypt
from config.lib.filters import ListRequest
from config.lib.methods import read_or_write
from config.lib.paging import WORK_PAGE_SIZE, page_of
from config.lib.periods import local_date
from config.lib.qr_codes import draw_qr
from rolls import lists
from rolls.actions.cards import IssuedCards, issue_cards, record_on_cards, revoke_card
from rolls.codes import format_code, typed_code_of_card
from rolls.errors import CardError
from rolls.filters import card_filters
from rolls.models import MemberCard
from rolls.queries.cards import list_cards_of_batch, printable_at
from schools.models import District
from trainees.models import Member
from trainees.queries.people import TAIL


@require_safe
@page_for(*SLIP_ROLES)
def cards(request: PersonRequest) -> HttpResponse:
    """Members to whom the user issues cards, by name, each with the valid card."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = card_filters(asked)
    rows = lists.cards(asked, filters)
    is_narrowed = bool(filters.value("organisation") or filters.value("class"))
    context = {
        "page_obj": page_of(request, rows, WORK_PAGE_SIZE),
        "filters": filters,
        "form": IdempotentForm(),
        "without": rows.filter(card=None).count() if is_narrowed else 0,
    }
    return render(request, "rolls/cards/cards.html", context)


@read_or_write
@page_for(*SLIP_ROLES)
def issue(request: PersonRequest) -> HttpResponse:
    """Check, then issue cards to the ticked members, or to all filtered members without one."""
    if request.method != "POST":
        return redirect("rolls:cards")
    by, at = Actor.of_request(request), request.now
    sent = request.POST.copy()
    if "everyone" in sent:
        asked = ListRequest(request.user, request.GET, at)
        rows = lists.cards(asked, card_filters(asked)).filter(card=None)
        sent.setlist("member", [str(key) for key in rows.values_list("pk", flat=True)])
    form = ChosenMembersForm(sent)
    if not form.is_valid() or sent.get("step") == "edit":
        messages.info(request, _("Tick the members who need a card."))
        return redirect("rolls:cards")
    key = form.cleaned_data["idempotency_key"]
    steps = Confirmation(
        form=form,
        do=lambda data: issue_cards(member_ids=data["member"], key=key, by=by, at=at),
        effects=_issued,
        refusals=(CardError,),
        location=reverse("rolls:card_batch", args=[key]),
        page={
            "title": _("Issue member cards"),
            "submit_label": _("Issue the cards"),
            "done": _("The cards are issued. Print them within 24 hours."),
            "cancel_url": reverse("rolls:cards"),
        },
    )
    return confirm_action(request, steps)


def _issued(done: IssuedCards) -> list[str]:
    """The effects of issuing, in sentences."""
    text = ngettext(
        "%(n)d card is issued. Whoever shows it at the door is marked as its member.",
        "%(n)d cards are issued. Whoever shows one at the door is marked as its member.",
        done.issued,
    )
    sentences = [text % {"n": done.issued}]
    if done.replaced:
        text = ngettext(
            "%(n)d former card lets nobody in any more.",
            "%(n)d former cards let nobody in any more.",
            done.replaced,
        )
        sentences.append(text % {"n": done.replaced})
    return sentences


@require_safe
@page_for(*SLIP_ROLES)
def batch(request: PersonRequest, batch: UUID) -> HttpResponse:
    """Cards that the user issued together, and the sheets to print."""
    now = request.now
    cards = list_cards_of_batch(request.user, batch, request.today)
    cards_of_batch = list(cards)
    if not cards_of_batch:
        raise Http404
    context = {
        "batch": batch,
        "cards": cards_of_batch,
        "printable": printable_at(cards, now).exists(),
    }
    return render(request, "rolls/cards/batch.html", context)


@require_safe
@page_for(*SLIP_ROLES)
def sheets(request: PersonRequest, batch: UUID) -> HttpResponse:
    """The cards of a batch as a PDF, until their codes are erased; printing is audited."""
    now = request.now
    cards = list_cards_of_batch(request.user, batch, request.today)
    if not cards.exists():
        raise Http404
    printable = list(printable_at(cards, now))
    if not printable:
        messages.info(request, _("None of these cards can be printed any more. Issue new ones."))
        return redirect("rolls:card_batch", batch)
    try:
        with translation.override(settings.LANGUAGE_CODE):
            pdf = set_document("cards", _sheet(printable))
    except DocumentError as error:
        messages.error(request, str(error))
        return redirect("rolls:card_batch", batch)
    with transaction.atomic():
        record_on_cards("print_card", printable, by=Actor.of_request(request), at=now)
    name = _("Member-cards-%(day)s") % {"day": local_date(printable[0].issued_at).isoformat()}
    return attach(HttpResponse(pdf, content_type="application/pdf"), f"{name}.pdf")


def _sheet(printed: list[MemberCard]) -> dict[str, Any]:
    """The content of the cards: no ID number, and only the end of the member number."""
    district = District.objects.values_list("name", flat=True).first() or ""
    return {
        "heading": _("%(place)s: member card") % {"place": district},
        "note": _("Show it at the door of a class. If it is lost, tell your branch secretary."),
        "cards": [_printed(card) for card in printed],
    }


def _printed(card: MemberCard) -> dict[str, str]:
    code = decrypt(card.code_encrypted)
    return {
        "name": card.member.name,
        "organisation": card.organisation or "",  # type: ignore[attr-defined]
        "number": _("Member number ending in %(tail)s") % {"tail": card.member.number[-TAIL:]},
        "code": format_code(typed_code_of_card(card.code_fingerprint)),
        "picture": str(draw_qr(code)),
    }


@read_or_write
@page_for(*SLIP_ROLES)
def revoke(request: PersonRequest, card_id: int) -> HttpResponse:
    """Revoke a card, after a page that shows the effects."""
    served = Member.objects.slips_by(request.user, request.today)
    rows = MemberCard.objects.filter(member__in=served.order_by()).select_related("member")
    card = get_object_or_404(rows, pk=card_id)
    address = reverse("rolls:cards") + f"?q={card.member.number}"
    if card.ended_at is not None and request.method != "POST":
        return redirect(address)
    by, at = Actor.of_request(request), request.now
    name = card.member.name
    steps = Confirmation(
        form=ReasonForm(request.POST or None),
        do=lambda data: revoke_card(card_id=card_id, reason=data["reason"], by=by, at=at),
        effects=lambda _done: [
            _("The card of %(name)s lets nobody in any more.") % {"name": name},
            _("The code on the member's own page goes on working; a new card can be issued."),
        ],
        refusals=(CardError,),
        location=address,
        page={
            "title": _("Revoke the card of %(name)s") % {"name": name},
            "submit_label": _("Revoke the card"),
            "done": _("The card is revoked."),
            "cancel_url": address,
        },
    )
    return confirm_action(request, steps)

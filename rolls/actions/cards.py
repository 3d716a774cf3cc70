"""Cards that members show at the door: issuing, revoking, and erasing old codes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import AuditSubject, record_act, record_acts
from accounts.origin import Actor
from accounts.querysets import PRINTABLE_HOURS
from accounts.roles import acting_roles
from config.lib.encryption import encrypt
from config.lib.periods import local_date
from rolls.codes import draw_card_code, fingerprint_card
from rolls.enums import CardEnd
from rolls.errors import CardError
from rolls.models import MemberCard
from trainees.models import Member

CARDS_AT_ONCE = 500


@dataclass(frozen=True)
class IssuedCards:
    """How many cards were issued, and how many former cards they replaced."""

    issued: int
    replaced: int


def issue_cards(*, member_ids: Collection[int], key: UUID, by: Actor, at: datetime) -> IssuedCards:
    """Issue a new card to each of these members, as the batch `key`; a former card ends.

    Raises CardError if the actor does not serve one of the members, or for too many at once.
    """
    wanted = set(member_ids)
    if by.user is None:
        raise PermissionDenied
    if not wanted or len(wanted) > CARDS_AT_ONCE:
        raise CardError(
            _("Choose from 1 to %(limit)s members at a time.") % {"limit": CARDS_AT_ONCE}
        )
    with transaction.atomic():
        served = Member.objects.slips_by(by.user, local_date(at)).filter(merged_into=None)
        locked = served.filter(pk__in=wanted).select_for_update(of=("self",), no_key=True)
        members = list(locked.order_by("pk"))
        if len(members) < len(wanted):
            raise CardError(
                _("You may no longer issue cards for some of these members. Choose them again.")
            )
        former = MemberCard.objects.filter(member__in=members, ended_at=None)
        replaced = former.update(
            ended_at=at, ended_by=by.user, ended_because=CardEnd.REPLACED, code_encrypted=""
        )
        codes = [draw_card_code() for _member in members]
        cards = MemberCard.objects.bulk_create(
            MemberCard(
                member=member,
                batch=key,
                code_fingerprint=fingerprint_card(code),
                code_encrypted=encrypt(code),
                issued_at=at,
                issued_by=by.user,
            )
            for member, code in zip(members, codes, strict=True)
        )
        record_on_cards("issue_card", cards, by=by, at=at)
    return IssuedCards(len(cards), replaced)


def revoke_card(*, card_id: int, reason: str, by: Actor, at: datetime) -> MemberCard:
    """End a card that was lost or is not wanted; it is no longer accepted at the door.

    Raises MemberCard.DoesNotExist if the actor does not serve the member, and CardError if the card
    has already ended or the reason is missing.
    """
    if by.user is None:
        raise PermissionDenied
    with transaction.atomic():
        served = Member.objects.slips_by(by.user, local_date(at))
        rows = MemberCard.objects.filter(member__in=served.order_by()).select_related("member")
        card = rows.select_for_update(of=("self",), no_key=True).get(pk=card_id)
        if card.ended_at is not None:
            raise CardError(_("This card is not valid any more."))
        if not reason.strip():
            raise CardError(_("Say why the card is revoked."))
        card.ended_at, card.ended_by, card.ended_because = at, by.user, CardEnd.REVOKED
        card.code_encrypted = ""
        card.save(update_fields=["ended_at", "ended_by", "ended_because", "code_encrypted"])
        after = {"card": card.pk, "reason": reason, "roles": acting_roles(by.user)}
        record_act(act="revoke_card", obj=card.member, by=by, at=at, after=after)
    return card


def end_card_of_leaver(*, member_id: int, reason: str, by: Actor, at: datetime) -> bool:
    """End the card of a member who leaves; returns whether there was one."""
    rows = MemberCard.objects.filter(member=member_id, ended_at=None).select_related("member")
    cards = list(rows.select_for_update(of=("self",), no_key=True))
    rows.update(ended_at=at, ended_by=by.user, ended_because=CardEnd.REVOKED, code_encrypted="")
    for card in cards:
        after = {"card": card.pk, "reason": reason, "roles": acting_roles(by.user)}
        record_act(act="revoke_card", obj=card.member, by=by, at=at, after=after)
    return bool(cards)


def record_on_cards(act: str, cards: Collection[MemberCard], *, by: Actor, at: datetime) -> None:
    """Append an act on cards to the audit trail, once for each member concerned."""
    roles = acting_roles(by.user)
    subjects = (
        AuditSubject(Member, card.member_id, str(card), after={"card": card.pk, "roles": roles})
        for card in cards
    )
    record_acts(act=act, subjects=subjects, by=by, at=at)


def sweep_cards(*, at: datetime) -> int:
    """Erase encrypted codes that are too old to be printed again; returns how many."""
    old = MemberCard.objects.filter(issued_at__lte=at - timedelta(hours=PRINTABLE_HOURS))
    return old.exclude(code_encrypted="").update(code_encrypted="")

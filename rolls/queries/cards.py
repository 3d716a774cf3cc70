"""Member cards as their pages and sheets show them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from accounts.querysets import PRINTABLE_HOURS
from config.lib.periods import in_force
from rolls.models import MemberCard
from trainees.models import Member, Membership


def list_cards_of_batch(user: User, batch: UUID, on: date) -> QuerySet[MemberCard]:
    """The cards of a batch that `user` issued, of members whom he still serves, by organisation.

    Each with `organisation` today.
    """
    cards = MemberCard.objects.filter(batch=batch, issued_by=user)
    # Whose they are is looked up first: of one statement for all the planner makes loops in loops.
    people = list(cards.values_list("member", flat=True))
    served = Member.objects.slips_by(user, on).filter(pk__in=people)
    here = Membership.objects.filter(in_force(on), member=OuterRef("member"))
    return (
        cards.filter(member__in=list(served.values_list("pk", flat=True)))
        .select_related("member")
        .annotate(organisation=Subquery(here.values("organisation__name")[:1]))
        .order_by("organisation", "member__name_pinyin", "pk")
    )


def printable_at(cards: QuerySet[MemberCard], at: datetime) -> QuerySet[MemberCard]:
    """Of these cards those so young that they may be printed (again)."""
    young = at - timedelta(hours=PRINTABLE_HOURS)
    return cards.filter(issued_at__gt=young).exclude(code_encrypted="")

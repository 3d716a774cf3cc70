"""Member cards for their pages and printed sheets."""

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
    """The cards of a batch that `user` issued to members they still serve, by organisation.

    Each has `organisation`, as of today.
    """
    cards = MemberCard.objects.filter(batch=batch, issued_by=user)
    # The members are looked up first: in a single statement the planner nests loops.
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
    """The cards that are recent enough to be printed (again)."""
    young = at - timedelta(hours=PRINTABLE_HOURS)
    return cards.filter(issued_at__gt=young).exclude(code_encrypted="")

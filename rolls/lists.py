"""The lists of this app: the rows that the user may see, narrowed by filters.

A page shows them in parts; an export contains all of them.
"""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from config.lib.filters import Filters, ListRequest
from rolls.models import MemberCard, WalkIn
from rolls.queries.rolls import list_sessions
from trainees.lists import narrow_to_typed
from trainees.models import Member
from trainees.querysets import MemberQuerySet


def sessions(asked: ListRequest, filters: Filters) -> QuerySet:
    """Sessions; today's and unfinished ones come first."""
    return filters.apply(list_sessions(asked.user, asked.now))


def walk_ins(asked: ListRequest, filters: Filters) -> QuerySet:
    """Walk-ins not matched to a member yet, the oldest first."""
    return (
        filters.apply(WalkIn.objects.visible_to(asked.user, asked.today))
        .unmatched()
        .select_related("session__training_class__school", "recorded_by")
        .order_by("session__held_on", "id")
    )


def cards(asked: ListRequest, filters: Filters) -> MemberQuerySet:
    """Members to whom the user issues cards, by name.

    Each has `organisation_today`, and `card` and `card_since` of the valid card.
    """
    valid = MemberCard.objects.filter(member=OuterRef("pk"), ended_at=None)
    rows = Member.objects.slips_by(asked.user, asked.today).filter(merged_into=None)
    annotated = rows.with_organisation(asked.today).annotate(
        card=Subquery(valid.values("pk")), card_since=Subquery(valid.values("issued_at"))
    )
    return narrow_to_typed(annotated, asked, filters).order_by("name_pinyin", "pk")

"""Rows of the register that may be one person, and merges of such rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Case, F, QuerySet, When

from accounts.models import User
from trainees.enums import MergeState
from trainees.models import CreditEntry, Member, MemberMerge, Membership

SUSPECTS_SHOWN = 100

# Two rows of one name and date of birth, or of one name and phone. Who was found to be two people,
# or is being looked at, is not asked about again. Neither row was merged into another.
_SUSPECTS = """
SELECT one.id, other.id, one.birth_date = other.birth_date,
       one.phone <> '' AND one.phone = other.phone
FROM trainees_member one
JOIN trainees_member other ON other.name = one.name AND other.id > one.id
 AND (other.birth_date = one.birth_date OR (one.phone <> '' AND other.phone = one.phone))
WHERE one.merged_into_id IS NULL AND other.merged_into_id IS NULL
  AND NOT EXISTS (
    SELECT FROM trainees_membermerge merge
    WHERE (merge.kept_id, merge.given_up_id) IN ((one.id, other.id), (other.id, one.id))
      AND merge.state IN ('proposed', 'refused', 'undone'))
ORDER BY one.name_pinyin, one.id, other.id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Suspects:
    """Two rows that may be one person, and what they have in common besides the name."""

    one: Member
    other: Member
    same_birth_date: bool
    same_phone: bool


def list_suspects(on: date) -> list[Suspects]:
    """Pairs of rows that may be one person: two statements."""
    with connection.cursor() as cursor:
        cursor.execute(_SUSPECTS, {"limit": SUSPECTS_SHOWN})
        pairs = cursor.fetchall()
    keys = {pk for pair in pairs for pk in pair[:2]}
    members = Member.objects.with_organisation(on).in_bulk(keys)
    return [Suspects(members[one], members[other], *same) for one, other, *same in pairs]


@dataclass(frozen=True)
class Side:
    """One of two rows that are compared."""

    member: Member
    has_card: bool
    membership: Membership | None
    hours: Decimal


def compare_rows(kept: Member, given_up: Member, user: User, on: date) -> list[Side]:
    """Both rows with their last membership and the hours of the year of `on`: four statements.

    A row without a card in sight of `user` is not to be linked to.
    """
    both = [kept, given_up]
    keys = {one.pk for one in both}
    cards = set(
        Member.objects.visible_to(user, on).filter(pk__in=keys).values_list("pk", flat=True)
    )
    last = Membership.objects.filter(member__in=keys).select_related("organisation")
    memberships = {one.member_id: one for one in last.order_by("period")}
    return [
        Side(
            one,
            one.pk in cards,
            memberships.get(one.pk),
            CreditEntry.objects.filter(member=one).in_year(on.year).sum_hours(),
        )
        for one in both
    ]


def list_merges() -> QuerySet[MemberMerge]:
    """Merges: what waits for a decision first, then the newest."""
    waits = Case(When(state=MergeState.PROPOSED, then=F("proposed_at")), default=None)
    rows = MemberMerge.objects.select_related(
        "kept", "given_up", "proposed_by", "decided_by", "undone_by"
    )
    return rows.order_by(waits.asc(nulls_last=True), "-proposed_at", "-id")


def count_to_decide(user: User) -> int:
    """Proposals of others that wait for a decision."""
    return MemberMerge.objects.filter(state=MergeState.PROPOSED).exclude(proposed_by=user).count()

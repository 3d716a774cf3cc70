"""What the pages of the money show."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.enums import MONEY_ROLES
from funding.amounts import ZERO
from funding.enums import HELD, Stage
from funding.models import Commitment, FundLeg, FundTransaction
from funding.querysets import CommitmentQuerySet
from schools.models import RoleGrant, School
from schools.querysets import SchoolQuerySet

if TYPE_CHECKING:
    from accounts.models import User


def schools_with_seen_funds(user: User, on: date) -> SchoolQuerySet:
    """Schools of whose money `user` sees at least one channel."""
    of_money = RoleGrant.objects.in_force(on).filter(
        Q(school=None) | Q(school=OuterRef("pk")), user=user, role__in=MONEY_ROLES
    )
    seen = School.objects.visible_to(user, on)
    return School.objects.filter(Q(pk__in=seen) | Exists(of_money)).order_by("code")


def list_lines(user: User, on: date, school: School, year: int) -> QuerySet[FundTransaction]:
    """Transactions that move a school's money of a year, the newest first, with their `amount`."""
    legs = FundLeg.objects.filter(transaction=OuterRef("pk"), year=year).order_by()
    moved = (
        legs.filter(stage__in=HELD).values("transaction").annotate(moved=_moved("")).values("moved")
    )
    seen = FundTransaction.objects.visible_to(user, on).filter(Exists(legs), school=school)
    return (
        seen.annotate(amount=Subquery(moved))
        .select_related("allocation", "commitment", "posted_by")
        .order_by("-posted_at", "-pk")
    )


def list_life(transactions: QuerySet[FundTransaction]) -> QuerySet[FundTransaction]:
    """The transactions of an allocation or a commitment, the oldest first."""
    reversals = FundTransaction.objects.filter(reverses=OuterRef("pk"))
    return (
        transactions.annotate(amount=_moved(), is_reversed=Exists(reversals))
        .select_related("posted_by")
        .order_by("posted_at", "pk")
    )


def _moved(path: str = "legs__") -> Coalesce:
    """What comes into a stage (yuan); where nothing does, what is taken away, with a minus."""
    held, amount = {f"{path}stage__in": HELD}, f"{path}amount"
    given = Sum(amount, filter=Q(**held, **{f"{amount}__gt": 0}))
    return Coalesce(given, Sum(amount, filter=Q(**held, **{f"{amount}__lt": 0})))


def sum_paid(commitments: CommitmentQuerySet) -> Decimal:
    """What was paid for these commitments together (yuan)."""
    legs = FundLeg.objects.filter(
        transaction__commitment__in=commitments.order_by().values("pk"), stage=Stage.PAID
    )
    total: Decimal = legs.aggregate(total=Sum("amount", default=ZERO))["total"]
    return total


def list_commitments(user: User, on: date) -> CommitmentQuerySet:
    """Commitments that `user` sees, the newest first, with their stages and what they wait for."""
    seen = Commitment.objects.visible_to(user, on).with_stages()
    return seen.select_related("school", "training_class").order_by("-requested_at", "-pk")

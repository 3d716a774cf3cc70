from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.enums import MONEY_ROLES
from config.lib.periods import in_force
from funding.amounts import ZERO
from funding.enums import CommitmentState, Stage
from schools.models import RoleGrant, School

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


class RuleQuerySet(models.QuerySet):
    """Dated rules."""

    def in_force(self, on: date) -> RuleQuerySet:
        """Rules that apply on the day `on`."""
        return self.filter(in_force(on))


class OfFundQuerySet(models.QuerySet):
    """What is of the money of a school and channel."""

    def visible_to[Rows: models.QuerySet](self: Rows, user: User, on: date) -> Rows:
        """Those of schools that `user` may see, and of the money that `user` has a role for."""
        of_money = RoleGrant.objects.in_force(on).filter(
            Q(school=None) | Q(school=OuterRef("school"), channel=OuterRef("channel")),
            user=user,
            role__in=MONEY_ROLES,
        )
        return self.filter(Q(school__in=School.objects.visible_to(user, on)) | Exists(of_money))


class FundLegQuerySet(OfFundQuerySet):
    """Legs, and what they add up to."""

    def as_of(self, moment: datetime) -> FundLegQuerySet:
        """Legs in the ledger at `moment`."""
        return self.filter(transaction__posted_at__lte=moment)


class CommitmentQuerySet(OfFundQuerySet):
    """Commitments, and how much of each is reserved, approved and paid."""

    def with_stages(self) -> CommitmentQuerySet:
        """Annotate `committed`, `approved` and `paid` (yuan), and the `state` that follows."""
        sums = {stage.value: _sum_of(stage) for stage in _OF_COMMITMENT}
        return self.annotate(**sums).annotate(
            state=Case(
                When(committed__gt=0, earmark_check=None, then=Value(CommitmentState.TO_CHECK)),
                When(committed__gt=0, then=Value(CommitmentState.TO_APPROVE)),
                When(approved__gt=0, then=Value(CommitmentState.TO_PAY)),
                default=Value(CommitmentState.SETTLED),
                output_field=CharField(),
            )
        )


_OF_COMMITMENT = (Stage.COMMITTED, Stage.APPROVED, Stage.PAID)


def _sum_of(stage: Stage) -> Coalesce:
    """How much of a commitment is in a stage."""
    from funding.models import FundLeg  # noqa: PLC0415 - models import this module

    legs = FundLeg.objects.filter(transaction__commitment=OuterRef("pk"), stage=stage).order_by()
    total = legs.values("transaction__commitment").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total), Value(ZERO), output_field=models.DecimalField())

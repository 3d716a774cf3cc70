from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.enums import MONEY_ROLES, Role
from config.lib.periods import in_force, local_date
from funding.amounts import ZERO
from funding.enums import (
    CommitmentState,
    ExceptionOutcome,
    FindingState,
    ReviewOutcome,
    Stage,
)
from schools.models import RoleGrant, School

if TYPE_CHECKING:
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
                When(
                    committed__gt=0,
                    exception__isnull=False,
                    exception__decision=None,
                    then=Value(CommitmentState.TO_DECIDE),
                ),
                When(
                    committed__gt=0,
                    exception__decision__outcome=ExceptionOutcome.REFUSED,
                    then=Value(CommitmentState.REFUSED),
                ),
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


class AuditQuerySet(models.QuerySet):
    """Special audits."""

    def visible_to(self, user: User, on: date) -> AuditQuerySet:
        """Audits of a fund that `user` sees; the rest of such an audit stays hidden."""
        from funding.models import AuditedFund  # noqa: PLC0415 - models import this module

        seen = AuditedFund.objects.visible_to(user, on).filter(audit=OuterRef("pk"))
        return self.filter(Exists(seen))


class AuditedPaymentQuerySet(models.QuerySet):
    """Payments in samples."""

    def visible_to(self, user: User, on: date) -> AuditedPaymentQuerySet:
        """Those of money that `user` sees."""
        from funding.models import FundTransaction  # noqa: PLC0415 - models import this module

        return self.filter(payment__in=FundTransaction.objects.visible_to(user, on))


class AuditFindingQuerySet(models.QuerySet):
    """Findings."""

    def visible_to(self, user: User, on: date) -> AuditFindingQuerySet:
        """Those about money that `user` sees."""
        from funding.models import AuditedPayment  # noqa: PLC0415 - models import this module

        return self.filter(audited_payment__in=AuditedPayment.objects.visible_to(user, on))

    def with_state(self) -> AuditFindingQuerySet:
        """Annotate `state`: what a finding waits for, by its newest answer."""
        from funding.models import FindingAnswer  # noqa: PLC0415 - models import this module

        newest = FindingAnswer.objects.filter(finding=OuterRef("pk")).order_by("-pk")
        accepted = newest.filter(review__outcome=ReviewOutcome.ACCEPTED)
        return self.annotate(
            answer_key=Subquery(newest.values("pk")[:1]),
            review_key=Subquery(newest.values("review")[:1]),
        ).annotate(
            state=Case(
                When(Exists(accepted), then=Value(FindingState.SETTLED)),
                When(
                    answer_key__isnull=False,
                    review_key__isnull=True,
                    then=Value(FindingState.TO_REVIEW),
                ),
                default=Value(FindingState.TO_ANSWER),
                output_field=CharField(),
            )
        )

    def of_auditor(self, user: User, now: datetime) -> AuditFindingQuerySet:
        """Those about money that `user` audits."""
        grants = RoleGrant.objects.in_force(local_date(now)).filter(
            Q(school=None)
            | Q(
                school=OuterRef("audited_payment__payment__school"),
                channel=OuterRef("audited_payment__payment__channel"),
            ),
            user=user,
            role=Role.AUDITOR,
        )
        return self.filter(Exists(grants))

    def of_clerk(self, user: User, now: datetime) -> AuditFindingQuerySet:
        """Those about money of the schools whose clerk `user` is."""
        grants = RoleGrant.objects.in_force(local_date(now)).filter(
            user=user, role=Role.SCHOOL_CLERK
        )
        return self.filter(audited_payment__payment__school__in=grants.values("school"))

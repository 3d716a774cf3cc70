"""Rows of special audits: whose money they are about, and what each waits for."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Subquery, Value, When

from accounts.enums import Role
from config.lib.periods import local_date
from funding.enums import FindingState, ReviewOutcome
from schools.models import RoleGrant

if TYPE_CHECKING:
    from accounts.models import User


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

    def with_open_findings(self) -> AuditedPaymentQuerySet:
        """Annotate `findings_raised` and `findings_settled`."""
        accepted = Q(findings__answers__review__outcome=ReviewOutcome.ACCEPTED)
        return self.annotate(
            findings_raised=Count("findings", distinct=True),
            findings_settled=Count("findings", filter=accepted, distinct=True),
        )


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

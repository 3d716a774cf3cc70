from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Sum

from accounts.enums import Role
from accounts.interests import own_rows
from config.lib.hours import ZERO
from config.lib.periods import in_force
from hours.enums import DisputeState, DisputeStep
from hours.source_kinds import source_title
from schools.models import RoleGrant, School

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.models import User


class CreditEntryQuerySet(models.QuerySet):
    """Ledger rows, scoped by the school that they carry."""

    def visible_to(self, user: User, on: date) -> CreditEntryQuerySet:
        """Entries of schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def in_year(self, year: int) -> CreditEntryQuerySet:
        """Entries that count for `year`."""
        return self.filter(credit_year=year)

    def as_of(self, moment: datetime) -> CreditEntryQuerySet:
        """Entries in the ledger at `moment`."""
        return self.filter(posted_at__lte=moment)

    def sum_hours(self) -> Decimal:
        """The total of the hours, reversals included."""
        return self.aggregate(total=Sum("hours", default=ZERO))["total"]


class DisputeQuerySet(models.QuerySet):
    """Disputes, scoped by the school that answers; members see their own."""

    def visible_to(self, user: User, on: date) -> DisputeQuerySet:
        """Disputes of schools that `user` may see, and those of `user` as a member."""
        return self.of_schools_visible_to(user, on) | self.of_account(user)

    def of_schools_visible_to(self, user: User, on: date) -> DisputeQuerySet:
        """Disputes answered by schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def of_account(self, user: User) -> DisputeQuerySet:
        """Disputes of the member with the account `user`, and of rows merged into that member."""
        return self.filter(_concerns(user))

    def answered_by(self, user: User, on: date) -> DisputeQuerySet:
        """Disputes that `user` may answer as a clerk of the school; never their own."""
        of_schools = self.filter(
            school__in=School.objects.administered_by(user, Role.SCHOOL_CLERK, on)
        )
        return of_schools.exclude(member__in=own_rows(user))

    def decided_by(self, user: User, on: date) -> DisputeQuerySet:
        """Disputes that `user` may decide as an officer of the organisation department.

        Never their own, nor those they answered themselves.
        """
        officer = RoleGrant.objects.filter(
            in_force(on), user=user, role=Role.ORGANISATION_DEPARTMENT
        )
        others = self.filter(Exists(officer)).exclude(member__in=own_rows(user))
        return others.exclude(Exists(_said(DisputeStep.ANSWERED).filter(written_by=user)))

    def waiting_for(self, user: User, on: date) -> DisputeQuerySet:
        """Disputes that wait for `user`: for the school's answer, or a decision on an appeal."""
        answers = self.answered_by(user, on).filter(state=DisputeState.OPEN)
        decisions = self.decided_by(user, on).filter(state=DisputeState.APPEALED)
        return self.filter(Q(pk__in=answers.values("pk")) | Q(pk__in=decisions.values("pk")))

    def with_subject(self) -> DisputeQuerySet:
        """Add the member, the school and the title of the disputed source."""
        related = self.select_related("member", "school", "assessment")
        return related.annotate(source_title=source_title("assessment__source"))

    def with_last_step(self) -> DisputeQuerySet:
        """Add the latest `verdict`, and `moved_at`, the time of the last step."""
        return self.annotate(
            moved_at=Subquery(_said().order_by("-pk").values("written_at")[:1]),
            verdict=Subquery(
                _said(DisputeStep.ANSWERED, DisputeStep.DECIDED)
                .order_by("-pk")
                .values("verdict")[:1]
            ),
        )


def _concerns(user: User) -> Q:
    """Condition for disputes about the user's own hours."""
    return Q(member__user=user) | Q(member__merged_into__user=user)


def _said(*steps: DisputeStep) -> models.QuerySet:
    """Entries of the outer query's dispute, optionally only of some steps."""
    from hours.models import DisputeEntry  # noqa: PLC0415 - models import this module

    entries = DisputeEntry.objects.filter(dispute=OuterRef("pk"))
    return entries.filter(step__in=steps) if steps else entries

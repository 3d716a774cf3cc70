from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.enums import Role
from accounts.roles import holds_any
from quotas.enums import ClaimState, ReconciliationState, TaskState
from schools.models import School
from schools.querysets import district_grants

if TYPE_CHECKING:
    from accounts.models import User


class AnnualTaskQuerySet(models.QuerySet):
    """Annual tasks; everybody of district and schools knows what is published."""

    def visible_to(self, user: User) -> AnnualTaskQuerySet:
        """Published versions, and for the organisation department its drafts."""
        if holds_any(user, Role.ORGANISATION_DEPARTMENT):
            return self
        return self.published()

    def published(self) -> AnnualTaskQuerySet:
        return self.filter(state=TaskState.PUBLISHED)

    def newest(self, year: int) -> AnnualTaskQuerySet:
        """The version that holds for `year`, if any."""
        return self.published().filter(year=year).order_by("-version")[:1]


class QuotaClaimQuerySet(models.QuerySet):
    """Claims, scoped by school."""

    def visible_to(self, user: User, on: date) -> QuotaClaimQuerySet:
        """Claims of the schools that `user` may see; drafts only for the school's own people."""
        schools = School.objects.visible_to(user, on)
        own = School.objects.administered_by(user, Role.SCHOOL_CLERK, on) | (
            School.objects.administered_by(user, Role.SCHOOL_LEADER, on)
        )
        return self.filter(school__in=schools).filter(
            ~Q(state=ClaimState.DRAFT) | Q(school__in=own)
        )


class ReconciliationQuerySet(models.QuerySet):
    """Reconciliations, scoped by the schools that have a part in them."""

    def visible_to(self, user: User, on: date) -> ReconciliationQuerySet:
        """All for the district, else those with a part of a school that `user` may see."""
        schools = School.objects.visible_to(user, on)
        parts = self.model._base_manager.filter(parts__school__in=schools)
        return self.filter(
            models.Exists(district_grants(user, on)) | Q(pk__in=parts.order_by().values("pk"))
        )

    def final(self) -> ReconciliationQuerySet:
        """Those under the lock of the year that were not discarded."""
        return self.filter(lock__isnull=False).exclude(state=ReconciliationState.DISCARDED)


class OfSchoolQuerySet(models.QuerySet):
    """Results of members, or parts of reconciliations, scoped by their school."""

    def visible_to[Rows: models.QuerySet](self: Rows, user: User, on: date) -> Rows:
        """Those of the schools that `user` may see; the district also sees who has none."""
        schools = School.objects.visible_to(user, on)
        return self.filter(
            Q(school__in=schools) | Q(school=None) & models.Exists(district_grants(user, on))
        )


class MemberResultQuerySet(OfSchoolQuerySet):
    """Results of members."""


class ReconciliationPartQuerySet(OfSchoolQuerySet):
    """Parts of reconciliations."""


class ShortfallWarningQuerySet(models.QuerySet):
    """Warnings, scoped by school."""

    def visible_to(self, user: User, on: date) -> ShortfallWarningQuerySet:
        """Warnings of the schools that `user` may see, and of their members."""
        return self.filter(school__in=School.objects.visible_to(user, on))

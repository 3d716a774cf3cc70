from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.enums import Role
from accounts.roles import holds_any
from quotas.enums import ClaimState, ReconciliationState, StatementState, TaskState
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

    def newest(self) -> QuotaClaimQuerySet:
        """The newest of these of each school."""
        return self.order_by("school_id", "-version").distinct("school_id")


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

    def frozen(self) -> ReconciliationQuerySet:
        """Those whose results stand: final, computed, and their year was not opened again."""
        return self.final().filter(
            state=ReconciliationState.COMPUTED, lock__released_at__isnull=True
        )

    def of_all_schools(self) -> ReconciliationQuerySet:
        """Those of everybody, so not the rehearsals of one school."""
        return self.filter(parts__school=None)

    def with_signatures(self) -> ReconciliationQuerySet:
        """Annotate `schools`, how many are to sign, and of them `signed` and `countersigned`."""
        of_schools = Q(signatures__school__isnull=False)
        issued = of_schools & Q(signatures__statement__isnull=False)
        return self.annotate(
            schools=Count("parts", Q(parts__school__isnull=False), distinct=True),
            signed=Count("signatures", of_schools, distinct=True),
            countersigned=Count("signatures", issued, distinct=True),
        )

    def closed(self) -> ReconciliationQuerySet:
        """Those that closed their year: the statements of all schools are countersigned."""
        counted = self.final().filter(state=ReconciliationState.COMPUTED).with_signatures()
        return counted.filter(schools__gt=0, countersigned=F("schools"))


class OfSchoolQuerySet(models.QuerySet):
    """What is of a school, or of members outside every school's area."""

    def visible_to[Rows: models.QuerySet](self: Rows, user: User, on: date) -> Rows:
        """Those of the schools that `user` may see; the district also sees who has none."""
        schools = School.objects.visible_to(user, on)
        return self.filter(
            Q(school__in=schools) | Q(school=None) & models.Exists(district_grants(user, on))
        )


class StatementSignatureQuerySet(models.QuerySet):
    """Signatures, scoped by school; everybody of district and schools sees the district's."""

    def visible_to(self, user: User, on: date) -> StatementSignatureQuerySet:
        """Those of the schools that `user` may see, and of the district."""
        return self.filter(_of_seen_schools(user, on))


class YearStatementQuerySet(models.QuerySet):
    """Statements, scoped by school, and whether they hold."""

    def visible_to(self, user: User, on: date) -> YearStatementQuerySet:
        """Those of the schools that `user` may see, and of the district."""
        return self.filter(_of_seen_schools(user, on, "signature__"))

    def with_state(self) -> YearStatementQuerySet:
        """Annotate `state` (`StatementState`), `replaced_at` and `revoked_at`."""
        from quotas.models import YearStatement  # noqa: PLC0415 - models import this module

        later = (
            YearStatement.objects.alias(of=Coalesce("signature__school", 0))
            .filter(
                of=Coalesce(OuterRef("signature__school"), 0),
                year=OuterRef("year"),
                signature__reconciliation__number__gt=OuterRef("signature__reconciliation__number"),
                signature__reconciliation__discarded_at=None,
            )
            .order_by("issued_at")
        )
        return self.annotate(
            replaced_at=Subquery(later.values("issued_at")[:1]),
            revoked_at=F("signature__reconciliation__discarded_at"),
        ).annotate(
            state=Case(
                When(revoked_at__isnull=False, then=Value(StatementState.REVOKED.value)),
                When(replaced_at__isnull=False, then=Value(StatementState.REPLACED.value)),
                default=Value(StatementState.VALID.value),
                output_field=CharField(),
            )
        )


class YearAdjustmentQuerySet(OfSchoolQuerySet):
    """Later facts of closed years."""


class MemberResultQuerySet(OfSchoolQuerySet):
    """Results of members."""


class ReconciliationPartQuerySet(OfSchoolQuerySet):
    """Parts of reconciliations."""


class ShortfallWarningQuerySet(OfSchoolQuerySet):
    """Warnings of schools and members."""


def _of_seen_schools(user: User, on: date, path: str = "") -> Q:
    """Rows of schools that `user` may see; the district's are read by who sees any school."""
    seen = School.objects.visible_to(user, on)
    return Q(**{f"{path}school__in": seen}) | Q(Exists(seen), **{f"{path}school": None})

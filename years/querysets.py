from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Value, When

from accounts.enums import Role
from config.lib.periods import in_force
from trainees.models import Member
from trainees.querysets import MemberQuerySet
from years.enums import DocumentState

if TYPE_CHECKING:
    from accounts.models import User


class IssuedDocumentQuerySet(models.QuerySet):
    """Issued documents, scoped by their members, and their validity."""

    def visible_to(self, user: User, on: date) -> IssuedDocumentQuerySet:
        """Documents of members for whom `user` may issue documents."""
        return self._of(Member.objects.papers_by(user, on))

    def revocable_by(self, user: User, on: date) -> IssuedDocumentQuerySet:
        """Documents that `user` may revoke: all for the organisation department, those of the
        school's members for a clerk. Validity is not checked.
        """
        if user.role_grants.filter(in_force(on), role=Role.ORGANISATION_DEPARTMENT).exists():
            return self.all()
        return self._of(Member.objects.of_clerk(user, on))

    def of_member(self, member: Member) -> IssuedDocumentQuerySet:
        """Documents of a member and of rows merged into this one."""
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def _of(self, members: MemberQuerySet) -> IssuedDocumentQuerySet:
        keys = members.order_by().values("pk")
        return self.filter(Q(member__in=keys) | Q(member__merged_into__in=keys))

    def with_state(self) -> IssuedDocumentQuerySet:
        """Annotate `state` (`DocumentState`), `replaced_at` and `revoked_at`.

        A revoked document remains revoked, even if another is issued after it.
        """
        from years.models import IssuedDocument  # noqa: PLC0415 - models import this module

        later = IssuedDocument.objects.filter(
            member=OuterRef("member"),
            credit_year=OuterRef("credit_year"),
            kind=OuterRef("kind"),
            version__gt=OuterRef("version"),
        ).order_by("version")
        return self.annotate(
            replaced_at=Subquery(later.values("issued_at")[:1]),
            revoked_at=F("revocation__revoked_at"),
        ).annotate(
            state=Case(
                When(revoked_at__isnull=False, then=Value(DocumentState.REVOKED.value)),
                When(replaced_at__isnull=False, then=Value(DocumentState.REPLACED.value)),
                default=Value(DocumentState.VALID.value),
                output_field=CharField(),
            )
        )

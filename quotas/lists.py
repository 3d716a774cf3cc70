"""Lists of this app: the rows that a user may see, narrowed by filters."""

from __future__ import annotations

from config.lib.filters import Filters, ListRequest
from quotas.models import QuotaClaim, ShortfallWarning
from quotas.querysets import QuotaClaimQuerySet, ShortfallWarningQuerySet


def claims(asked: ListRequest, filters: Filters) -> QuotaClaimQuerySet:
    """Claims by school, the newest version first."""
    rows = filters.apply(QuotaClaim.objects.visible_to(asked.user, asked.today))
    return rows.select_related("school", "task").order_by("-year", "school__code", "-version")


def warnings(asked: ListRequest, filters: Filters) -> ShortfallWarningQuerySet:
    """Warnings that were given, the newest first."""
    rows = filters.apply(ShortfallWarning.objects.visible_to(asked.user, asked.today))
    return rows.select_related("school", "member", "module").order_by("-given_at", "-pk")

"""Lists of this app: the rows that a user may see, narrowed by filters."""

from __future__ import annotations

from django.db.models import QuerySet

from config.lib.filters import Filters, ListRequest
from config.lib.years import day_of_judgement
from quotas.models import QuotaClaim, ShortfallWarning
from quotas.queries.themed_days import has_held
from quotas.querysets import QuotaClaimQuerySet, ShortfallWarningQuerySet
from schools.enums import OrganisationKind
from schools.models import Organisation


def claims(asked: ListRequest, filters: Filters) -> QuotaClaimQuerySet:
    """Claims by school, the newest version first."""
    rows = filters.apply(QuotaClaim.objects.visible_to(asked.user, asked.today))
    return rows.select_related("school", "task").order_by("-year", "school__code", "-version")


def warnings(asked: ListRequest, filters: Filters) -> ShortfallWarningQuerySet:
    """Warnings that were given, the newest first."""
    rows = filters.apply(ShortfallWarning.objects.visible_to(asked.user, asked.today))
    return rows.select_related("school", "member", "module").order_by("-given_at", "-pk")


def branches(asked: ListRequest, filters: Filters) -> QuerySet[Organisation]:
    """Branches that existed on the day of judgement of the chosen year, by code.

    A chosen month keeps those that held no themed day in it.
    """
    year, on = int(filters.value("year")), asked.today
    as_of = day_of_judgement(year, on)
    rows = Organisation.objects.in_force(as_of).filter(kind=OrganisationKind.BRANCH)
    rows = rows.with_members_visible_to(asked.user, on, as_of)
    if filters.value("school"):
        rows = rows.for_school(int(filters.value("school")), as_of)
    if month := filters.value("without_day"):
        rows = rows.exclude(has_held(year, int(month)))
    return rows.order_by("code", "pk")

"""Whom to call at a school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from schools.models import RoleGrant


def list_clerks(
    school_ids: Collection[int], on: date, *, office_first: bool = False
) -> dict[int, list[tuple[str, str]]]:
    """The clerks of these schools on the day `on`: name and telephone. One statement.

    The telephone is the clerk's own, else that of the office; the other way round with
    `office_first`, for people who are no staff of the district or a school.
    """
    grants = (
        RoleGrant.objects.in_force(on)
        .filter(role=Role.SCHOOL_CLERK, school__in=school_ids, user__is_active=True)
        .select_related("user", "school")
        .order_by("user__display_name", "pk")
    )
    clerks: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for grant in grants:
        if grant.school is not None:
            numbers = [grant.user.phone or "", grant.school.telephone]
            own, office = reversed(numbers) if office_first else numbers
            clerks[grant.school.pk].append((str(grant.user), own or office))
    return clerks


def list_clerk_accounts(school_id: int, on: date) -> QuerySet[User]:
    """The accounts of the clerks of a school on the day `on`, who keep its rolls."""
    grants = RoleGrant.objects.in_force(on).filter(role=Role.SCHOOL_CLERK, school=school_id)
    return User.objects.filter(pk__in=grants.values("user"), is_active=True)

"""Granted roles for the page of an account."""

from django.urls import reverse

from accounts.models import User
from accounts.roles import Grant
from schools.models import RoleGrant


def list_grants(user: User) -> list[Grant]:
    """The roles granted to `user`, also past and future ones, by their first day."""
    rows = RoleGrant.objects.filter(user=user).select_related("school", "organisation")
    return [
        Grant(
            name=" · ".join([str(row.get_role_display()), *row.scope]),
            period=row.period,
            url=reverse("admin:schools_rolegrant_change", args=[row.pk]),
        )
        for row in rows.order_by("period", "pk")
    ]

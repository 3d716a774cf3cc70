"""Permissions on lecturers, their nominations and letters."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from schools.models import RoleGrant, School

# They nominate for their own school.
NOMINATING_ROLES = frozenset({Role.SCHOOL_CLERK, Role.SCHOOL_LEADER})


def appoints(user: User) -> bool:
    """The organisation department appoints lecturers and issues their letters."""
    return holds_any(user, Role.ORGANISATION_DEPARTMENT)


def schools_nominated_for(user: User, on: date) -> QuerySet[School]:
    """The schools for which `user` may nominate on the day `on`."""
    grants = RoleGrant.objects.in_force(on).filter(user=user, role__in=NOMINATING_ROLES)
    return School.objects.in_force(on).filter(pk__in=grants.values("school"))

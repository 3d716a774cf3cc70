"""Permissions on layouts of statistics sheets."""

from __future__ import annotations

from datetime import date

from accounts.enums import DISTRICT_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from schools.models import School
from schools.permissions import is_clerk_of


def keeps_layout(user: User, school_id: int | None, on: date) -> bool:
    """The district keeps its own layouts, a clerk those of the school."""
    if school_id is None:
        return holds_any(user, *DISTRICT_ROLES)
    return is_clerk_of(user, school_id, on)


def keeps_some_layout(user: User) -> bool:
    """Whether the person may upload a layout at all."""
    return holds_any(user, Role.SCHOOL_CLERK, *DISTRICT_ROLES)


def offices_of(user: User, on: date) -> list[tuple[str, str]]:
    """For whom the person may upload: key and name of schools, with an empty key the district's."""
    schools = School.objects.administered_by(user, Role.SCHOOL_CLERK, on).in_force(on)
    return [(str(school.pk), school.name) for school in schools.order_by("code")]

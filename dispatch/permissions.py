"""Permissions on booking letters and at the dispatch desk."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from schools.models import School
from schools.permissions import is_clerk_of


def books_for(user: User, school_id: int, on: date) -> bool:
    """The school's clerk books courses, and agrees to what the district schedules."""
    return is_clerk_of(user, school_id, on)


def schools_booked_for(user: User, on: date) -> QuerySet[School]:
    """The schools for which `user` writes booking letters on the day `on`."""
    return School.objects.administered_by(user, Role.SCHOOL_CLERK, on)


def dispatches(user: User) -> bool:
    """The academic officer of the district school schedules letters and engages lecturers."""
    return holds_any(user, Role.DISTRICT_SCHOOL)


def list_dispatchers() -> list[User]:
    """Who dispatches, by name."""
    users = User.objects.filter(role_grants__role=Role.DISTRICT_SCHOOL, is_active=True)
    found = users.distinct().order_by("display_name", "pk")
    return [user for user in found if dispatches(user)]

"""Permissions for classes, checked by views, actions and templates."""

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any


def supervises(user: User) -> bool:
    """Academic officers of the district school supervise teaching."""
    return holds_any(user, Role.DISTRICT_SCHOOL)

"""Permissions for the menu and for training classes."""

from datetime import date

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from schools.models import School
from schools.permissions import is_clerk_of


def plans_classes(user: User, school_id: int, on: date) -> bool:
    """The school's clerk and the academic officer of the district plan classes."""
    return holds_any(user, Role.DISTRICT_SCHOOL) or is_clerk_of(user, school_id, on)


def schools_planned_for(user: User, on: date) -> list[School]:
    """The schools in force for which `user` plans classes."""
    schools = School.objects.visible_to(user, on).in_force(on)
    return [school for school in schools if plans_classes(user, school.pk, on)]


def keeps_menu(user: User) -> bool:
    """The academic officer of the district keeps the menu and the mix of each module."""
    return holds_any(user, Role.DISTRICT_SCHOOL)

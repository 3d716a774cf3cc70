"""Permissions on schools and the organisation tree."""

from datetime import date

from accounts.entry import page_if
from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.founding import FOUNDERS
from schools.errors import SchoolsError
from schools.models import Organisation, RoleGrant
from schools.signals import past_founding


def keeps_network(user: User) -> bool:
    """The organisation department creates, moves, merges and closes schools and organisations."""
    return holds_any(user, Role.ORGANISATION_DEPARTMENT)


def founders() -> frozenset[Role]:
    """Who founds the district, its schools and organisations by the pages of founding.

    The organisation department, and the system administrator until the first member is registered.
    """
    return FOUNDERS if is_being_founded() else frozenset({Role.ORGANISATION_DEPARTMENT})


def is_being_founded() -> bool:
    """Whether no member is registered yet."""
    try:
        past_founding.send(Organisation)
    except SchoolsError:
        return False
    return True


def founds(user: User) -> bool:
    """Whether the person may use the pages of founding."""
    return holds_any(user, *founders())


def is_clerk_of(user: User, school_id: int, on: date) -> bool:
    """Whether `user` is a clerk of the school on the day `on`."""
    return _holds_at(user, Role.SCHOOL_CLERK, school_id, on)


def is_liaison_officer_of(user: User, school_id: int, on: date) -> bool:
    """Whether `user` is liaison officer of the school on the day `on`."""
    return _holds_at(user, Role.LIAISON_OFFICER, school_id, on)


def keeps_contact(user: User, school_id: int, on: date) -> bool:
    """Who may edit a school's contact: the organisation department and the school's clerk."""
    return keeps_network(user) or is_clerk_of(user, school_id, on)


def keeps_venues(user: User, school_id: int, on: date) -> bool:
    """Who may edit venues: the two district roles and the school's clerk."""
    return holds_any(user, *DISTRICT_ROLES) or is_clerk_of(user, school_id, on)


def _holds_at(user: User, role: Role, school_id: int, on: date) -> bool:
    return RoleGrant.objects.in_force(on).filter(user=user, role=role, school=school_id).exists()


def sees_schools(user: User) -> bool:
    """Whether the person has a role at a school or in the district."""
    return holds_any(user, *SCHOOL_ROLES, *DISTRICT_ROLES)


# A page for staff of schools and the district.
staff_page = page_if(sees_schools)

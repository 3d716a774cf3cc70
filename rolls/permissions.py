"""Permissions on rolls, used by views, actions and templates."""

from datetime import date

from django.db.models import Q

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from schools.models import School


def answers_reopenings(user: User) -> bool:
    """Whether the user may reopen closed rolls: the district school's academic officer."""
    return holds_any(user, Role.DISTRICT_SCHOOL)


def reminds_of_rolls(user: User) -> bool:
    """Whether the user may remind clerks of rolls: leaders, liaison officers, the district."""
    return holds_any(user, *(SCHOOL_ROLES | DISTRICT_ROLES) - {Role.SCHOOL_CLERK})


def takes_rolls(user: User, on: date, school: str = "training_class__school") -> Q:
    """The condition that `user` is a clerk, on the day `on`, of the school that `school` leads to,
    or of the school that took it over."""
    return Q(**{f"{school}__in": School.objects.administered_by(user, Role.SCHOOL_CLERK, on)})

"""What people may do with rolls and hours, asked by views, actions and templates."""

from datetime import date

from django.db.models import Q

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from schools.models import School


def answers_reopenings(user: User) -> bool:
    """Whether the person reopens closed rolls: the academic officer of the district school."""
    return holds_any(user, Role.DISTRICT_SCHOOL)


def takes_rolls(user: User, on: date, school: str = "training_class__school") -> Q:
    """The condition that `user` is a clerk, on the day `on`, of the school a row leads to, or of
    the one that took it over."""
    return Q(**{f"{school}__in": School.objects.administered_by(user, Role.SCHOOL_CLERK, on)})

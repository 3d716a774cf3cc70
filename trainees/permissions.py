"""What people may do with rolls and hours, asked by views, actions and templates."""

from datetime import date

from django.db.models import CharField, Exists, OuterRef, Value

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import in_force, today
from schools.models import RoleGrant
from trainees.models import Member


def roles_in_force(user: User) -> frozenset[str]:
    """The roles granted to `user` today, and MEMBER for whoever's account is a member's."""
    member = Member.objects.filter(user=user).annotate(
        role=Value(Role.MEMBER.value, output_field=CharField())
    )
    granted = RoleGrant.objects.filter(in_force(today()), user=user)
    return frozenset(granted.values_list("role", flat=True).union(member.values_list("role")))


def takes_rolls(user: User, on: date, school: str = "training_class__school") -> Exists:
    """The condition that `user` is a clerk, on the day `on`, of the school a row leads to."""
    return Exists(
        RoleGrant.objects.filter(
            in_force(on), user=user, role=Role.SCHOOL_CLERK, school=OuterRef(school)
        )
    )

"""Permissions for the menu and for training classes."""

from datetime import date

from django.db.models import Q

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from courses.models import TrainingClass
from schools.models import School
from schools.permissions import is_clerk_of


def plans_classes(user: User, school_id: int, on: date) -> bool:
    """The school's clerk and the academic officer of the district plan classes."""
    return holds_any(user, Role.DISTRICT_SCHOOL) or is_clerk_of(user, school_id, on)


def schools_planned_for(user: User, on: date) -> list[School]:
    """The schools in force for which `user` plans classes."""
    schools = School.objects.visible_to(user, on).in_force(on)
    return [school for school in schools if plans_classes(user, school.pk, on)]


def schools_enrolling(user: User, training_class: TrainingClass, on: date) -> list[int]:
    """The schools of a class whose members `user` puts on its roster.

    The academic officer enrols for all of them, a clerk for their own, whether it holds the class
    or joins it.
    """
    joining = training_class.joining_schools.values("school")
    schools = School.objects.filter(Q(pk=training_class.school_id) | Q(pk__in=joining))
    if not holds_any(user, Role.DISTRICT_SCHOOL):
        kept = School.objects.administered_by(user, Role.SCHOOL_CLERK, on)
        schools = schools.filter(pk__in=kept.values("pk"))
    return list(schools.values_list("pk", flat=True))


def keeps_menu(user: User) -> bool:
    """The academic officer of the district keeps the menu and the mix of each module."""
    return holds_any(user, Role.DISTRICT_SCHOOL)

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q

from config.lib.dated_rows import from_day_on
from config.lib.periods import calendar_year, in_force
from schools.models import School
from schools.querysets import district_grants

if TYPE_CHECKING:
    from accounts.models import User
    from courses.models import Session


def is_for_school(school: School | int | str, training_class: str = "pk") -> Q:
    """The condition that a class is held by the school, or joined by it.

    `training_class` leads to the class.
    """
    held = "school" if training_class == "pk" else f"{training_class}__school"
    return Q(**{held: school}) | Q(Exists(_joining(training_class, [school])))


def _is_listed_for(user: User, on: date) -> Q:
    """The condition that a session is of a class that a school of `user` holds or joins."""
    schools = School.objects.visible_to(user, on)
    joined = Q(Exists(_joining("training_class", schools)))
    return Q(training_class__school__in=schools) | joined


def _joining(training_class: str, schools: Any) -> models.QuerySet:
    from courses.models import JoiningSchool  # noqa: PLC0415 - models import this module

    return JoiningSchool.objects.filter(training_class=OuterRef(training_class), school__in=schools)


class CourseQuerySet(models.QuerySet):
    """Courses of the menu, which is one for the whole district."""

    def visible_to(self, user: User, on: date) -> CourseQuerySet:
        """All of them for staff of the district and of schools; nobody else reads the menu."""
        return self.filter(
            Exists(district_grants(user, on)) | Exists(School.objects.visible_to(user, on))
        )

    def with_materials_for(self, user: User, on: date) -> CourseQuerySet:
        """Courses whose materials `user` reads: all for staff, else those that one teaches.

        A lecturer teaches what they may teach, and what a session of theirs takes.
        """
        taught = Q(instructors__user=user) | Q(sessions__instructor__user=user)
        own = self.model._default_manager.filter(taught).values("pk")
        return self.filter(Q(pk__in=self.visible_to(user, on).values("pk")) | Q(pk__in=own))

    def offered(self, on: date) -> CourseQuerySet:
        """Courses that a session on the day `on` may teach."""
        return self.filter(in_force(on))

    def offered_from(self, on: date) -> CourseQuerySet:
        """Courses that a session on the day `on` or later may teach."""
        return self.filter(from_day_on(on))

    def offered_throughout(self, days: DateRange) -> CourseQuerySet:
        """Courses that a session on each of these days may teach."""
        return self.filter(period__contains=days)

    def meant_for(self, audience: str) -> CourseQuerySet:
        """Courses for this audience, and those for everybody."""
        return self.filter(Q(audiences=[]) | Q(audiences__contains=[audience]))


class PlannedCourseQuerySet(models.QuerySet):
    """Courses of year plans, scoped by school."""

    def visible_to(self, user: User, on: date) -> PlannedCourseQuerySet:
        """Plans of the schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))


class VenueQuerySet(models.QuerySet):
    """Venues, scoped by school."""

    def visible_to(self, user: User, on: date) -> VenueQuerySet:
        """Venues of the schools that `user` may see."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def with_detail(self) -> VenueQuerySet:
        """With school and equipment, as `VenueField` shows them: two statements."""
        return self.select_related("school").prefetch_related("equipment")


class TrainingClassQuerySet(models.QuerySet):
    """Classes, scoped by school."""

    def visible_to(self, user: User, on: date) -> TrainingClassQuerySet:
        """Classes of the schools that `user` may see, with everybody on their rosters."""
        return self.filter(school__in=School.objects.visible_to(user, on))

    def joined_for(self, user: User, on: date) -> TrainingClassQuerySet:
        """Classes of other schools that a school of `user` joins; only its own trainees show."""
        schools = School.objects.visible_to(user, on)
        return self.filter(Exists(_joining("pk", schools))).exclude(school__in=schools)

    def known_to(self, user: User, on: date) -> TrainingClassQuerySet:
        """Those visible to `user`, and those that a school of theirs joins."""
        schools = School.objects.visible_to(user, on)
        return self.filter(Q(school__in=schools) | Exists(_joining("pk", schools)))


class SessionQuerySet(models.QuerySet):
    """Sessions, scoped by school and time."""

    def visible_to(self, user: User, on: date) -> SessionQuerySet:
        """Sessions of the schools that `user` may see."""
        return self.filter(training_class__school__in=School.objects.visible_to(user, on))

    def listed_for(self, user: User, on: date) -> SessionQuerySet:
        """Those visible to `user`, and those of classes that a school of theirs joins.

        For lists that name no trainee.
        """
        return self.filter(_is_listed_for(user, on))

    def for_school(self, school: School | int) -> SessionQuerySet:
        """Sessions of the classes that the school holds or joins."""
        return self.filter(is_for_school(school, "training_class"))

    def known_to(self, user: User, on: date) -> SessionQuerySet:
        """Those listed for `user`, and those that they teach."""
        return self.filter(_is_listed_for(user, on) | Q(instructor__user=user))

    def to_be_held(self) -> SessionQuerySet:
        """Sessions that were not called off."""
        return self.filter(called_off_at=None)

    def beside(self, session: Session) -> SessionQuerySet:
        """Other sessions that overlap `session`."""
        others = self.to_be_held().exclude(pk=session.pk)
        return others.filter(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)

    def in_year(self, year: int) -> SessionQuerySet:
        """Sessions with hours that count for `year`."""
        whole = calendar_year(year)
        return self.filter(held_on__gte=whole.lower, held_on__lt=whole.upper)

    def over_by(self, moment: datetime) -> SessionQuerySet:
        """Sessions that had ended by `moment`."""
        return self.filter(ends_at__lte=moment)

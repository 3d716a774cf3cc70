from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from config.lib.periods import calendar_year, in_force

if TYPE_CHECKING:
    from accounts.models import User


def district_grants(user: User, on: date) -> models.QuerySet:
    """The grants that let a person see the whole district on the day `on`."""
    return user.role_grants.filter(in_force(on), role__in=DISTRICT_ROLES)


def _kept_by(user: User, roles: Collection[Role], on: date) -> models.Q:
    grants = user.role_grants.filter(in_force(on), role__in=roles)
    schools = grants.filter(school__isnull=False).values("school")
    return models.Q(pk__in=schools) | models.Q(taken_over_by__in=schools) & ~in_force(on)


def _places_served(user: User, on: date, as_of: date) -> models.QuerySet:
    """Places of the outer organisation in townships of the schools visible to `user`.

    The places are of any day. The townships belong to the schools on the day `as_of`; the schools
    are visible to `user` on the day `on`.
    """
    from schools.models import Placement, School  # noqa: PLC0415 - models import this module

    return Placement.objects.filter(
        in_force(as_of, "township__areas__period"),
        organisation=models.OuterRef("pk"),
        township__areas__school__in=School.objects.visible_to(user, on),
    )


class SchoolQuerySet(models.QuerySet):
    """Schools, filtered by period and visibility."""

    def in_force(self, on: date) -> SchoolQuerySet:
        """Schools that exist on the day `on`."""
        return self.filter(in_force(on))

    def in_year(self, year: int) -> SchoolQuerySet:
        """Schools that existed on some day of `year`."""
        return self.filter(period__overlap=calendar_year(year))

    def visible_to(self, user: User, on: date) -> SchoolQuerySet:
        """All for district roles, else schools of the person's grants and those they took over."""
        return self.filter(
            models.Exists(district_grants(user, on)) | _kept_by(user, SCHOOL_ROLES, on)
        )

    def administered_by(self, user: User, role: Role, on: date) -> SchoolQuerySet:
        """Schools where `user` holds `role` on the day `on`, and closed schools they took over.

        The school that keeps the records of a closed school corrects them and answers for them.
        """
        return self.filter(_kept_by(user, [role], on))


class OrganisationQuerySet(models.QuerySet):
    """Organisations, filtered by period, place and visibility."""

    def in_force(self, on: date) -> OrganisationQuerySet:
        """Organisations that exist on the day `on`."""
        return self.filter(in_force(on))

    def for_school(self, school: models.Model | int, on: date) -> OrganisationQuerySet:
        """Organisations that are, on the day `on`, in a township that `school` serves then."""
        return self._served_by(on, placements__township__areas__school=school)

    def with_members_visible_to(
        self, user: User, on: date, as_of: date | None = None
    ) -> OrganisationQuerySet:
        """Organisations whose members `user` may see on the day `on`.

        All for district roles, also those outside every school's area; else those that belong on
        `as_of` to the schools visible to `user`.
        """
        from schools.models import School  # noqa: PLC0415 - models import this module

        schools = School.objects.visible_to(user, on)
        served = self._served_by(as_of or on, placements__township__areas__school__in=schools)
        district = models.Exists(district_grants(user, on))
        return self.filter(district | models.Q(pk__in=served.order_by().values("pk")))

    def visible_to(self, user: User, on: date) -> OrganisationQuerySet:
        """All for district roles, else those in the area of the person's schools.

        An organisation that does not exist on the day `on` is visible to the schools that serve, on
        that day, a township where it ever was.
        """
        places = _places_served(user, on, on)
        return self.filter(
            models.Exists(district_grants(user, on))
            | models.Exists(places.filter(in_force(on)))
            | ~in_force(on) & models.Exists(places)
        )

    def shown_as_of(self, user: User, on: date, as_of: date) -> OrganisationQuerySet:
        """Organisations with a state on the day `as_of` that `user` may see on the day `on`.

        All for district roles, else those that were in the area of the person's schools on `as_of`:
        the state of an organisation before it came or after it left belongs to another school.
        Organisations that did not exist on `as_of` are included, because they have no state.
        """
        places = _places_served(user, on, as_of).filter(in_force(as_of))
        return self.filter(
            models.Exists(district_grants(user, on)) | models.Exists(places) | ~in_force(as_of)
        )

    def named_like(self, *texts: str) -> OrganisationQuerySet:
        """Organisations with one of `texts` in name or initials, or at the start of the code.

        Names begin with the township's name, so nobody types their first initials.
        """
        fits = models.Q()
        for text in texts:
            fits |= models.Q(name__contains=text) | models.Q(code__startswith=text)
            fits |= models.Q(name_initials__contains=text.lower())
        return self.filter(fits)

    def _served_by(self, on: date, **school: Any) -> OrganisationQuerySet:
        return self.filter(
            in_force(on, "placements__period"),
            in_force(on, "placements__township__areas__period"),
            **school,
        )


class PlacementQuerySet(models.QuerySet):
    """Places in the tree, filtered by period."""

    def in_force(self, on: date) -> PlacementQuerySet:
        """Places on the day `on`."""
        return self.filter(in_force(on))


class RoleGrantQuerySet(models.QuerySet):
    """Grants of roles, filtered by period."""

    def in_force(self, on: date) -> RoleGrantQuerySet:
        """Grants with a period that includes the day `on`."""
        return self.filter(in_force(on))

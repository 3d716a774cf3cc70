"""Schools for their pages."""

from __future__ import annotations

from datetime import date

from django.db.models import Case, Prefetch, QuerySet, When

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import in_force
from schools.enums import SchoolOffice
from schools.models import GuidanceNote, Organisation, RoleGrant, School, SchoolArea, SchoolOfficer


def list_schools(user: User, on: date) -> QuerySet[School]:
    """The visible schools with their areas, officers and liaison officers of the day `on`."""
    areas = SchoolArea.objects.filter(in_force(on)).select_related("township")
    officers = _by_rank(SchoolOfficer.objects.filter(in_force(on)))
    return School.objects.visible_to(user, on).prefetch_related(
        Prefetch("areas", areas, to_attr="areas_today"),
        Prefetch("officers", officers, to_attr="officers_today"),
        Prefetch("role_grants", _liaison(on), to_attr="liaison_today"),
    )


def list_officers(school: School) -> QuerySet[SchoolOfficer]:
    """All past, present and future officers of a school, by rank, latest first."""
    return _by_rank(school.officers.all())


def list_liaison_officers(school: School, on: date) -> QuerySet[RoleGrant]:
    """The liaison officers of a school on the day `on`."""
    return _liaison(on).filter(school=school)


def serving_school(organisation: Organisation, on: date) -> School | None:
    """The school where the members of an organisation study on the day `on`."""
    areas = SchoolArea.objects.filter(
        in_force(on),
        in_force(on, "township__placements__period"),
        township__placements__organisation=organisation,
    )
    return School.objects.filter(areas__in=areas).first()


def list_notes(school: School) -> QuerySet[GuidanceNote]:
    """Guidance notes of a school, each with its correction, newest first."""
    return school.guidance_notes.select_related("written_by", "corrects", "correction")


def _by_rank(officers: QuerySet[SchoolOfficer]) -> QuerySet[SchoolOfficer]:
    rank = Case(*(When(office=office, then=place) for place, office in enumerate(SchoolOffice)))
    return officers.order_by(rank, "-period")


def _liaison(on: date) -> QuerySet[RoleGrant]:
    rows = RoleGrant.objects.in_force(on).filter(role=Role.LIAISON_OFFICER)
    return rows.select_related("user").order_by("user__display_name")

"""Permissions on annual tasks, claims and statements."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from accounts.enums import DISTRICT_ROLES, Role
from accounts.interests import own_accounts
from accounts.models import User
from accounts.roles import holds_any
from schools.models import RoleGrant, School
from schools.permissions import is_clerk_of

# Who speaks for a school in a claim.
CLAIMING_ROLES = (Role.SCHOOL_CLERK, Role.SCHOOL_LEADER)


def sets_tasks(user: User) -> bool:
    """The organisation department drafts and publishes the annual task, and decides on claims."""
    return holds_any(user, Role.ORGANISATION_DEPARTMENT)


def drafts_claims(user: User, school_id: int, on: date) -> bool:
    """The school's clerk writes its claim."""
    return is_clerk_of(user, school_id, on)


def submits_claims(user: User, school_id: int, on: date) -> bool:
    """A leader of the school answers for its claim, and submits it."""
    held = RoleGrant.objects.in_force(on).filter(user=user, role=Role.SCHOOL_LEADER)
    return held.filter(school=school_id).exists()


def speaks_for(user: User, school_id: int, on: date) -> bool:
    """Whether the person answers for the school, under any of their accounts.

    Clerks and leaders do, also those of the school that took it over.
    """
    return school_id in schools_spoken_for(user, on)


def own_claims(user: User, on: date) -> Q:
    """The claims on which somebody else decides: of a school that the person answers for, or that
    they drafted or submitted, under any of their accounts.
    """
    own = own_accounts(user)
    of_schools = Q(school__in=schools_spoken_for(user, on))
    return of_schools | Q(drafted_by__in=own) | Q(submitted_by__in=own)


def schools_spoken_for(user: User, on: date) -> set[int]:
    """The schools that the person answers for; two statements for each of their accounts."""
    return {
        key
        for account in User.objects.filter(pk__in=own_accounts(user))
        for role in CLAIMING_ROLES
        for key in School.objects.administered_by(account, role, on).values_list("pk", flat=True)
    }


def signs_results(user: User, school_id: int | None, on: date) -> bool:
    """A leader signs for the school, the district Party school for the whole district."""
    if school_id is None:
        return holds_any(user, Role.DISTRICT_SCHOOL)
    led = School.objects.administered_by(user, Role.SCHOOL_LEADER, on)
    return led.filter(pk=school_id).exists()


def countersigns(user: User) -> bool:
    """The organisation department countersigns, reopens a closed year, and notes later facts."""
    return holds_any(user, Role.ORGANISATION_DEPARTMENT)


def schools_claimed_for(user: User, role: Role, on: date) -> QuerySet[School]:
    """The open schools where `user` holds `role` on the day `on`."""
    held = RoleGrant.objects.in_force(on).filter(user=user, role=role)
    return School.objects.in_force(on).filter(pk__in=held.values("school"))


def rehearses(user: User) -> bool:
    """The district rehearses a reconciliation: each rehearsal takes the place of one that goes on.

    Schools read what came out.
    """
    return sees_district(user)


def sees_district(user: User) -> bool:
    """The two district roles see all schools, and the members outside every school's area."""
    return holds_any(user, *DISTRICT_ROLES)

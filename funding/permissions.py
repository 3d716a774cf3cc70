"""Permissions on the money of a school and channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from accounts.entry import page_if
from accounts.enums import MONEY_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from schools.models import RoleGrant
from schools.permissions import is_clerk_of, sees_schools


def sees_funds(user: User) -> bool:
    """Staff of schools and district, and who has a role for money."""
    return sees_schools(user) or holds_any(user, *MONEY_ROLES)


# A page of the money.
fund_page = page_if(sees_funds)


def sees_double_roles(user: User) -> bool:
    """Who is told that one person holds two roles for money, and may do something about it."""
    return holds_any(user, Role.ORGANISATION_DEPARTMENT, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR)


def allocates(user: User) -> bool:
    """The organisation department allocates, adjusts and carries over."""
    return holds_any(user, Role.ORGANISATION_DEPARTMENT)


def asks_for_money(user: User, school_id: int, on: date) -> bool:
    """The school's clerk asks for what a cost needs."""
    return is_clerk_of(user, school_id, on)


def has_money_role(user: User, role: Role, school_id: int, channel: str, on: date) -> bool:
    """Whether `user` holds `role` for the money of a school and channel, or for all money."""
    held = RoleGrant.objects.in_force(on).filter(user=user, role=role)
    return held.filter(Q(school=None) | Q(school=school_id, channel=channel)).exists()


def may_settle_some(user: User, school_id: int, on: date) -> bool:
    """Whether `user` may release some reservation of a class of the school."""
    if asks_for_money(user, school_id, on):
        return True
    held = RoleGrant.objects.in_force(on).filter(
        user=user, role__in=(Role.APPROVER, Role.CUSTODIAN)
    )
    return held.filter(Q(school=None) | Q(school=school_id)).exists()


def audits_all(user: User, funds: Iterable[tuple[int, str]], on: date) -> bool:
    """Whether `user` is the auditor of all these schools and channels; one statement."""
    held = RoleGrant.objects.in_force(on).filter(user=user, role=Role.AUDITOR)
    own = set(held.values_list("school", "channel"))
    return any(school is None for school, _channel in own) or own.issuperset(funds)


def schools_as_clerk(user: User, on: date) -> set[int]:
    """The keys of the schools whose clerk `user` is, who asks and answers for them."""
    held = RoleGrant.objects.in_force(on).filter(user=user, role=Role.SCHOOL_CLERK)
    return {key for key in held.values_list("school", flat=True) if key is not None}

"""The first administrator of a new site."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import facts_of, record_act
from accounts.enums import Role
from accounts.models import User
from accounts.origin import Actor
from config.lib.periods import local_date, period
from schools.errors import SchoolsError
from schools.models import RoleGrant


def appoint_first_administrator(
    *, username: str, display_name: str, password: str, by: Actor, at: datetime
) -> User:
    """Create a new site's first security administrator, who creates all other accounts.

    Raises SchoolsError if there is a security administrator already, and ValidationError for a
    sign-in name that is invalid or taken.
    """
    on = local_date(at)
    with transaction.atomic():
        if RoleGrant.objects.in_force(on).filter(role=Role.SECURITY_ADMINISTRATOR).exists():
            raise SchoolsError(_("A security administrator is in office already."))
        user = User(username=username, display_name=display_name)
        user.set_password(password)
        user.full_clean()
        user.save()
        grant = RoleGrant.objects.create(
            user=user, role=Role.SECURITY_ADMINISTRATOR, period=period(on)
        )
        record_act(
            act="appoint_first_administrator", obj=grant, by=by, at=at, after=facts_of(grant)
        )
    return user

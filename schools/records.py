"""Granting and ending roles: the rules that hold whoever asks."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import ADMINISTRATOR_ROLES
from accounts.origin import Actor
from accounts.records import RecordError, delete_record, save_record
from schools.models import RoleGrant


def save_role_grant(*, obj: RoleGrant, by: Actor, **how: Any) -> bool:
    """Grant a role, or change its period. Raises RecordError.

    Nobody does so for himself, and system, security and audit administrator are three people.
    """
    _refuse_own(obj, by)
    with transaction.atomic():
        # Two grants to one person at the same moment come one after the other.
        type(obj.user).objects.select_for_update().get(pk=obj.user_id)
        if obj.role in ADMINISTRATOR_ROLES:
            others = ADMINISTRATOR_ROLES - {obj.role}
            clash = RoleGrant.objects.filter(
                user=obj.user, role__in=others, period__overlap=obj.period
            ).exclude(pk=obj.pk)
            if clash.exists():
                raise RecordError(
                    _("System, security and audit administrator are three different people."),
                    field="role",
                )
        return save_record(obj=obj, by=by, **how)


def delete_role_grant(*, obj: RoleGrant, by: Actor, **how: Any) -> None:
    """Delete a grant that was a slip. Raises RecordError, also for a grant of one's own."""
    _refuse_own(obj, by)
    delete_record(obj=obj, by=by, **how)


def _refuse_own(grant: RoleGrant, by: Actor) -> None:
    if by.user is not None and grant.user_id == by.user.pk:
        raise RecordError(
            _("Nobody grants or changes a role of his own: another administrator does."),
            field="user",
        )

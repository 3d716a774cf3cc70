"""Granting and ending roles, with the rules that apply to every user."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.actions import end_sessions
from accounts.activation import end_codes
from accounts.audit import ending_subjects, record_acts
from accounts.enums import ADMINISTRATOR_ROLES, DEPARTMENT_ROLES, MONEY_ROLES
from accounts.interests import own_accounts
from accounts.origin import Actor
from accounts.records import RecordError, delete_record, save_record
from config.lib.dated_rows import end_at
from config.lib.periods import first_day
from schools.models import RoleGrant
from schools.permissions import is_being_founded


class SecondNeededError(RecordError):
    """Another administrator has to confirm this; until then nothing holds."""

    def __init__(self) -> None:
        super().__init__(_("Another administrator confirms this; until then nothing holds."))


# Roles that one administrator alone does not give.
ROLES_OF_TWO = ADMINISTRATOR_ROLES | DEPARTMENT_ROLES | MONEY_ROLES


def save_role_grant(
    *, obj: RoleGrant, by: Actor, is_confirmed: bool = False, **kwargs: Any
) -> bool:
    """Grant a role, or change its period. Raises RecordError.

    Nobody may do this for themselves. System, security and audit administrator are three people,
    and so are custodian, approver, payer and auditor. The person's open code ends, because a clerk
    may have printed it. A changed period ends the open sessions. Raises SecondNeededError for one
    of `ROLES_OF_TWO`, unless `is_confirmed` by a second administrator; such a role of the
    department or of money may be shortened alone.
    """
    _refuse_own(obj, by)
    with transaction.atomic():
        # Concurrent grants to the same person run one after the other.
        type(obj.user).objects.select_for_update().get(pk=obj.user_id)
        refusal = find_held_apart(obj)
        if refusal:
            raise RecordError(refusal, field="role")
        if not is_confirmed and gives_power(obj) and needs_second(by):
            raise SecondNeededError
        is_new = obj._state.adding
        changed = save_record(obj=obj, by=by, **kwargs)
        if changed:
            end_codes(obj.user_id)
        if changed and not is_new:
            end_sessions(obj.user_id)
        return changed


def end_grants(grants: Collection[RoleGrant], on: date, *, by: Actor, at: datetime) -> None:
    """End grants before the day `on`, and the open sessions of their holders."""
    record_acts(act="end_role", subjects=ending_subjects(grants, on), by=by, at=at)
    end_at(grants, on)
    end_sessions(*{grant.user_id for grant in grants})


def delete_role_grant(
    *, obj: RoleGrant, by: Actor, is_confirmed: bool = False, **kwargs: Any
) -> None:
    """Delete a grant made by mistake, and end the person's open sessions.

    Raises RecordError, also for the user's own grant, and SecondNeededError for that of another
    administrator, who would be the second one.
    """
    _refuse_own(obj, by)
    if not is_confirmed and obj.role in ADMINISTRATOR_ROLES and needs_second(by):
        raise SecondNeededError
    with transaction.atomic():
        # Waits for a slip that is being issued because of this role.
        type(obj.user).objects.select_for_update().get(pk=obj.user_id)
        delete_record(obj=obj, by=by, **kwargs)
        end_sessions(obj.user_id)


def gives_power(grant: RoleGrant) -> bool:
    """Whether to store the grant is for two: not for a shorter role of department or money."""
    stored = RoleGrant.objects.filter(pk=grant.pk).first()
    if grant.role not in ROLES_OF_TWO:
        return False
    if stored is None or grant.role in ADMINISTRATOR_ROLES:
        return True
    return not _lies_in(grant.period, stored.period)


def needs_second(by: Actor) -> bool:
    """Whether another administrator has to confirm an act that gives power.

    Not while the district is founded, before its first member is registered, nor as long as nobody
    else holds the role of an administrator.
    """
    if is_being_founded():
        return False
    others = RoleGrant.objects.filter(role__in=ADMINISTRATOR_ROLES)
    return others.exclude(user__in=own_accounts(by.user)).exists()


def _lies_in(inner: DateRange, outer: DateRange) -> bool:
    begins = first_day(inner) >= first_day(outer)
    return begins and (
        outer.upper is None or (inner.upper is not None and inner.upper <= outer.upper)
    )


def find_held_apart(grant: RoleGrant) -> str:
    """Why the person's other roles in the period exclude this role; empty if they do not.

    All accounts of the person are asked.
    """
    accounts = own_accounts(grant.user)
    for apart, message in (
        (
            ADMINISTRATOR_ROLES,
            _("System, security and audit administrator are three different people."),
        ),
        (MONEY_ROLES, _("Custodian, approver, payer and auditor are different people.")),
    ):
        others = RoleGrant.objects.filter(
            user__in=accounts,
            role__in=apart - {grant.role},
            period__overlap=grant.period,
        )
        if grant.role in apart and others.exclude(pk=grant.pk).exists():
            return message
    return ""


def _refuse_own(grant: RoleGrant, by: Actor) -> None:
    if grant.user_id in own_accounts(by.user):
        raise RecordError(
            _("Nobody grants or changes a role of their own: another administrator does."),
            field="user",
        )

"""Accounts that wait for the security administrator, and the tasks about them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import Role
from accounts.models import ActivationCode, User
from accounts.pending_accounts import PendingAccounts
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.dated_rows import from_day_on
from config.lib.periods import local_date
from schools.models import RoleGrant
from trainees.queries.slips import list_staff_accounts

# An unused slip is due for a reminder this long before it ends.
SLIP_ENDS_WITHIN = timedelta(days=7)


def security_tasks(user: User, now: datetime) -> list[Task]:
    """Accounts and slips that the security administrator manages."""
    if not holds_any(user, Role.SECURITY_ADMINISTRATOR):
        return []
    accounts = reverse("admin:accounts_user_changelist")
    n = without_role(user, now).count()
    tasks = []
    if n:
        label = ngettext(
            "Grant a role to %(n)d account without one",
            "Grant roles to %(n)d accounts without one",
            n,
        )
        detail = _("Or disable the account, if the person needs it no longer.")
        tasks.append(Task(label % {"n": n}, f"{accounts}?account_due={WITHOUT_ROLE.name}", detail))
    n = without_slip(user, now).count()
    if n:
        label = ngettext(
            "Issue a slip for %(n)d account that nobody has used yet",
            "Issue slips for %(n)d accounts that nobody has used yet",
            n,
        )
        detail = _("With the code of a slip its owner gets in.")
        tasks.append(Task(label % {"n": n}, f"{accounts}?account_due={WITHOUT_SLIP.name}", detail))
    n = with_slip_ending(user, now).count()
    if n:
        label = ngettext(
            "Remind %(n)d person of a slip that ends soon",
            "Remind %(n)d persons of slips that end soon",
            n,
        )
        detail = _("Nobody has used them, and they end within a week.")
        tasks.append(Task(label % {"n": n}, f"{accounts}?account_due={SLIP_ENDING.name}", detail))
    return [
        *tasks,
        _look_up(_("Accounts"), "admin:accounts_user_changelist"),
        _look_up(_("Roles"), "admin:schools_rolegrant_changelist"),
        _look_up(_("Slips and their codes"), "admin:accounts_activationcode_changelist"),
        _look_up(_("Who has read the privacy notice"), "admin:accounts_noticereading_changelist"),
    ]


def _look_up(label: str, page: str) -> Task:
    return Task(label, reverse(page), is_lookup=True)


def without_role(user: User, now: datetime) -> QuerySet[User]:
    """Staff accounts without any role now or later, a lecturer's included."""
    return _accounts(user, now).filter(~_holds_role(now), instructor__isnull=True)


def without_slip(user: User, now: datetime) -> QuerySet[User]:
    """Staff accounts with a role that nobody has used yet and that have no open slip."""
    return (
        _unused(user, now)
        .exclude(pk__in=without_role(user, now).values("pk"))
        .exclude(Exists(ActivationCode.objects.open_at(now).filter(user=OuterRef("pk"))))
    )


def with_slip_ending(user: User, now: datetime) -> QuerySet[User]:
    """Staff accounts that nobody has used yet, with a slip that ends soon."""
    codes = ActivationCode.objects.open_at(now).filter(expires_at__lte=now + SLIP_ENDS_WITHIN)
    return _unused(user, now).filter(Exists(codes.filter(user=OuterRef("pk"))))


def _accounts(user: User, now: datetime) -> QuerySet[User]:
    return list_staff_accounts(user, local_date(now)).filter(is_active=True)


def _unused(user: User, now: datetime) -> QuerySet[User]:
    return _accounts(user, now).filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def _holds_role(now: datetime) -> Exists:
    grants = RoleGrant.objects.filter(from_day_on(local_date(now)), user=OuterRef("pk"))
    return Exists(grants)


WITHOUT_ROLE = PendingAccounts("no_role", gettext_lazy("grant a role"), without_role)
WITHOUT_SLIP = PendingAccounts("no_slip", gettext_lazy("issue a slip"), without_slip)
SLIP_ENDING = PendingAccounts(
    "slip_ends", gettext_lazy("slip ends within a week"), with_slip_ending
)
PENDING_ACCOUNTS = (WITHOUT_ROLE, WITHOUT_SLIP, SLIP_ENDING)

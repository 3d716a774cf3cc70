"""Findings of the nightly ledger check, for the system administrator."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from hours.models import LedgerCheck


def ledger_tasks(user: User, _now: datetime) -> list[Task]:
    """The findings of the last check, if there are any."""
    if not holds_any(user, Role.SYSTEM_ADMINISTRATOR):
        return []
    check = LedgerCheck.objects.first()
    if check is None or not check.findings:
        return []
    label = ngettext(
        "Look at %(n)d finding in the ledger",
        "Look at %(n)d findings in the ledger",
        check.findings,
    )
    address = reverse("admin:hours_ledgercheck_change", args=[check.pk])
    return [Task(label % {"n": check.findings}, address, late=True)]

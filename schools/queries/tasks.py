"""Look-ups of the audit administrator on the home page."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task
from config.lib.periods import local_date
from schools.models import RoleGrant


def audit_lookups(user: User, now: datetime) -> list[Task]:
    """The audit trail, and parts of it that are often asked for."""
    if not holds_any(user, Role.AUDIT_ADMINISTRATOR):
        return []
    return [
        _look_up(_("Audit trail")),
        _look_up(_("Today's entries"), **{"from": local_date(now).isoformat()}),
        _look_up(_("Roles granted and changed"), kind=RoleGrant._meta.label_lower),
        _look_up(_("Slips issued"), act="issue_slip"),
        _look_up(_("Lists exported"), act="export_list"),
    ]


def _look_up(label: str, **query: str) -> Task:
    address = reverse("accounts:trail")
    return Task(label, f"{address}?{urlencode(query)}" if query else address, is_lookup=True)

"""Reads of the network for the home page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task


def list_lookups(user: User, now: datetime) -> list[Task]:  # noqa: ARG001 - a task source
    """The trail and the administration, for those who may enter. Nothing is due at a time."""
    tasks = []
    if holds_any(user, Role.AUDIT_ADMINISTRATOR):
        tasks.append(Task(_("Audit trail"), reverse("accounts:trail"), is_lookup=True))
    if holds_any(user, *DISTRICT_ROLES, *ADMINISTRATOR_ROLES):
        tasks.append(Task(_("Administration"), reverse("admin:index"), is_lookup=True))
    return tasks

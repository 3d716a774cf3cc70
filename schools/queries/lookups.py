"""Reads of the network for the home page."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES
from accounts.models import User
from accounts.roles import holds_any
from backstage.tasklist import Task


def list_lookups(user: User, now: datetime) -> list[Task]:  # noqa: ARG001 - a task source
    """The administration, for those who may enter it. Nothing of it is due at a time."""
    if not holds_any(user, *DISTRICT_ROLES, *ADMINISTRATOR_ROLES):
        return []
    return [Task(_("Administration"), reverse("admin:index"), is_lookup=True)]

"""What is due about accounts: lists that the administration narrows to and the home page counts.

An app above tells them, since it knows who is of staff.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.models import User


@dataclass(frozen=True)
class PendingAccounts:
    """Accounts that wait for the same thing; `rows` gives those in sight of a person."""

    name: str
    label: str | Promise
    rows: Callable[[User, datetime], QuerySet[User]]


_dues: dict[str, PendingAccounts] = {}


def register_pending_accounts(due: PendingAccounts) -> None:
    """Make such a list known; called once per list, at start-up."""
    _dues[due.name] = due


def all_pending_accounts() -> list[PendingAccounts]:
    """The lists, in the order in which they were told."""
    return list(_dues.values())

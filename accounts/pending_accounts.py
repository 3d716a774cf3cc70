"""Lists of accounts with something due; the admin filters by them, the home page counts them.

A higher app registers them, because it knows who is staff.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.models import User


@dataclass(frozen=True)
class PendingAccounts:
    """Accounts that wait for the same thing; `rows` returns those visible to a user."""

    name: str
    label: str | Promise
    rows: Callable[[User, datetime], QuerySet[User]]


_dues: dict[str, PendingAccounts] = {}


def register_pending_accounts(due: PendingAccounts) -> None:
    """Register a list; called once per list, at start-up."""
    _dues[due.name] = due


def all_pending_accounts() -> list[PendingAccounts]:
    """The lists in the order of registration."""
    return list(_dues.values())

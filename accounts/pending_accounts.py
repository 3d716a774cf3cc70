"""Lists of accounts that wait for a step; the admin filters by them, the home page counts them.

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


_registry: dict[str, PendingAccounts] = {}


def register_pending_accounts(pending: PendingAccounts) -> None:
    """Register a list; called once per list, at start-up."""
    _registry[pending.name] = pending


def all_pending_accounts() -> list[PendingAccounts]:
    """The lists in the order of registration."""
    return list(_registry.values())

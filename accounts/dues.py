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
class AccountsDue:
    """Accounts that wait for the same thing; `rows` gives those in sight of a person."""

    name: str
    label: str | Promise
    rows: Callable[[User, datetime], QuerySet[User]]


_dues: dict[str, AccountsDue] = {}


def register_due(due: AccountsDue) -> None:
    """Make such a list known; called once per list, at start-up."""
    _dues[due.name] = due


def all_dues() -> list[AccountsDue]:
    """The lists, in the order in which they were told."""
    return list(_dues.values())

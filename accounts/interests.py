"""Nobody acts on what serves themselves, under any of their accounts or rows.

Each act that gives hours, relief or power asks here first; `tests/conflicts` holds the table of
acts. Which rows and accounts are one person's is known above: that app registers how to find them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.lib.errors import PortalError

if TYPE_CHECKING:
    from accounts.models import User
    from accounts.origin import Actor

type Finder = Callable[[User], Collection[int]]

_rows: list[Finder] = []
_accounts: list[Finder] = []


def register_person(*, rows: Finder, accounts: Finder) -> None:
    """Set how the member rows and the accounts of a person are found; called once, at start-up."""
    _rows[:], _accounts[:] = [rows], [accounts]


def own_rows(user: User | None) -> frozenset[int]:
    """The keys of all member rows of the person with this account; none for the system."""
    return frozenset(_rows[0](user)) if user is not None else frozenset()


def own_accounts(user: User | None) -> frozenset[int]:
    """The keys of all accounts of the person with this account, itself included."""
    return frozenset({user.pk, *_accounts[0](user)}) if user is not None else frozenset()


def refuse_own_rows(
    by: Actor, members: Iterable[int], error: Callable[[str], PortalError | Exception]
) -> None:
    """Raise `error` if one of `members` is a row of the person who acts."""
    if own_rows(by.user) & set(members):
        raise error(say_own())


def refuse_own_accounts(
    by: Actor, users: Iterable[int], error: Callable[[str], PortalError | Exception]
) -> None:
    """Raise `error` if one of the accounts `users` is one of the person who acts."""
    if own_accounts(by.user) & set(users):
        raise error(say_own())


def say_own() -> str:
    """Why somebody may not act here."""
    return _(
        "This concerns yourself: nobody acts on what gives themselves hours, relief or power. "
        "Somebody else does it."
    )

"""The roles a person holds now. Higher apps store the grants and register their reader."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.enums import Role


@dataclass(frozen=True)
class Grant:
    """A granted role: name with scope, period, and the page where it is changed."""

    name: str
    period: DateRange
    url: str

    def is_over(self, on: date) -> bool:
        """Whether it is in force neither on the day `on` nor later."""
        return self.period.upper is not None and self.period.upper <= on


type GrantSource = Callable[[Any], list[Grant]]

_grants: list[GrantSource] = []
_source: list[Callable[[Any], frozenset[str]]] = []


def register_role_source(source: Callable[[Any], frozenset[str]]) -> None:
    """Set the function that reads a user's roles in force; called once, at start-up."""
    _source[:] = [source]


def register_grant_source(source: GrantSource) -> None:
    """Set the function that lists a user's granted roles; called once, at start-up."""
    _grants[:] = [source]


def list_grants(user: Any) -> list[Grant]:
    """The roles granted to `user`, in force or not."""
    return _grants[0](user)


def held_roles(user: Any) -> frozenset[str]:
    """The roles of `user` in force today, read once per request; none for anonymous users."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_held_roles"):
        user._held_roles = _source[0](user)
    return user._held_roles


def remember_roles(user: Any, roles: Iterable[str]) -> None:
    """Cache roles that another query of the page has already loaded."""
    user._held_roles = frozenset(roles)


def acting_roles(user: Any) -> list[str]:
    """The roles in which `user` acts for others, as stored in the audit trail."""
    return sorted(held_roles(user) - {Role.MEMBER})


def format_roles(roles: Iterable[str]) -> str:
    """The names of the roles from `acting_roles`, in the reader's language."""
    return _(", ").join(str(role.label) for role in Role if role in set(roles))


def holds_any(user: Any, *roles: Role) -> bool:
    """Whether `user` holds one of `roles` today."""
    return not held_roles(user).isdisjoint(roles)

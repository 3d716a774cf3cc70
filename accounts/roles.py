"""Which roles a person holds now. The rows live in higher apps, which register their reader."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.enums import Role


@dataclass(frozen=True)
class Grant:
    """A granted role with its scope in words, its period, and where it is changed."""

    name: str
    period: DateRange
    url: str

    def is_over(self, on: date) -> bool:
        """Whether it holds neither on the day `on` nor later."""
        return self.period.upper is not None and self.period.upper <= on


type GrantSource = Callable[[Any], list[Grant]]

_grants: list[GrantSource] = []
_source: list[Callable[[Any], frozenset[str]]] = []


def register_role_source(source: Callable[[Any], frozenset[str]]) -> None:
    """Name the function that reads a user's roles in force; called once, at start-up."""
    _source[:] = [source]


def register_grant_source(source: GrantSource) -> None:
    """Name the function that lists a user's granted roles; called once, at start-up."""
    _grants[:] = [source]


def list_grants(user: Any) -> list[Grant]:
    """The roles granted to `user`, whenever they hold."""
    return _grants[0](user)


def held_roles(user: Any) -> frozenset[str]:
    """The roles of `user` in force today, read once per request; none for a stranger."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_held_roles"):
        user._held_roles = _source[0](user)
    return user._held_roles


def remember_roles(user: Any, roles: Iterable[str]) -> None:
    """Keep roles that a page's own statement brought along, which saves one."""
    user._held_roles = frozenset(roles)


def roles_told(user: Any) -> list[str]:
    """The roles in which `user` acts for others, as the trail keeps them."""
    return sorted(held_roles(user) - {Role.MEMBER})


def format_roles(roles: Iterable[str]) -> str:
    """The names of roles as `roles_told` gave them, in the reader's language."""
    return _(", ").join(str(role.label) for role in Role if role in set(roles))


def holds_any(user: Any, *roles: Role) -> bool:
    """Whether `user` holds one of `roles` today."""
    return not held_roles(user).isdisjoint(roles)

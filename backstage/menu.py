"""The main menu: each app brings its links, with the roles that see them and a rank."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.enums import Role


@dataclass(frozen=True)
class MenuLink:
    """A link of the main menu. `page` names its address; without `roles` everybody sees it.

    Links stand in the order of their `rank`, whichever app brings them.
    """

    label: str | Promise
    page: str
    rank: int
    roles: frozenset[Role] | None = None


_links: list[MenuLink] = []


def register_link(link: MenuLink) -> None:
    """Add a link to the menu; called once per link, at start-up."""
    if link not in _links:
        _links.append(link)
        _links.sort(key=lambda one: one.rank)


def links_for(roles: Iterable[Role]) -> list[MenuLink]:
    """The links of whoever holds these roles, in order."""
    held = frozenset(roles)
    return [link for link in _links if link.roles is None or link.roles & held]

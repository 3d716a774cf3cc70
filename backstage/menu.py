"""The main menu: apps register links, with the roles that see them and a rank."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.enums import Role


@dataclass(frozen=True)
class MenuLink:
    """A link of the main menu. `page` is the name of its URL; without `roles` everyone sees it.

    Links are sorted by `rank`, whichever app registers them.
    """

    label: str | Promise
    page: str
    rank: int
    roles: frozenset[Role] | None = None


_links: list[MenuLink] = []
# The page of the link under which the pages of an app stand.
_above: dict[str, str] = {}


def register_link(link: MenuLink) -> None:
    """Add a link to the menu; called once per link, at start-up."""
    if link not in _links:
        _links.append(link)
        _links.sort(key=lambda link: link.rank)


def stand_below(page: str, *, app: str) -> None:
    """Say that the pages of an app without links of its own stand below the link to `page`."""
    _above[app] = page


def page_above(app: str) -> str:
    """The page of the link that pages of an app stand below; empty for none."""
    return _above.get(app, "")


def links_for(roles: Iterable[Role]) -> list[MenuLink]:
    """The links for these roles, in order."""
    held = frozenset(roles)
    return [link for link in _links if link.roles is None or link.roles & held]

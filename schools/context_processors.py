"""The navigation shown on every page."""

from functools import cache, lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, Role
from accounts.requests import PersonRequest
from accounts.roles import held_roles
from backstage.menu import links_for, page_above
from config.lib.periods import today
from schools.models import District, School


class Link(NamedTuple):
    """A link of the main menu.

    `current` is "page" if the page is the link's target, "true" if it stands below it.
    """

    label: str
    url: str
    current: str


def navigation(request: PersonRequest) -> dict[str, object]:
    """Links for the user's roles, and the role names; loaded only if a template uses them."""
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {"navigation": (), "role_names": "", "place": ""}
    return {
        "place": SimpleLazyObject(lambda: place_of(request)),
        "navigation": cache(lambda: _links(request)),  # the template calls it if needed
        "role_names": SimpleLazyObject(lambda: _labels(request)),
    }


def place_of(request: PersonRequest) -> str:
    """Where the user works: the only school that a school role shows, else the district."""
    roles = held_roles(request.user)
    if not roles & {*SCHOOL_ROLES, *DISTRICT_ROLES}:
        return ""
    on = today()
    schools = School.objects.visible_to(request.user, on).in_force(on)
    names = schools.values_list("name", flat=True)[:2]
    if len(names) == 1:
        return str(names[0])
    return str(District.objects.values_list("name", flat=True).first() or "")


def _labels(request: PersonRequest) -> str:
    return _format_labels(held_roles(request.user), get_language())


@lru_cache(maxsize=512)
def _format_labels(roles: frozenset[Role], _language: str) -> str:
    return _(", ").join(str(role.label) for role in Role if role in roles)


def _links(request: PersonRequest) -> tuple[Link, ...]:
    links = _links_of(held_roles(request.user), get_language())
    current = {_address_above(request): "true", request.path: "page"}
    return tuple(Link(label, url, current.get(url, "")) for label, url in links)


def _address_above(request: PersonRequest) -> str:
    """The address of the link that the page stands below; empty for none."""
    match = request.resolver_match
    page = page_above(match.namespace) if match else ""
    return reverse(page) if page else ""


@lru_cache(maxsize=512)
def _links_of(roles: frozenset[Role], _language: str) -> list[tuple[str, str]]:
    return [(str(link.label), reverse(link.page)) for link in links_for(roles)]

"""Pages of higher apps: a lower app links to a page by a key, and the higher app registers it.

So no app knows the addresses of an app above it.
"""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

_names: dict[str, str] = {}


def register_pages(names: Mapping[str, str]) -> None:
    """Register pages: the keys that lower apps use, with their URL names (`app:name`).

    Called once per app, at start-up. Raises ImproperlyConfigured if a key is taken.
    """
    taken = _names.keys() & names.keys()
    if taken:
        raise ImproperlyConfigured(f"Two apps have pages called {', '.join(sorted(taken))}.")
    _names.update(names)


def address_of(page: str, *args: object) -> str:
    """The address of the page registered under the key. Raises KeyError if no app registered it."""
    return reverse(_names[page], args=args)


def all_pages() -> dict[str, str]:
    """The registered URL names, by key."""
    return dict(_names)

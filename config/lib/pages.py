"""Pages of the apps above: a page below says what it leads to, the app that has it tells where.

So no app knows the addresses of one above it.
"""

from collections.abc import Mapping

from django.urls import reverse

_names: dict[str, str] = {}


def register_pages(names: Mapping[str, str]) -> None:
    """Tell how the addresses (`app:name`) of pages are called, by what lower apps call them.

    Called once per app, at start-up.
    """
    _names.update(names)


def address_of(page: str, *args: object) -> str:
    """The address of the page that lower apps call so. Raises KeyError where no app has it."""
    return reverse(_names[page], args=args)


def all_pages() -> dict[str, str]:
    """The names of addresses, by what lower apps call them."""
    return dict(_names)

"""Which HTTP methods an address accepts, and the nearest page above a POST-only address."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods, require_POST

type View = Callable[..., HttpResponse]

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def write_only[V: View](view: V) -> V:
    """Accept only POST. A user who opens the address gets a link to `nearest_page`."""
    limited: Any = require_POST(view)
    limited.is_write_only = True
    return limited


def nearest_page(target: str) -> str:
    """The address on this site if it can be opened, else the nearest one above it that can.

    The caller has checked that `target` is on this site; its host, if any, is dropped. After a
    sign-in or a change of language, the user may be at an address that only accepts a form.
    """
    parts = urlsplit(target)
    address = parts.path
    if _is_page(address):
        return urlunsplit(("", "", address, parts.query, parts.fragment))
    while not _is_page(address):
        address = address.rstrip("/").rpartition("/")[0] + "/"
    return address


def _is_page(address: str) -> bool:
    if address == "/":
        return True
    try:
        view = resolve(address).func
    except Resolver404:
        return False
    return not getattr(view, "is_write_only", False)

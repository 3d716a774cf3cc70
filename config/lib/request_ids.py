"""The id of a request: in its log lines, its answer, its error page and the tasks it enqueues."""

import os
import re
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

# Without 0, 1, i and l, because people read an id out over the telephone.
_LETTERS = "23456789abcdefghjkmnopqrstuvwxyz"
_LENGTH = 10
# What a proxy may call a request. Anything else would let a client write into the log.
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")

# It is set by every request and every task, and never reset: Django logs a refusal only after the
# last middleware has returned, and the next request of the thread overwrites it.
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request that this thread answers, or whose task it runs; else empty."""
    return _current.get()


def set_request_id(request_id: str) -> None:
    """Make `request_id` the current one of this thread."""
    _current.set(request_id)


def id_of_request(request: HttpRequest) -> str:
    """The `X-Request-ID` of a proxy in `TRUSTED_PROXIES`, else a new id."""
    if request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        if _GIVEN.fullmatch(given):
            return given
    return new_request_id()


def new_request_id() -> str:
    """Ten characters, 50 random bits."""
    return "".join(_LETTERS[byte & 31] for byte in os.urandom(_LENGTH))

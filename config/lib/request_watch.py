"""The outermost middleware: names each request, measures it and logs it without personal data."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject

from config.lib.pictures import begin_budget
from config.lib.request_ids import id_of_request, set_request_id
from config.lib.request_metrics import count_request

type Handler = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger("xuetang.access")

HEADER = "X-Request-ID"
_LINE = "%s %s %d in %.1f ms, account %s"


class RequestWatchMiddleware:
    """Gives a request its id, counts it and writes its line of the access log.

    One middleware does all three, because each layer costs every page. The line has the name of the
    route and not the path, whose numbers stand for people. The time ends where a streamed response
    begins to flow.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        request_id = id_of_request(request)
        set_request_id(request_id)
        begin_budget()
        response = self.get_response(request)
        response.headers[HEADER] = request_id
        seconds = time.perf_counter() - begun
        route = route_of(request)
        count_request(request.method or "", route, response.status_code, seconds)
        if logger.isEnabledFor(logging.INFO):
            _log(request, route, response.status_code, seconds)
        return response


def route_of(request: HttpRequest) -> str:
    """The name of the address, such as `trainees:member`; `static`, or `none` if no view has it.

    A request that a middleware answers was not resolved yet.
    """
    if request.resolver_match is not None:
        return request.resolver_match.view_name
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return "none"


def _log(request: HttpRequest, route: str, status: int, seconds: float) -> None:
    facts = {
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "account": account_of(request),
    }
    logger.handle(_AccessRecord(facts))


class _AccessRecord(logging.LogRecord):
    """A record with what formatters read, and the facts of the request.

    The usual one also looks up thread, process and task, which takes a third of the line's time.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        created = time.time()
        arguments = (*list(facts.values())[:-1], facts["account"] or "none")
        self.__dict__.update(
            _CONSTANT, created=created, msecs=created % 1 * 1000, args=arguments, **facts
        )


_CONSTANT: dict[str, Any] = {
    **vars(logging.makeLogRecord({})),
    "name": logger.name,
    "levelno": logging.INFO,
    "levelname": "INFO",
    "msg": _LINE,
    "pathname": __file__,
    "filename": "request_watch.py",
    "module": "request_watch",
    "funcName": "_log",
}


def account_of(request: HttpRequest) -> int | None:
    """The number of the account, if the request loaded it: the log must cost no query."""
    user = vars(request).get("user")
    if isinstance(user, SimpleLazyObject):
        user = vars(user)["_wrapped"]
    # A stranger, an unread account and a request without one have no such value.
    return getattr(user, "__dict__", {}).get("id")

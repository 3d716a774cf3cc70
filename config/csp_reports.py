"""Reports of browsers about the content security policy: counted, and logged without people."""

import json
import logging
import time
from collections.abc import Iterator
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt

from config.lib.methods import write_only
from config.lib.request_metrics import count_csp_report

MOST_BYTES = 8 * 1024
# A page that is broken for everybody would fill the log; all are counted, so many are logged.
LINES_PER_MINUTE = 20
_LOGGED_SCHEMES = frozenset({"http", "https", "ws", "wss"})

logger = logging.getLogger("xuetang.csp")


@csrf_exempt
@login_not_required
@write_only
def collect(request: HttpRequest) -> HttpResponse:
    """Take reports in either form of the standard. A browser is told nothing of what came of it."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return HttpResponse(status=413)
    for report in _read(request.body):
        _note(report)
    return HttpResponse(status=204)


def _read(body: bytes) -> Iterator[dict[str, Any]]:
    """The reports in a body: `csp-report` of report-uri, or a list of those of report-to."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return
    for entry in sent[:5] if isinstance(sent, list) else [sent]:
        inner = entry.get("csp-report", entry.get("body")) if isinstance(entry, dict) else None
        if isinstance(inner, dict):
            yield inner


def _note(report: dict[str, Any]) -> None:
    directive = _text(report, "effective-directive", "effectiveDirective", "violated-directive")
    known = count_csp_report(directive.split(" ")[0])
    if _gate.lets_through(time.monotonic()):
        page = _route_of(_text(report, "document-uri", "documentURL"))
        blocked = _source_of(_text(report, "blocked-uri", "blockedURL"))
        logger.warning("The policy refused %s of %s on %s.", known, blocked, page)


def _text(report: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := report.get(name), str)), "")


def _route_of(address: str) -> str:
    """The name of the page's route: its path and query may stand for people."""
    try:
        return resolve(urlsplit(address).path).view_name
    except (Resolver404, ValueError):
        return "none"


def _source_of(blocked: str) -> str:
    """Where the refused thing came from: scheme and host, or a word such as `inline`."""
    try:
        parts = urlsplit(blocked)
        host = parts.hostname or ""
    except ValueError:
        return "other"
    if parts.scheme in _LOGGED_SCHEMES and host.isascii() and len(host) <= 100:
        return f"{parts.scheme}://{host}"
    return blocked if blocked in {"inline", "eval", "data", "blob"} else "other"


class _Gate:
    """Lets a number of lines through in each minute of a process."""

    def __init__(self) -> None:
        self._lock, self._minute, self._count = Lock(), -1, 0

    def lets_through(self, now: float) -> bool:
        with self._lock:
            minute = int(now // 60)
            if minute != self._minute:
                self._minute, self._count = minute, 0
            self._count += 1
            return self._count <= LINES_PER_MINUTE


_gate = _Gate()

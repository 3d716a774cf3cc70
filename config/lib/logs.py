"""What the log records of a request, and how its lines look."""

import logging
import re
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

from config.lib.request_ids import current_request_id
from config.lib.request_watch import account_of, route_of

# What a JSON line has of a line's `extra`. That of libraries stays out, such as Django's request,
# whose address may name a person.
_EXTRA = ("method", "route", "status", "ms", "account")
_NAMES = {"levelname": "level", "name": "logger"}


class RequestIdFilter(logging.Filter):
    """Adds the current request's id to each line, or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class Lines(logging.Formatter):
    """Each line for people, in local time (LOG_FORMAT=line).

    The text of a second is made once, since that takes half the time of a line.
    """

    _second: tuple[int, str] = (0, "")

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        second, text = self._second  # one tuple, so that threads never mix two seconds
        if second != int(record.created):
            text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
            self._second = int(record.created), text
        return f"{text},{int(record.msecs):03}"


class JsonLines(JsonFormatter):
    """Each line as a JSON object with its moment in UTC, for collectors (LOG_FORMAT=json)."""

    def __init__(self) -> None:
        fields = [*_NAMES, "request_id", "message"]
        super().__init__(fields, rename_fields=_NAMES, json_ensure_ascii=False)

    def add_fields(
        self,
        log_record: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        super().add_fields(log_record, record, message_dict)
        kept = {*_NAMES.values(), "request_id", "message", "exc_info", *_EXTRA}
        told = {name: value for name, value in log_record.items() if name in kept}
        log_record.clear()
        log_record["at"] = datetime.fromtimestamp(record.created, UTC).isoformat()
        log_record.update(told)


def make_like_the_portals(logger: logging.Logger) -> None:
    """Give the handlers that Celery made the format and the request ids of the portal's own."""
    formatter = JsonLines() if settings.LOG_FORMAT == "json" else Lines()
    for handler in logger.handlers:
        handler.addFilter(RequestIdFilter())
        handler.setFormatter(formatter)


_REFUSALS = {403: "Refused", 404: "Not found"}
# The address of a page that a message quotes, such as the one before, without its site.
_WITHIN_SITE = re.compile(r"(?<=://)([^/\s]+)/\S*")


class RoutesForAddresses(logging.Filter):
    """Log the route in place of the address, with method and account, whatever the status.

    Addresses hold numbers of members, names in filters, and tokens; the route does not. What is the
    sender's doing is one line without a trace: the code has no fault.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            self._rewrite(record, request)
        return True

    @staticmethod
    def _rewrite(record: logging.LogRecord, request: HttpRequest) -> None:
        route, status = route_of(request), getattr(record, "status_code", 0)
        asked = f"{request.method} {route}, account {account_of(request) or 'none'}"
        if record.name == "django.security.DisallowedHost":
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if status < 500:
            record.exc_info = record.exc_text = None
        if record.name == "django.request" and status in _REFUSALS:
            record.msg, record.args = "%s: %s", (_REFUSALS[status], asked)
            return
        address = request.path.encode("unicode_escape").decode("ascii")  # as Django writes it

        def plain(text: object) -> object:
            if not isinstance(text, str):
                return text
            if text == address:
                return asked
            for quoted in {address, request.path} - {"/"}:
                text = text.replace(quoted, route)
            return _WITHIN_SITE.sub(r"\1", text)

        record.msg = plain(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(plain, record.args))

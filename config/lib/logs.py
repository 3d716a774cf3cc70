"""What the log records of a request, and how its lines look."""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

from config.lib.request_ids import current_request_id
from config.lib.request_watch import route_of

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


class OneLineRefusals(logging.Filter):
    """Log a refused or missing page in one line with account and route: the code has no fault.

    Addresses hold numbers of members, names in filters, and tokens; the route does not.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        is_page = record.name == "django.request"  # a refused form already logs one line
        word = _REFUSALS.get(getattr(record, "status_code", 0))
        if is_page and word and request is not None:
            record.exc_info = record.exc_text = None
            who = getattr(getattr(request, "user", None), "pk", None)
            record.msg = "%s: %s %s, account %s"
            record.args = (word, request.method, route_of(request), who or "none")
        return True

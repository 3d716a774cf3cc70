"""What the log records of a request, and how its lines look."""

import logging
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

from config.lib.request_ids import current_request_id

# What a JSON line has of a line's `extra`. That of libraries stays out, such as Django's request,
# whose address may name a person.
_EXTRA = ("method", "route", "status", "ms", "account")
_NAMES = {"levelname": "level", "name": "logger"}


class RequestIdFilter(logging.Filter):
    """Adds the current request's id to each line, or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


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
    if settings.LOG_FORMAT == "json":
        formatter: logging.Formatter = JsonLines()
    else:
        formatter = logging.Formatter(settings.LOGGING["formatters"]["line"]["format"])
    for handler in logger.handlers:
        handler.addFilter(RequestIdFilter())
        handler.setFormatter(formatter)


class OneLineRefusals(logging.Filter):
    """Log a refused page (403) in one line with account and path: it is no fault of the code."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        is_page = record.name == "django.request"  # a refused form already logs one line
        if is_page and getattr(record, "status_code", None) == 403 and request is not None:
            record.exc_info = record.exc_text = None
            who = getattr(getattr(request, "user", None), "pk", None)
            record.msg = "Refused: %s %s, account %s"
            path = request.path.encode("unicode_escape").decode()  # no line breaks from clients
            record.args = (request.method, path, who or "none")
        return True

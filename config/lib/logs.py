"""What the log records of a request."""

import logging


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

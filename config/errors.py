"""The pages for faults that no view answers."""

import sys

from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string
from django.views.defaults import server_error as django_server_error

RETRY_SECONDS = "30"


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. Of a session that ended elsewhere while it was used, the page says what is known.

    What was sent then has been carried out as a rule, since a session is stored last.
    """
    context = {"session_ended": isinstance(exception, SessionInterrupted)}
    return HttpResponseBadRequest(render_to_string("400.html", context))


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After where the database was away.

    What was sent then was not saved, or was saved under its idempotency key: to send it again is
    safe. Django has logged the fault already.
    """
    fault = sys.exception()
    if isinstance(fault, OperationalError | InterfaceError):
        page = render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": RETRY_SECONDS})
    return django_server_error(request)

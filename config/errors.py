"""Pages for errors that no view handles."""

import sys
from http import HTTPStatus

from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string
from django.views.defaults import server_error as django_server_error

from config.lib.disks import is_full

RETRY_SECONDS = "30"


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. If the session ended elsewhere during the request, the page explains that.

    The request was usually carried out, because the session is saved last.
    """
    context = {"session_ended": isinstance(exception, SessionInterrupted)}
    return HttpResponseBadRequest(render_to_string("400.html", context))


def server_error(request: HttpRequest) -> HttpResponse:
    """500, 503 with Retry-After if the database was unavailable, or 507 if a disk is full.

    The request was not saved, or was saved under its idempotency key, so it is safe to send it
    again. Django has already logged the error.
    """
    fault = sys.exception()
    if isinstance(fault, OperationalError | InterfaceError):
        page = render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": RETRY_SECONDS})
    if isinstance(fault, OSError) and is_full(fault):
        page = render_to_string("507.html")
        return HttpResponse(page, status=HTTPStatus.INSUFFICIENT_STORAGE)
    return django_server_error(request)

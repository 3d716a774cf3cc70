"""Middleware for incoming requests."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.log import log_response

from backstage.uploads import find_page_back
from config.lib.methods import nearest_page
from config.lib.read_only import read_only

READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# They write no more than a session and the trail of who came in, as reading does.
WORK_WHILE_READ_ONLY = frozenset(
    {"set_language", "accounts:sign_in", "accounts:second_factor", "accounts:sign_out"}
)
_RETRY_SECONDS = 300

type Handler = Callable[[HttpRequest], HttpResponse]


class UploadLimitMiddleware:
    """Rejects requests that announce more than `UPLOAD_MAX_BYTES`, without reading them.

    It answers 413, or redirects to the page that the view names (`backstage.uploads`). It comes
    before the CSRF check, which would read the whole form.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.UPLOAD_MAX_BYTES:
            back = find_page_back(request)
            if back is not None:
                return redirect(back)
            context = {"megabytes": settings.UPLOAD_MAX_BYTES // 1024**2}
            return render(request, "413.html", context, status=413)
        return self.get_response(request)


class ReadOnlyMiddleware:
    """Answers what would write with 503 while the portal is read-only, and says until when.

    It comes before the session and the CSRF check, so that nothing is written at all. A device that
    keeps marks keeps them on, as with any 503.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mode = None if request.method in READS else read_only()
        if mode is None or _works_while_read_only(request.path_info):
            return self.get_response(request)
        page = render_to_string("503_read_only.html", {"read_only": mode})
        headers = {"Retry-After": str(mode.seconds_left or _RETRY_SECONDS)}
        response = HttpResponse(page, status=503, headers=headers)
        # Announced, so nobody is needed: Django would log it as an error.
        log_response(
            "%s: %s", "Read-only", request.path, response=response, request=request, level="info"
        )
        return response


def _works_while_read_only(path: str) -> bool:
    try:
        return resolve(path).view_name in WORK_WHILE_READ_ONLY
    except Resolver404:
        return False


class NoPageMiddleware:
    """Explains a 405 to users who open a POST-only address, with a link to its page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.method != "GET":
            return response
        page = render(request, "405.html", {"page": nearest_page(request.path)}, status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page

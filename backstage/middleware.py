"""Middleware for incoming requests."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backstage.uploads import find_page_back
from config.lib.methods import nearest_page

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

"""Middleware for accounts: moment, language, idle sign-out, and no caching of personal pages."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import (
    AuthenticationMiddleware,
    LoginRequiredMiddleware,
    get_user,
)
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.given_codes import is_code_missing
from accounts.sessions import find_account
from config.lib.periods import local_date

type Handler = Callable[[HttpRequest], HttpResponse]

# The session row is written at most this often, because most requests must write nothing.
SEEN_EVERY_SECONDS = 60
# Session key: when the person was last active, in seconds since 1970.
SEEN = "seen"


def mark_seen(session: SessionBase) -> None:
    """Record in the session that its person is active now."""
    session[SEEN] = int(time.time())


class MomentMiddleware:
    """Sets `now` and `today`, so that all of an answer speaks of one moment (`PortalRequest`)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        moment: Any = request
        moment.now = timezone.now()
        moment.today = local_date(moment.now)
        return self.get_response(request)


class ChosenLanguageMiddleware:
    """Chinese unless the user chose another language; the browser's header is ignored."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class AccountMiddleware(AuthenticationMiddleware):
    """Django's middleware, without the query if the session has already loaded the account."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user` to be loaded at first access."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: find_account(request.session) or get_user(request))  # type: ignore[assignment, arg-type]


class IdleSignOutMiddleware:
    """Signs people out after `IDLE_MINUTES` without a request."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = SESSION_KEY in request.session  # an ended session loses the key below
        was_ended = was_signed_in and not request.user.is_authenticated
        request.session_was_ended = was_ended  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(SEEN, now)
            if now - seen > settings.IDLE_MINUTES * 60:
                logout(request)
            elif now - seen >= SEEN_EVERY_SECONDS or SEEN not in request.session:
                mark_seen(request.session)
        return self.get_response(request)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends anonymous users to the sign-in page, with the reason and any loss of input."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.session_was_ended:  # type: ignore[attr-defined]
            text = _("Your rights or your password were changed: sign in again.")
            messages.warning(request, text)
        if request.method == "POST" and request.accepts("text/html"):
            text = _("You had been signed out, so what you sent was not saved. Enter it once more.")
            messages.warning(request, text)
        return super().handle_no_permission(request, view_func)


class SecondFactorMiddleware:
    """Keeps staff who have not given a code of their second factor away from all other pages."""

    # What a person without it reaches.
    OPEN = frozenset(
        {
            "accounts:second_factor",
            "accounts:enrol_second_factor",
            "accounts:recovery_codes",
            "accounts:sign_in",
            "accounts:sign_out",
            "accounts:privacy",
            "set_language",
            "healthz",
            "live",
            "ready",
            "metrics",
            "csp_report",
        }
    )

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Lead to the page that asks for a code, or for an app where there is none."""
        match = request.resolver_match
        if (match and match.view_name in self.OPEN) or not is_code_missing(request):
            return None
        if request.method == "POST" and request.accepts("text/html"):
            messages.warning(request, _("What you sent was not saved: give a code first."))
        query = {"next": request.get_full_path()} if request.method == "GET" else {}
        return HttpResponseRedirect(reverse("accounts:second_factor", query=query))


class NoStoreMiddleware:
    """Prevents caching of pages for signed-in users."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

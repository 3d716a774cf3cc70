"""Middleware about the person: language, idle sign-out, and no copies of personal pages."""

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
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.sessions import find_account

type Handler = Callable[[HttpRequest], HttpResponse]

# The session row is written at most this often, since most requests must write nothing.
SEEN_EVERY_SECONDS = 60
# Session key: when the person was last seen, in seconds since 1970.
SEEN = "seen"


def mark_seen(session: SessionBase) -> None:
    """Note in the session that its person is here now."""
    session[SEEN] = int(time.time())


class ChosenLanguageMiddleware:
    """Chinese unless the person chose otherwise; the browser's header has no say."""

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
    """Django's, spared the statement for an account that came along with its session."""

    def process_request(self, request: HttpRequest) -> None:
        """Let `request.user` be found when it is first asked for."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: find_account(request.session) or get_user(request))  # type: ignore[assignment, arg-type]


class IdleSignOutMiddleware:
    """Signs a person out after `IDLE_MINUTES` without a request."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = SESSION_KEY in request.session  # a session that was ended loses it below
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
    """Sends strangers to the sign-in page; they learn why, and that what they sent was lost."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.session_was_ended:  # type: ignore[attr-defined]
            text = _("Your rights or your password were changed: sign in again.")
            messages.warning(request, text)
        if request.method == "POST" and request.accepts("text/html"):
            text = _("You had been signed out, so what you sent was not saved. Enter it once more.")
            messages.warning(request, text)
        return super().handle_no_permission(request, view_func)


class NoStoreMiddleware:
    """Pages of a signed-in person are kept by no cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

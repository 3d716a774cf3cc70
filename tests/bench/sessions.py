"""Sessions as created by a sign-in, using only Django: for the portal and for the stock page."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.utils.crypto import get_random_string

from tests.bench.browser import Browser


def open_sessions(users: list[Any], facts: dict[str, Any] | None = None) -> list[str]:
    """Create a session with `facts` for each of the stored `users`; returns the session keys."""
    store_of = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = [_session(store_of(), user, facts or {}) for user in users]
    store_of.get_model_class().objects.bulk_create(sessions)
    return [session.session_key for session in sessions]


def _session(store: Any, user: AbstractBaseUser, facts: dict[str, Any]) -> Any:
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.update(facts)
    store._session_key = store._get_new_session_key()
    return store.create_model_instance(dict(store.items()))


def signed_in_request(port: int, session_key: str, path: str) -> bytes:
    """The request for the page at `path`, with the cookies of a browser in that session."""
    browser = Browser(port)
    browser.cookies[settings.SESSION_COOKIE_NAME] = session_key
    browser.cookies[settings.CSRF_COOKIE_NAME] = get_random_string(CSRF_SECRET_LENGTH)
    return browser.get_bytes(path)

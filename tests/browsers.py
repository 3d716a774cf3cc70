"""Test clients that are already signed in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from accounts.backends import BACKEND
from accounts.models import User
from accounts.sessions import SessionStore


def browser_of(user: User, language: str | None = "en") -> Client:
    """A client signed in as `user`. English needs no catalogue; None sets no language cookie.

    The session is written as a sign-in leaves it, in one row; `force_login` would also write an
    empty one before it and delete that, in nearly every test of a page.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    if language:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client

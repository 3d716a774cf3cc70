"""Test clients that are already signed in."""

from __future__ import annotations

from django.conf import settings
from django.test import Client

from accounts.backends import BACKEND
from accounts.models import User


def browser_of(user: User, language: str | None = "en") -> Client:
    """A client signed in as `user`. English needs no catalogue; None sets no language cookie."""
    client = Client()
    client.force_login(user, BACKEND)
    if language:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client

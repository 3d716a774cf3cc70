"""Browsers in which somebody is signed in, without the way there."""

from __future__ import annotations

from django.conf import settings
from django.test import Client

from accounts.backends import BACKEND
from accounts.models import User


def browser_of(user: User, language: str | None = "en") -> Client:
    """The person's browser; in English it needs no catalogue, with None it has no language yet."""
    client = Client()
    client.force_login(user, BACKEND)
    if language:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client

"""Browsers in which a person has signed in before: a signed cookie names their accounts.

It opens nothing. It only keeps the guesses of others from locking these people out.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from config.lib.encryption import keyed_hash

_SALT = "accounts.devices"
DAYS = 400  # browsers keep a cookie no longer
MOST_ACCOUNTS = 20


def find_device(request: HttpRequest, user: User | None) -> str:
    """The name of this browser if `user` has signed in with it before, else ""."""
    device, marks = _read(request)
    return device if user is not None and _mark(device, user) in marks else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Note in the browser that `user` has signed in with it."""
    device, marks = _read(request)
    device = device or secrets.token_hex(8)
    mark = _mark(device, user)
    marks = [mark, *(other for other in marks if other != mark)][:MOST_ACCOUNTS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([device, marks], salt=_SALT),
        max_age=DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """The browser's name and marks; empty if there is no cookie or it is not ours."""
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        device, marks = signing.loads(cookie, salt=_SALT, max_age=DAYS * 24 * 3600)
    except (signing.BadSignature, ValueError):
        return "", []
    return device, marks


def _mark(device: str, user: User) -> str:
    """What stands for an account in the cookie of a device: nobody reads there who it is."""
    return keyed_hash(f"{device}:{user.pk}", purpose="device")[:16]

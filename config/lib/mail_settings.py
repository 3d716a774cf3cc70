"""The mail server of a site, from one address in the environment to Django's setting."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_SECONDS = 10
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mailers_of(url: str) -> dict[str, dict[str, Any]]:
    """`MAILERS` for `smtp://`, `smtp+tls://` (STARTTLS), `smtps://` or `console:`; none for "".

    User and password stand in the address, percent-encoded. Raises ImproperlyConfigured.
    """
    if not url:
        return {}
    if url == "console:":
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        host, port = None, 0
    if not host:
        # The address may hold a password, so it is not repeated.
        raise ImproperlyConfigured("EMAIL_URL is smtp://HOST, smtp+tls://, smtps:// or console:")
    options = {
        "host": host,
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": _SECONDS,
    }
    return {"default": {"BACKEND": _SMTP, "OPTIONS": options}}

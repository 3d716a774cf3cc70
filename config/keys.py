"""Refuses, at the start of any process, keys that protect nothing: short, simple or published."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.lib.encryption import read_key

# Of the development settings, of examples, and of earlier releases of this repository.
PUBLISHED = frozenset(
    {
        "development-only-key-that-protects-nothing-at-all",
        "aB3_dE6-gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6dE9fG2hJ5kL8mN1pQ4",
        "ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMhISE=",
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    }
)
_PLACEHOLDER = re.compile(r"change.?me|replace.?(me|this)|example|placeholder|<|>|…", re.IGNORECASE)
_VERSION = re.compile(r"[A-Za-z0-9_-]{1,20}")
_SECRET_LENGTH, _SECRET_SIGNS = 50, 5
# Thirty-two random bytes have thirty different ones; fewer than this come by no chance.
_KEY_SIGNS = 16


def refuse_weak_keys() -> None:
    """Raise ImproperlyConfigured, with one line, if a key of a real site protects nothing."""
    if settings.KEYS_PROTECT_NOTHING:
        return
    for problem in _problems():
        raise ImproperlyConfigured(f'{problem} docs/operation.md, "Keys", tells how to make one.')


def _problems() -> Iterator[str]:
    secret = settings.SECRET_KEY
    if secret in PUBLISHED or _PLACEHOLDER.search(secret):
        yield "SECRET_KEY is a published one."
    if len(secret) < _SECRET_LENGTH or len(set(secret)) < _SECRET_SIGNS:
        yield f"SECRET_KEY is too simple: {_SECRET_LENGTH} random characters at least."
    if not settings.ENCRYPTION_KEYS:
        yield "ENCRYPTION_KEYS is empty."
    versions, keys = [], []
    for line in settings.ENCRYPTION_KEYS:
        version, _, encoded = line.partition(":")
        versions.append(version)
        keys.append(encoded)
        if not _VERSION.fullmatch(version):
            yield "ENCRYPTION_KEYS: each key has the form version:base64, as in v1:…"
        yield from _problems_of_key(encoded, f"ENCRYPTION_KEYS: key {version}")
    if len(set(versions)) < len(versions) or len(set(keys)) < len(keys):
        yield "ENCRYPTION_KEYS: two keys are the same or have the same version."
    if settings.DIGEST_KEY:
        yield from _problems_of_key(settings.DIGEST_KEY, "DIGEST_KEY")


def _problems_of_key(encoded: str, name: str) -> Iterator[str]:
    if encoded in PUBLISHED:
        yield f"{name} is a published one."
    key = read_key(encoded, name)
    if all(0x20 <= byte < 0x7F for byte in key) or len(set(key)) < _KEY_SIGNS:
        yield f"{name} is text or a pattern, not 32 random bytes."

"""Keys that protect nothing are refused, each with a line that names the variable."""

from __future__ import annotations

import base64
import re
import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.keys import PUBLISHED, refuse_weak_keys


def encode(key: bytes) -> str:
    return base64.b64encode(key).decode()


GOOD = encode(bytes(range(100, 132)))


@pytest.fixture(autouse=True)
def _site(settings):
    settings.KEYS_PROTECT_NOTHING = False
    settings.SECRET_KEY = secrets.token_urlsafe(64)
    settings.ENCRYPTION_KEYS = [f"v1:{GOOD}"]
    settings.DIGEST_KEY = ""


def test_random_ones_are_taken(settings):
    for _ in range(50):
        settings.SECRET_KEY = secrets.token_urlsafe(64)
        settings.ENCRYPTION_KEYS = [f"v{n}:{encode(secrets.token_bytes(32))}" for n in (2, 1)]
        settings.DIGEST_KEY = encode(secrets.token_bytes(32))
        refuse_weak_keys()


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("short", "too simple"),
        ("a" * 64, "too simple"),
        ("development-only-key-that-protects-nothing-at-all", "published"),
        ("change-me-" * 6 + "0123456789", "published"),
        ("aB3_dE6-gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6dE9fG2hJ5kL8mN1pQ4", "published"),
    ],
)
def test_a_secret(settings, secret, why):
    settings.SECRET_KEY = secret

    with pytest.raises(ImproperlyConfigured, match=rf"^SECRET_KEY is .*{why}"):
        refuse_weak_keys()


BAD_KEYS = [
    ("ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMhISE=", "is a published one"),
    ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "is a published one"),
    (encode(b"a passphrase of thirty-two bytes"), "is text or a pattern"),
    (encode(bytes(32)), "is text or a pattern"),
    (encode(bytes(16)), "is not 32 bytes in base64"),
    ("", "is not 32 bytes in base64"),
    ("not base64!", "is not 32 bytes in base64"),
]


@pytest.mark.parametrize(("key", "why"), BAD_KEYS)
def test_a_key_of_any_age(settings, key, why):
    settings.ENCRYPTION_KEYS = [f"v2:{GOOD}", f"v1:{key}"]
    with pytest.raises(ImproperlyConfigured, match=f"^ENCRYPTION_KEYS: key v1 {why}"):
        refuse_weak_keys()

    settings.ENCRYPTION_KEYS = [f"v2:{GOOD}"]
    settings.DIGEST_KEY = key
    if key:
        with pytest.raises(ImproperlyConfigured, match=f"^DIGEST_KEY {why}"):
            refuse_weak_keys()


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "is empty"),
        ([GOOD], "has the form version:base64"),
        ([f"v1:{GOOD}", f"v1:{encode(bytes(range(140, 172)))}"], "the same"),
        ([f"v2:{GOOD}", f"v1:{GOOD}"], "two keys are the same"),
    ],
)
def test_a_list_of_keys(settings, lines, why):
    settings.ENCRYPTION_KEYS = lines

    with pytest.raises(ImproperlyConfigured, match=f"^ENCRYPTION_KEYS.*{why}"):
        refuse_weak_keys()


def test_the_development_settings_go_on_with_theirs(settings):
    settings.KEYS_PROTECT_NOTHING = True
    settings.SECRET_KEY = "short"

    refuse_weak_keys()


def test_every_key_in_the_repository_is_known_as_published(settings):
    """A key that is published elsewhere, such as in an example, is added to the list."""
    paths = ["Makefile", "README.md", "docs/operation.md", "config/settings/dev.py"]
    paths += [path for path in (settings.BASE_DIR / "deploy").glob("*") if path.is_file()]
    for path in paths:
        text = (settings.BASE_DIR / path).read_text("utf-8", errors="replace")
        assert set(re.findall(r"\b[A-Za-z0-9+/]{43}=", text)) <= PUBLISHED

"""Encryption at rest and keyed look-up of short secrets such as resident ID numbers.

A sealed text is `version.base64(nonce ‖ ciphertext)`, so that another cipher (SM4) can follow
under another version.
"""

import base64
import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_NONCE_BYTES = 12


@lru_cache(maxsize=8)
def _keys(lines: tuple[str, ...]) -> dict[str, bytes]:
    keys = {}
    for line in lines:
        version, _, encoded = line.partition(":")
        key = base64.b64decode(encoded)
        if len(key) != 32:
            raise ImproperlyConfigured(f"ID_NUMBER_KEYS: key {version} is not 32 bytes.")
        keys[version] = key
    if not keys:
        raise ImproperlyConfigured("ID_NUMBER_KEYS is empty.")
    return keys


def _configured() -> dict[str, bytes]:
    return _keys(tuple(settings.ID_NUMBER_KEYS))


def seal(text: str) -> str:
    """Encrypt `text` under the newest key (AES-256-GCM)."""
    version, key = next(iter(_configured().items()))
    nonce = os.urandom(_NONCE_BYTES)
    data = AESGCM(key).encrypt(nonce, text.encode(), version.encode())
    return f"{version}.{base64.b64encode(nonce + data).decode()}"


def unseal(sealed: str) -> str:
    """Decrypt a sealed text. Raises KeyError for an unknown version, InvalidTag if altered."""
    version, _, encoded = sealed.partition(".")
    data = base64.b64decode(encoded)
    key = _configured()[version]
    return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], version.encode()).decode()


def seal_bytes(data: bytes) -> bytes:
    """Encrypt a file under the newest key: `version.nonce ‖ ciphertext`."""
    version, key = next(iter(_configured().items()))
    nonce = os.urandom(_NONCE_BYTES)
    head = version.encode()
    return head + b"." + nonce + AESGCM(key).encrypt(nonce, data, head)


def unseal_bytes(sealed: bytes) -> bytes:
    """Decrypt a sealed file. Raises KeyError for an unknown version, InvalidTag if altered."""
    head, _, data = sealed.partition(b".")
    key = _configured()[head.decode()]
    return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], head)


def keyed_hash(text: str, *, purpose: str) -> str:
    """HMAC-SHA-256 (hex) of `text` under a key of its own for each `purpose`.

    It is derived from the *oldest* configured key, so that adding a newer cipher key does not
    orphan what was stored before.
    """
    key = _key_for(tuple(settings.ID_NUMBER_KEYS), purpose)
    return hmac.digest(key, text.encode(), "sha256").hex()


@lru_cache(maxsize=32)
def _key_for(lines: tuple[str, ...], purpose: str) -> bytes:
    oldest = list(_keys(lines).values())[-1]
    return hmac.digest(oldest, purpose.encode(), "sha256")


def fingerprint(text: str) -> str:
    """The keyed hash by which a sealed text is found again without decrypting any."""
    return keyed_hash(text, purpose="fingerprint")

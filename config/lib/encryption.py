"""Encryption at rest of files and short secrets, and keyed look-up of resident ID numbers etc.

Ciphertext has the form `version.nonce ‖ ciphertext`; for text, the part after the dot is base64.
The version allows another cipher (SM4) to be introduced later. Keyed hashes have one key for good
(ADR 18): DIGEST_KEY, or the oldest of ENCRYPTION_KEYS.
"""

import base64
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_NONCE_BYTES = 12


@lru_cache(maxsize=8)
def _keys(lines: tuple[str, ...]) -> dict[str, bytes]:
    keys = {}
    for line in lines:
        version, _, encoded = line.partition(":")
        keys[version] = read_key(encoded, f"ENCRYPTION_KEYS: key {version}")
    if not keys:
        raise ImproperlyConfigured("ENCRYPTION_KEYS is empty.")
    return keys


def read_key(encoded: str, name: str) -> bytes:
    """A key from base64. Raises ImproperlyConfigured, with its name, for anything but 32 bytes."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} is not 32 bytes in base64.")
    return key


def _configured() -> dict[str, bytes]:
    return _keys(tuple(settings.ENCRYPTION_KEYS))


def _newest() -> bytes:
    return next(iter(_configured().values()))


def _digest_key() -> bytes:
    if settings.DIGEST_KEY:
        return read_key(settings.DIGEST_KEY, "DIGEST_KEY")
    return list(_configured().values())[-1]


def newest_version() -> str:
    """The version of the key that encrypts."""
    return next(iter(_configured()))


def version_of(encrypted: bytes) -> str:
    """The version of the key that encrypted these bytes; the rest of them is not looked at."""
    return encrypted.partition(b".")[0].decode(errors="replace")


def check_values() -> dict[str, str]:
    """A value for each key version that tells whether two sites mean the same key by it.

    It is half of an HMAC, so it tells nothing about the key and may lie beside a backup.
    """
    return {
        version: hmac.digest(key, b"check value", "sha256").hex()[:16]
        for version, key in _configured().items()
    }


def digest_check_value() -> str:
    """The check value of the key of all keyed hashes (`keyed_hash`)."""
    return keyed_hash("", purpose="check value")[:16]


def encrypt_bytes(data: bytes) -> bytes:
    """Encrypt `data` with the newest key (AES-256-GCM)."""
    version, key = next(iter(_configured().items()))
    nonce = os.urandom(_NONCE_BYTES)
    prefix = version.encode()
    return prefix + b"." + nonce + AESGCM(key).encrypt(nonce, data, prefix)


def decrypt_bytes(encrypted: bytes) -> bytes:
    """Decrypt encrypted bytes. Raises KeyError for an unknown version, InvalidTag if altered."""
    prefix, _, data = encrypted.partition(b".")
    key = _configured()[prefix.decode(errors="replace")]
    if len(data) < _NONCE_BYTES:
        raise InvalidTag
    return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], prefix)


def encrypt(text: str) -> str:
    """Encrypt `text` with the newest key (AES-256-GCM)."""
    prefix, _, data = encrypt_bytes(text.encode()).partition(b".")
    return f"{prefix.decode()}.{base64.b64encode(data).decode()}"


def decrypt(encrypted: str) -> str:
    """Decrypt an encrypted text. Raises KeyError for an unknown version, InvalidTag if altered."""
    version, _, encoded = encrypted.partition(".")
    return decrypt_bytes(version.encode() + b"." + base64.b64decode(encoded)).decode()


def encrypt_short(data: bytes, *, purpose: str) -> bytes:
    """Encrypt a few bytes (AES-SIV, 16 bytes longer) with a separate key for each `purpose`.

    Equal input gives equal ciphertext, so use it only for short-lived or random data. The key is
    derived from the *newest* configured key, because this ciphertext is never stored.
    """
    return AESSIV(_key_for(_newest(), purpose)).encrypt(data, None)


def decrypt_short(encrypted: bytes, *, purpose: str) -> bytes:
    """Decrypt the output of `encrypt_short`. Raises InvalidTag for anything else."""
    try:
        return AESSIV(_key_for(_newest(), purpose)).decrypt(encrypted, None)
    except ValueError as error:  # too short to be a ciphertext
        raise InvalidTag from error


def keyed_hash(text: str, *, purpose: str) -> str:
    """HMAC-SHA-256 (hex) of `text` with a separate key for each `purpose`.

    All are derived from the digest key, which never changes, since stored hashes cannot.
    """
    return hmac.digest(_key_for(_digest_key(), purpose), text.encode(), "sha256").hex()


@lru_cache(maxsize=32)
def _key_for(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, purpose.encode(), "sha256")


def fingerprint(text: str) -> str:
    """The keyed hash that finds an encrypted text without decrypting anything."""
    return keyed_hash(text, purpose="fingerprint")

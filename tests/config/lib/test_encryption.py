"""Secrets at rest: sealed under the newest key, opened under any, found by a stable fingerprint."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.lib.encryption import (
    decrypt,
    decrypt_bytes,
    decrypt_short,
    encrypt,
    encrypt_bytes,
    encrypt_short,
    fingerprint,
    keyed_hash,
)

SECRET = "11010519491231002X"


def key(version: str, byte: bytes) -> str:
    return f"{version}:{base64.b64encode(byte * 32).decode()}"


OLD, NEW = key("v1", b"1"), key("v2", b"2")


@pytest.fixture(autouse=True)
def _one_key(settings):
    settings.ENCRYPTION_KEYS = [OLD]


class TestASealedText:
    def test_opens_again(self):
        assert decrypt(encrypt(SECRET)) == SECRET

    @given(st.text())
    def test_opens_again_whatever_it_says(self, text):
        assert decrypt(encrypt(text)) == text

    def test_begins_with_the_version_of_its_key(self, settings):
        assert encrypt(SECRET).startswith("v1.")
        settings.ENCRYPTION_KEYS = [NEW, OLD]
        assert encrypt(SECRET).startswith("v2.")

    def test_differs_each_time_and_shows_nothing(self):
        first, second = encrypt(SECRET), encrypt(SECRET)

        assert first != second
        data = base64.b64decode(first.partition(".")[2])
        assert SECRET.encode() not in data
        assert len(first) <= 120  # its column

    @pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
    def test_is_not_opened_once_altered(self, place):
        version, _, encoded = encrypt(SECRET).partition(".")
        data = bytearray(base64.b64decode(encoded))
        data[place] ^= 1

        with pytest.raises(InvalidTag):
            decrypt(f"{version}.{base64.b64encode(bytes(data)).decode()}")

    def test_is_not_opened_under_another_version(self, settings):
        settings.ENCRYPTION_KEYS = [key("v2", b"1"), key("v1", b"1")]
        sealed = encrypt(SECRET)

        with pytest.raises(InvalidTag):
            decrypt("v1." + sealed.removeprefix("v2."))

    def test_is_not_opened_under_a_version_nobody_has(self):
        with pytest.raises(KeyError):
            decrypt("v9." + encrypt(SECRET).removeprefix("v1."))

    def test_of_an_earlier_release_opens(self):
        data = AESGCM(b"1" * 32).encrypt(b"n" * 12, SECRET.encode(), b"v1")

        assert decrypt("v1." + base64.b64encode(b"n" * 12 + data).decode()) == SECRET


class TestASealedFile:
    @given(st.binary())
    def test_opens_again_whatever_it_holds(self, data):
        assert decrypt_bytes(encrypt_bytes(data)) == data

    def test_begins_with_the_version_of_its_key(self, settings):
        settings.ENCRYPTION_KEYS = [NEW, OLD]
        assert encrypt_bytes(b"").startswith(b"v2.")

    def test_differs_each_time_and_shows_nothing(self):
        first, second = encrypt_bytes(SECRET.encode()), encrypt_bytes(SECRET.encode())

        assert first != second
        assert SECRET.encode() not in first

    def test_is_little_longer_than_the_file(self):
        assert len(encrypt_bytes(bytes(1000))) == 1000 + len(b"v1.") + 12 + 16

    @pytest.mark.parametrize("place", [3, 14, 15, -1])
    def test_is_not_opened_once_altered(self, place):
        data = bytearray(encrypt_bytes(SECRET.encode()))
        data[place] ^= 1

        with pytest.raises(InvalidTag):
            decrypt_bytes(bytes(data))

    @pytest.mark.parametrize("end", [3, 14, 15, 30, -1])
    def test_is_not_opened_once_cut_short(self, end):
        with pytest.raises(InvalidTag):
            decrypt_bytes(encrypt_bytes(SECRET.encode())[:end])

    @pytest.mark.parametrize(
        "data", [b"", b"PK\x03\x04 plain", b"v9." + bytes(40), b"\xff." + bytes(40)]
    )
    def test_is_not_opened_under_a_version_nobody_has(self, data):
        with pytest.raises(KeyError):
            decrypt_bytes(data)


class TestANewKey:
    def test_still_opens_what_an_older_one_sealed(self, settings):
        sealed, file = encrypt(SECRET), encrypt_bytes(b"file")
        settings.ENCRYPTION_KEYS = [NEW, OLD]

        assert decrypt(sealed) == SECRET
        assert decrypt_bytes(file) == b"file"
        assert decrypt(encrypt(SECRET)) == SECRET

    def test_leaves_fingerprints_and_hashes_as_they_were(self, settings):
        before = fingerprint(SECRET), keyed_hash("row", purpose="audit")
        settings.ENCRYPTION_KEYS = [NEW, OLD]

        assert (fingerprint(SECRET), keyed_hash("row", purpose="audit")) == before

    def test_alone_opens_nothing_older(self, settings):
        sealed = encrypt(SECRET)
        settings.ENCRYPTION_KEYS = [NEW]

        with pytest.raises(KeyError):
            decrypt(sealed)


class TestAFingerprint:
    def test_is_the_same_for_the_same_text_and_fits_its_column(self):
        assert fingerprint(SECRET) == fingerprint(SECRET)
        assert len(fingerprint(SECRET)) == 64
        assert fingerprint(SECRET) != fingerprint(SECRET.lower())

    def test_cannot_be_computed_without_the_key(self, settings):
        before = fingerprint(SECRET)
        settings.ENCRYPTION_KEYS = [key("v1", b"3")]

        assert fingerprint(SECRET) != before

    def test_tells_nothing_about_a_hash_for_another_purpose(self):
        assert keyed_hash(SECRET, purpose="audit") != fingerprint(SECRET)


class TestKeys:
    @pytest.mark.parametrize(
        "lines",
        [[], [f"v1:{base64.b64encode(b'short').decode()}"], ["v1:"]],
        ids=["none", "too short", "empty"],
    )
    def test_that_protect_nothing_are_refused(self, settings, lines):
        settings.ENCRYPTION_KEYS = lines

        with pytest.raises(ImproperlyConfigured):
            encrypt(SECRET)


class TestAFewBytesSealed:
    """For codes: sixteen bytes more, the same each time, and for one purpose alone."""

    def test_open_again(self):
        sealed = encrypt_short(b"123", purpose="code")

        assert len(sealed) == 3 + 16
        assert sealed == encrypt_short(b"123", purpose="code")
        assert decrypt_short(sealed, purpose="code") == b"123"

    def test_do_not_open_for_another_purpose(self):
        with pytest.raises(InvalidTag):
            decrypt_short(encrypt_short(b"123", purpose="code"), purpose="other")

    def test_do_not_open_under_another_key(self, settings):
        sealed = encrypt_short(b"123", purpose="code")
        settings.ENCRYPTION_KEYS = [NEW, OLD]

        with pytest.raises(InvalidTag):
            decrypt_short(sealed, purpose="code")

    @pytest.mark.parametrize("sealed", [b"", b"x", b"x" * 16, b"x" * 30])
    def test_are_nothing_else(self, sealed):
        with pytest.raises(InvalidTag):
            decrypt_short(sealed, purpose="code")

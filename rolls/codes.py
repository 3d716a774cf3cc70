"""The codes that members show at the door: one that changes every 30 s, and one on a card.

Both use capitals and digits only, which suit the densest QR mode and hand scanners. The first
character tells the kind of code and its format; a new cipher needs a new first character. Each has
a short form of eight signs to be typed or read out; it is a keyed hash that says nothing by itself,
and is looked for among the people whom the session expects.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched

from cryptography.exceptions import InvalidTag

from accounts.codes import ALPHABET, CodeShape, draw_code
from config.lib.encryption import decrypt_short, encrypt_short, keyed_hash

STEP_SECONDS = 30
# A code of the previous step may still be on its way; one of the next step means a fast clock.
STEPS_ASIDE = 1
_MEMBER_BYTES, _STEP_BYTES = 5, 4
_LIVE, _CARD = "L", "K"
_LIVE_LENGTH = 40
_OF_CARD = CodeShape(groups=5, signs=4)
_PURPOSE = "code at the door"
TYPED_LENGTH = 8
# Until a typed code is called expired instead of unknown: 5 minutes.
_STEPS_REMEMBERED = 10


@dataclass(frozen=True)
class LiveCode:
    """A code as a member's page shows it, and when the next code replaces it."""

    text: str
    changes_at: datetime


@dataclass(frozen=True)
class ReadCode:
    """A decoded code: a member, or a card by the fingerprint of its code; expired or not."""

    member_id: int | None = None
    card_fingerprint: str = ""
    is_expired: bool = False


def make_live_code(member_id: int, at: datetime) -> LiveCode:
    """The code of a member for the half minute that contains `at`."""
    step = _step_of(at)
    data = member_id.to_bytes(_MEMBER_BYTES) + step.to_bytes(_STEP_BYTES)
    text = base64.b32encode(encrypt_short(data, purpose=_PURPOSE)).decode()
    changes_at = datetime.fromtimestamp((step + 1) * STEP_SECONDS, UTC)
    return LiveCode(_LIVE + text, changes_at)


def make_typed_code(member_id: int, at: datetime) -> str:
    """The short form of the live code: 8 signs, good as long as the live code."""
    return _typed_of_step(member_id, _step_of(at))


def _typed_of_step(member_id: int, step: int) -> str:
    return _LIVE + _shorten(keyed_hash(f"{member_id}:{step}", purpose="typed code at the door"))


def typed_code_of_card(card_fingerprint: str) -> str:
    """The short form of a card's code, by the fingerprint that is stored: 8 signs."""
    return _CARD + _shorten(keyed_hash(card_fingerprint, purpose="typed code of a card"))


def _shorten(digest: str) -> str:
    """Seven signs of the alphabet of codes for half of a hash: 31 of its bits."""
    number, signs = int(digest[:32], 16), ""
    for _place in range(TYPED_LENGTH - 1):
        number, sign = divmod(number, len(ALPHABET))
        signs += ALPHABET[sign]
    return signs


def find_typed(
    code: str, at: datetime, members: Iterable[int], cards: Mapping[str, int]
) -> ReadCode | None:
    """Whose short code this is, among `members`, or `cards` (fingerprint and member).

    Two people with the same short code are nobody. Among 300 people that happens to one typed code
    in a million, and the next half minute has another.
    """
    if code[0] == _CARD:
        found = {mark for mark in cards if typed_code_of_card(mark) == code}
        return ReadCode(card_fingerprint=found.pop()) if len(found) == 1 else None
    now = _step_of(at)
    steps = range(now - _STEPS_REMEMBERED, now + STEPS_ASIDE + 1)
    hits = {(one, step) for one in members for step in steps if _typed_of_step(one, step) == code}
    if len({one for one, _step in hits}) != 1:
        return None
    member, step = max(hits, key=lambda hit: hit[1])
    return ReadCode(member_id=member, is_expired=abs(now - step) > STEPS_ASIDE)


def draw_card_code() -> str:
    """A new card code, from the system's random source."""
    return _CARD + draw_code(_OF_CARD)


def fingerprint_card(code: str) -> str:
    """The keyed hash by which a card is looked up."""
    return keyed_hash(code, purpose="member card")


def format_code(code: str) -> str:
    """A code in groups of four, to be read aloud."""
    return " ".join("".join(group) for group in batched(code, 4))


def read_code(text: str, at: datetime) -> ReadCode | None:
    """Decode what was scanned or typed; None if it is not one of our codes or was altered."""
    code = clean_code(text)
    if code is None or is_typed(code):
        return None
    if code[0] == _CARD:
        return ReadCode(card_fingerprint=fingerprint_card(code))
    try:
        data = decrypt_short(base64.b32decode(code[1:]), purpose=_PURPOSE)
    except (ValueError, InvalidTag):  # not base 32, or signs beyond ASCII
        return None
    step = int.from_bytes(data[_MEMBER_BYTES:])
    return ReadCode(
        member_id=int.from_bytes(data[:_MEMBER_BYTES]),
        is_expired=abs(_step_of(at) - step) > STEPS_ASIDE,
    )


def clean_code(text: str) -> str | None:
    """Normalise a code typed in any case, grouped or not; None if the shape is wrong."""
    plain = unicodedata.normalize("NFKC", text).upper()
    code = "".join(plain.split()).replace("-", "")
    lengths = {_LIVE: 1 + _LIVE_LENGTH, _CARD: 1 + _OF_CARD.length}
    if not code or code[0] not in lengths:
        return None
    may_be_typed = is_typed(code) and set(code[1:]) <= set(ALPHABET)
    return code if len(code) == lengths[code[0]] or may_be_typed else None


def is_typed(code: str) -> bool:
    """Whether a cleaned code is the short form of one."""
    return len(code) == TYPED_LENGTH


def seconds_left(code: LiveCode, at: datetime) -> int:
    """Whole seconds until the next code, at least 1."""
    return max(1, (code.changes_at - at) // timedelta(seconds=1) + 1)


def _step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS

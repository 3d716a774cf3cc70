"""What an app for one-time codes shows."""

from __future__ import annotations

import time
from base64 import b32decode

from django_otp.oath import TOTP


def code_of(key: str, steps_ahead: int = 0) -> str:
    """The code now of a key as the enrolment page spells it, or of a later time step."""
    totp = TOTP(b32decode(key.replace(" ", "")))
    totp.time = time.time() + 30 * steps_ahead
    return f"{totp.token():06}"

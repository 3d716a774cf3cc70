"""The codes of slips: how they are drawn, written and read back."""

import secrets
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.lib.sealing import keyed_hash

# No two of these are taken for one another in print or handwriting: 10 of them make 45 bits.
ALPHABET = "ACDEFGHJKMNPQRTWXY34679"
LENGTH = 10


def draw_code() -> str:
    """A new code, from the system's source of chance."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def write_code(code: str) -> str:
    """A code as slips show it: XXXXX-XXXXX."""
    return f"{code[:5]}-{code[5:]}"


def clean_code(text: str) -> str:
    """The code that was typed, in any case, with or without hyphen or spaces.

    Raises ValidationError for what no slip shows.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    code = "".join(sign for sign in plain if sign.isalnum())
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise ValidationError(
            _(
                "A code has 10 characters, letters and digits, as on the slip: XXXXX-XXXXX. "
                "Compare it sign by sign."
            ),
            code="code",
        )
    return code


def fingerprint_code(user_id: int, code: str) -> str:
    """The keyed hash by which the code of an account is checked."""
    return keyed_hash(f"{user_id}:{code}", purpose="activation code")

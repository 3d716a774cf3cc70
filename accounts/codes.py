"""Codes on slips and documents: how they are generated, formatted and read back."""

import secrets
import unicodedata
from dataclasses import dataclass
from itertools import batched

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.lib.encryption import keyed_hash

# No two of these are confused in print or handwriting. 10 of them have 45 bits.
ALPHABET = "ACDEFGHJKMNPQRTWXY34679"
# After this many wrong codes the right code of a slip ends. A constraint of `ActivationCode` has
# the number too, so a change wants a migration.
WRONG_TRIES_ALLOWED = 5


@dataclass(frozen=True)
class CodeShape:
    """The number of groups and of characters per group in a code."""

    groups: int
    signs: int

    @property
    def length(self) -> int:
        return self.groups * self.signs

    @property
    def pattern(self) -> str:
        """A code of this shape with X for each character."""
        return format_code("X" * self.length, self)


OF_SLIP = CodeShape(groups=2, signs=5)
OF_DOCUMENT = CodeShape(groups=4, signs=4)


def draw_code(shape: CodeShape = OF_SLIP) -> str:
    """A new code from the system's random source."""
    return "".join(secrets.choice(ALPHABET) for _place in range(shape.length))


def format_code(code: str, shape: CodeShape = OF_SLIP) -> str:
    """A code as printed: XXXXX-XXXXX on a slip."""
    return "-".join("".join(group) for group in batched(code, shape.signs))


def clean_code(text: str, shape: CodeShape = OF_SLIP) -> str:
    """The typed code, in either case, with or without hyphens or spaces.

    Raises ValidationError for text that is no possible code.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    code = "".join(sign for sign in plain if sign.isalnum())
    if len(code) != shape.length or not set(code) <= set(ALPHABET):
        raise ValidationError(
            _(
                "A code has %(length)s characters, letters and digits, as on the paper: "
                "%(pattern)s. Compare it sign by sign."
            ),
            code="code",
            params={"length": shape.length, "pattern": shape.pattern},
        )
    return code


def fingerprint_code(user_id: int, code: str) -> str:
    """The keyed hash that checks the code of an account."""
    return keyed_hash(f"{user_id}:{code}", purpose="activation code")

"""What belongs to which site in a Redis that several sites use."""

import hmac


def key_prefix(secret_key: str, database: str) -> str:
    """What the names of all keys and channels of a site begin with.

    All processes of a site know both values, and two sites never have both in common, even if one
    was copied from the other. The prefix does not tell the secret.
    """
    digest = hmac.digest(secret_key.encode(), f"broker {database}".encode(), "sha256")
    return f"xuetang-{digest.hex()[:16]}:"

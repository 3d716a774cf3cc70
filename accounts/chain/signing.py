"""Signing: the last statement of an act's transaction proves which rows the act wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from django.db import connection, connections

from accounts.enums import SignedActKind
from config.lib.encryption import keyed_hash
from config.lib.postgresql.base import DatabaseWrapper

# One digest over all that the triggers wrote down in this transaction, and whether an entry of the
# trail is among it.
DIGEST = (
    "encode(sha256(string_agg(sha256(convert_to(w::text, 'UTF8')), ''::bytea ORDER BY id)), 'hex')"
)
_WRITTEN = f"""
SELECT act, clock_timestamp(), count(*), {DIGEST}, bool_or(in_table = 'accounts_auditentry')
FROM accounts_writtenrows w
WHERE act = nullif(current_setting('xuetang.act', true), '')::bigint GROUP BY act
"""  # noqa: S608 - fixed text, no input
_SIGN = """
INSERT INTO accounts_signedact (number, kind, signed_at, statements, digest, signature)
VALUES (%s, %s, %s, %s, %s, %s);
SELECT set_config('xuetang.act', '', true)
"""


def sign_at_commit() -> None:
    """Let the present transaction sign what it wrote, just before it commits."""
    connection_of_this_thread().before_commit = sign_written_rows


def connection_of_this_thread() -> DatabaseWrapper:
    """The default connection, with the type of our engine."""
    return cast(DatabaseWrapper, connections["default"])


def sign_migration() -> None:
    """Sign what a migration wrote, once there are tables to sign in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('accounts_signedact')")
        exists = cursor.fetchone()[0] is not None
    if exists:
        sign_written_rows(SignedActKind.MIGRATION)


def sign_written_rows(kind: SignedActKind = SignedActKind.ACT) -> None:
    """Sign the rows that this transaction wrote since it began, or since it last signed.

    Rows without an entry of the trail are no act: they stay unsigned, and the check names them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        row = cursor.fetchone()
        if row is None:
            return
        number, at, statements, digest, is_audited = row
        if kind == SignedActKind.ACT and not is_audited:
            return
        signature = signature_of(number, kind, at, statements, digest)
        cursor.execute(_SIGN, [number, kind, at, statements, digest, signature])


def signature_of(number: int, kind: str, at: datetime, statements: int, digest: str) -> str:
    """The keyed hash (HMAC-SHA-256, hex) of a signed act."""
    text = f"{number} {kind} {at.astimezone(UTC).isoformat()} {statements} {digest}"
    return keyed_hash(text, purpose="signed act")

"""Signing: the last statement of an act's transaction proves which rows the act wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple, cast

from django.db import connection, connections

from accounts.enums import SignedActKind
from config.lib.encryption import keyed_hash
from config.lib.postgresql.base import DatabaseWrapper
from config.lib.rows import select_row, select_value

# One digest over all that the triggers wrote down in this transaction, and whether an entry of the
# trail is among it.
DIGEST = (
    "encode(sha256(string_agg(sha256(convert_to(w::text, 'UTF8')), ''::bytea ORDER BY id)), 'hex')"
)
_WRITTEN = f"""
SELECT act AS number, clock_timestamp() AS at, count(*) AS statements, {DIGEST} AS digest,
       bool_or(in_table = 'accounts_auditentry') AS is_audited
FROM accounts_writtenrows w
WHERE act = nullif(current_setting('xuetang.act', true), '')::bigint GROUP BY act
"""  # noqa: S608 - fixed text, no input
_SIGN = """
INSERT INTO accounts_signedact (number, kind, signed_at, statements, digest, signature)
VALUES (%s, %s, %s, %s, %s, %s);
SELECT set_config('xuetang.act', '', true)
"""


class _Act(NamedTuple):
    """What this transaction wrote and has not signed, as `_WRITTEN` sums it up."""

    number: int
    at: datetime
    statements: int
    digest: str
    is_audited: bool


def sign_at_commit() -> None:
    """Let the present transaction sign what it wrote, just before it commits."""
    connection_of_this_thread().before_commit = sign_written_rows


def connection_of_this_thread() -> DatabaseWrapper:
    """The default connection, with the type of our engine."""
    return cast(DatabaseWrapper, connections["default"])


def sign_migration() -> None:
    """Sign what a migration wrote, once there are tables to sign in."""
    if select_value("SELECT to_regclass('accounts_signedact')") is not None:
        sign_written_rows(SignedActKind.MIGRATION)


def sign_written_rows(kind: SignedActKind = SignedActKind.ACT) -> None:
    """Sign the rows that this transaction wrote since it began, or since it last signed.

    Rows without an entry of the trail are no act: they stay unsigned, and the check names them.
    """
    act = select_row(_Act, _WRITTEN)
    if act is None or (kind == SignedActKind.ACT and not act.is_audited):
        return
    signature = signature_of(act.number, kind, act.at, act.statements, act.digest)
    with connection.cursor() as cursor:
        cursor.execute(_SIGN, (act.number, kind, act.at, act.statements, act.digest, signature))


def signature_of(number: int, kind: str, at: datetime, statements: int, digest: str) -> str:
    """The keyed hash (HMAC-SHA-256, hex) of a signed act."""
    text = f"{number} {kind} {at.astimezone(UTC).isoformat()} {statements} {digest}"
    return keyed_hash(text, purpose="signed act")

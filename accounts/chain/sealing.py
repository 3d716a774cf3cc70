"""Sealing: signed acts are bound together in order, and the heads leave the database."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Seal
from config.lib.encryption import keyed_hash
from config.lib.lock_classes import LockClass
from config.lib.log_targets import LogFile
from config.lib.rows import select_rows

logger = logging.getLogger(__name__)

# Every act is sealed within this time; beat seals each minute.
SEALED_WITHIN = timedelta(minutes=5)
ACTS_AT_ONCE = 10_000
# Signing is the last step before a commit, so an act is seen this long after it at the latest.
_COMMITTED_WITHIN = timedelta(minutes=10)
_UNSEALED = """
SELECT number, signature, signed_at FROM accounts_signedact
WHERE signed_at >= %(since)s AND number NOT IN (
    SELECT unnest(acts) FROM accounts_seal WHERE last_signed_at >= %(since)s)
ORDER BY signed_at, number LIMIT %(limit)s
"""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class _Unsealed(NamedTuple):
    """A signed act that no seal has yet."""

    number: int
    signature: str
    signed_at: datetime


class Head(NamedTuple):
    """A line of the file of heads; the file `begins` with seal 1, or anew after a restore."""

    seal: int
    head: str
    begins: bool


def seal_acts(*, at: datetime) -> int:
    """Seal all signed acts that are not sealed yet; return how many."""
    count = 0
    while seal := _seal_some(at):
        _let_out(seal)
        count += len(seal.acts)
    return count


def merkle_root(leaves: Sequence[str]) -> str:
    """The Merkle root (SHA-256, hex) of at least one leaf in hex.

    A leaf and a node are hashed differently, so that neither passes for the other. A last node
    without a neighbour moves up as it is.
    """
    level = [hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
        level = above + level[len(level) // 2 * 2 :]
    return level[0].hex()


def head_of(seal: Seal) -> str:
    """The keyed hash of a seal's content and of the head before."""
    at = seal.sealed_at.astimezone(UTC).isoformat()
    numbers = ",".join(map(str, seal.acts))
    until = seal.last_signed_at.astimezone(UTC).isoformat()
    text = f"{seal.number} {at} {until} {seal.previous} {seal.root} {numbers}"
    return keyed_hash(text, purpose="seal")


def heads_file() -> Path:
    """Where the heads stand outside the database, a line of JSON for each seal."""
    return Path(settings.CHAIN_HEADS)


def list_heads() -> Iterator[Head | None]:
    """What the file of heads says line by line, None for a line that is no head."""
    try:
        with heads_file().open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                yield _head_in(line)
    except FileNotFoundError:
        return


def set_heads_aside(at: datetime) -> Seal | None:
    """Begin a new file of heads, because the database was restored to an earlier moment.

    The old one stays beside it: it tells which seals were lost. The first line of the new one names
    the newest seal, which is returned; without any, the file begins with seal 1.
    """
    stamp = at.astimezone(UTC)
    if heads_file().exists():
        former = heads_file()
        former.rename(
            former.with_name(f"{former.stem}.before-{stamp:%Y%m%dT%H%M%SZ}{former.suffix}")
        )
    last = Seal.objects.first()
    if last is not None:
        logger.warning("Chain: heads begin anew after seal %d, head %s", last.number, last.head)
        _write_head(last, restored=stamp.isoformat())
    return last


def line_of(seal: Seal, **more: str) -> str:
    """A head as a line of JSON, in ASCII."""
    told = {"seal": seal.number, "at": seal.sealed_at.astimezone(UTC).isoformat()}
    return json.dumps(told | {"head": seal.head} | more, separators=(",", ":"))


def _head_in(line: str) -> Head | None:
    try:
        told = json.loads(line)
        return Head(told["seal"], told["head"], begins=told["seal"] == 1 or "restored" in told)
    except (ValueError, KeyError, TypeError):
        return None


def _seal_some(at: datetime) -> Seal | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LockClass.SEALS])
        last = Seal.objects.first()
        acts = _unsealed(last.last_signed_at - _COMMITTED_WITHIN if last else _LONG_AGO)
        if not acts:
            return None
        seal = Seal(
            number=last.number + 1 if last else 1,
            sealed_at=at,
            last_signed_at=acts[-1].signed_at,
            acts=[act.number for act in acts],
            root=merkle_root([act.signature for act in acts]),
            previous=last.head if last else "",
        )
        seal.head = head_of(seal)
        seal.save(force_insert=True)
    return seal


def _unsealed(since: datetime) -> list[_Unsealed]:
    return select_rows(_Unsealed, _UNSEALED, {"since": since, "limit": ACTS_AT_ONCE})


def _let_out(seal: Seal) -> None:
    logger.info("Chain: seal %d, %d acts, head %s", seal.number, len(seal.acts), seal.head)
    _write_head(seal)


def _write_head(seal: Seal, **more: str) -> None:
    heads_file().parent.mkdir(parents=True, exist_ok=True)
    LogFile(heads_file()).send([line_of(seal, **more)])

"""The trail leaves the machine: each audit entry goes to a collector, in order, at least once.

Only what proves an entry leaves: numbers, moment, act and digest, neither names nor values; and of
each seal of the chain its head, by which a tail that is cut off later is missed. The
position of a target moves after its lines were handed over, so an outage delays lines and a crash
repeats some; the entry's number tells a repetition.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.chain.sealing import line_of as line_of_head
from accounts.models import AuditEntry, Seal
from backstage.models import TrailFeedPosition
from config.lib.log_targets import TargetError, target_of
from config.lib.rows import select_column, select_value

logger = logging.getLogger(__name__)

BATCH = 500
# How long a round waits for transactions that are writing entries; the next round asks again.
_PATIENCE = timedelta(seconds=5)
_PAUSE_SECONDS = 0.05

# An insert locks the table before it draws its number and until its commit. So once those who hold
# the lock now are gone, no entry up to the present last number can still appear.
_LAST_NUMBER = "SELECT last_value FROM accounts_auditentry_id_seq"
_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE relation = 'accounts_auditentry'::regclass AND mode = 'RowExclusiveLock'
  AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def feed_trail(*, at: datetime, patience: timedelta = _PATIENCE) -> int:
    """Send the entries and heads that `TRAIL_FEED` does not have yet; return how many entries.

    Does nothing without a target. An unreachable target is an ERROR line; what it lacks waits.
    """
    if not settings.TRAIL_FEED:
        return 0
    position, _made = TrailFeedPosition.objects.get_or_create(target=settings.TRAIL_FEED)
    last = _last_settled_number(patience)
    if last is None:
        return 0
    count = 0
    try:
        while sent := _send_batch(position.pk, last, at):
            count += sent
        while _send_heads(position.pk):
            pass
    except TargetError as error:
        logger.error("The trail's feed is interrupted: %s", error)  # noqa: TRY400 - one line
    return count


def entries_waiting() -> int:
    """How many entries the target does not have yet, by number; 0 without a target."""
    if not settings.TRAIL_FEED:
        return 0
    position = TrailFeedPosition.objects.filter(target=settings.TRAIL_FEED).first()
    return AuditEntry.objects.filter(pk__gt=position.sent_id if position else 0).count()


def _send_batch(position_id: int, last: int, at: datetime) -> int:
    """Send up to BATCH entries; 0 if there are none, or another process is sending."""
    with transaction.atomic():
        position = _position(position_id)
        if position is None:
            return 0
        new = AuditEntry.objects.filter(pk__gt=position.sent_id, pk__lte=last)
        entries = list(new.order_by("pk")[:BATCH])
        if not entries:
            return 0
        target_of(position.target).send([line_of(entry) for entry in entries])
        position.sent_id, position.sent_at = entries[-1].pk, at
        position.save(update_fields=["sent_id", "sent_at"])
    return len(entries)


def _send_heads(position_id: int) -> int:
    """Send the heads of up to BATCH seals, likewise."""
    with transaction.atomic():
        position = _position(position_id)
        if position is None:
            return 0
        seals = list(Seal.objects.filter(number__gt=position.sent_seal).order_by("number")[:BATCH])
        if not seals:
            return 0
        target_of(position.target).send([line_of_head(seal) for seal in seals])
        position.sent_seal = seals[-1].number
        position.save(update_fields=["sent_seal"])
    return len(seals)


def _position(position_id: int) -> TrailFeedPosition | None:
    """The locked position of a target; None while another process is sending."""
    rows = TrailFeedPosition.objects.select_for_update(skip_locked=True)
    return rows.filter(pk=position_id).first()


def line_of(entry: AuditEntry) -> str:
    """One entry as a line of JSON."""
    told = {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(),
        "act": entry.act,
        "actor": entry.actor_id,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "digest": entry.digest,
    }
    return json.dumps(told, separators=(",", ":"))


def _last_settled_number(patience: timedelta) -> int | None:
    """The last number drawn, once no entry up to it is uncommitted; None if `patience` ends."""
    last = select_value(_LAST_NUMBER)
    writers = _writers()
    deadline = time.monotonic() + patience.total_seconds()
    while writers := writers & _writers():
        if time.monotonic() >= deadline:
            return None
        time.sleep(_PAUSE_SECONDS)
    return last


def _writers() -> set[str]:
    return set(select_column(_WRITERS))

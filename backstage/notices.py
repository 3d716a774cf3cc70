"""The outbox: what an act tells people is written in its transaction and relayed after it.

Each app registers its kinds of notices. A message is facts; it becomes words when it is read, in
the language of its reader. It stands in the portal at the commit; `backstage.relay` announces it by
the channels that the site has set up. Who was told is kept by `once`, so that writing again is
nothing, and no channel takes a message twice.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from backstage.broker import send_task
from backstage.enums import DUE_STATES, Channel, DeliveryState
from backstage.models import Delivery, Message
from config.lib.resident_ids import holds_plain_id
from config.lib.rows import select_rows

logger = logging.getLogger(__name__)

# A year and a month: what was told in one year can be looked up until the next one is closed.
KEEP_DAYS = 400

type Facts = Mapping[str, Any]

_WRITE = """
WITH written AS (
    INSERT INTO backstage_message (recipient_id, kind, facts, address, once, written_at)
    SELECT account.id, %(kind)s, %(facts)s::jsonb, %(address)s, %(once)s, %(at)s
    FROM accounts_user account WHERE account.id = ANY(%(to)s) AND account.is_active
    ORDER BY account.id
    ON CONFLICT ON CONSTRAINT message_is_written_once DO NOTHING
    RETURNING id, recipient_id
), queued AS (
    INSERT INTO backstage_delivery (message_id, channel, state, attempts, due_at, problem)
    SELECT written.id, channel.name, %(waiting)s, 0, %(at)s, ''
    FROM written
    JOIN accounts_user account ON account.id = written.recipient_id
    LEFT JOIN backstage_emailaddress email ON email.user_id = account.id
    CROSS JOIN unnest(%(channels)s::text[]) AS channel(name)
    WHERE channel.name = %(email)s AND email.id IS NOT NULL
       OR channel.name = %(sms)s AND account.phone IS NOT NULL
    RETURNING id
)
SELECT (SELECT count(*) FROM written) AS written, (SELECT count(*) FROM queued) AS queued
"""


class _Done(NamedTuple):
    """How many notices were written, and how many messages about them were queued."""

    written: int
    queued: int


class NoticeError(ValueError):
    """A notice was written outside its act, leads elsewhere, or holds an ID number."""


@dataclass(frozen=True)
class NoticeText:
    """A message in words. The title says what happened; only it leaves the portal."""

    title: str
    text: str = ""


@dataclass(frozen=True)
class _Kind:
    describe: Callable[[Facts], NoticeText]
    is_urgent: bool


_kinds: dict[str, _Kind] = {}


def register_notice(
    kind: str, describe: Callable[[Facts], NoticeText], *, is_urgent: bool = False
) -> None:
    """Register a kind of notice; called once per kind, at start-up.

    `describe` puts its facts into the language then active. An urgent kind goes out by SMS too.
    """
    _kinds[kind] = _Kind(describe, is_urgent)


def write_notices(
    *, kind: str, to: Iterable[User | None], facts: Facts, address: str, once: str, at: datetime
) -> int:
    """Tell people something, in the caller's transaction; return how many are told anew.

    `facts` are plain values that each of them may see, and what `describe` of the kind reads.
    `address` is a path of this site. `once` says what it is about: who was told of it under this
    kind is passed over, as are disabled accounts and people without an account (None). Raises
    NoticeError, and KeyError for a kind that is not registered.
    """
    is_urgent = _kinds[kind].is_urgent
    if not connection.in_atomic_block:
        raise NoticeError("A notice is written in the transaction of its act.")
    if not address.startswith("/") or address.startswith("//"):
        raise NoticeError("A notice leads to a page of this site.")
    plain = json.dumps(dict(facts), ensure_ascii=False)
    if holds_plain_id(plain):
        raise NoticeError("A resident ID number does not belong in a notice.")
    keys = (
        to.values_list("pk", flat=True)
        if isinstance(to, QuerySet)
        else (one.pk for one in to if one)
    )
    values: dict[str, Any] = {
        "kind": kind,
        "to": sorted(set(keys)),
        "facts": plain,
        "address": address,
        "once": once,
        "at": at,
        "waiting": DeliveryState.WAITING,
        "channels": open_channels(is_urgent=is_urgent),
        "email": Channel.EMAIL,
        "sms": Channel.SMS,
    }
    if not values["to"]:
        return 0
    [done] = select_rows(_Done, _WRITE, values)
    if done.queued:
        transaction.on_commit(_relay_now)
    return done.written


def withdraw_notices(*, kind: str, once: str, at: datetime) -> int:
    """Take back what was told of this, in the caller's transaction; return how many messages.

    They stand on no page any more, and what has not left yet never does.
    """
    told = Message.objects.filter(kind=kind, once=once, withdrawn_at__isnull=True)
    waiting = Delivery.objects.filter(message__in=told.values("pk"), state__in=DUE_STATES)
    waiting.update(state=DeliveryState.GIVEN_UP, problem="withdrawn")
    return told.update(withdrawn_at=at)


def settle_notices(*, kind: str, to: int, begins: Iterable[str], at: datetime) -> int:
    """What was asked of an account is done, so the messages that asked for it count as read.

    They are those whose `once` begins with one of these; returns how many.
    """
    asked = Message.objects.filter(kind=kind, recipient=to).unread()
    return asked.filter(once__regex=rf"^({'|'.join(map(re.escape, begins))})").update(read_at=at)


def open_channels(*, is_urgent: bool) -> list[Channel]:
    """The channels that this site has set up; SMS costs money, so it is for urgent kinds."""
    channels = []
    if "default" in settings.MAILERS:
        channels.append(Channel.EMAIL)
    if settings.SMS_GATEWAY and is_urgent:
        channels.append(Channel.SMS)
    return channels


def describe_message(message: Message) -> NoticeText:
    """A message in words; a stand-in for a kind that no app knows any more."""
    kind = _kinds.get(message.kind)
    if kind is None:
        return NoticeText(_("A message of an earlier version of the portal"))
    return kind.describe(message.facts)


def sweep_messages(*, at: datetime) -> int:
    """Delete messages older than `KEEP_DAYS`, with their deliveries; return how many rows."""
    return Message.objects.filter(written_at__lt=at - timedelta(days=KEEP_DAYS)).delete()[0]


def _relay_now() -> None:
    """Tell the workers; if the broker is away, the next round of beat relays."""
    if not send_task("backstage.relay_notices"):
        logger.warning("The broker is away; notices wait for the next round.")

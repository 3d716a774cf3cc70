"""Relay messages to the channels that leave the portal: each at most once.

A delivery is marked as being sent and committed before it is handed over. If the worker dies then,
nobody knows whether it left, so it is given up and not sent again: the message stands in the
portal. What certainly was not sent is tried again after growing pauses. Rows are claimed with SKIP
LOCKED, so any number of workers may relay at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import translation

from backstage.channels import OPEN, NoAddressError, NotSentError, Send
from backstage.enums import DUE_STATES, Channel, DeliveryState
from backstage.models import Delivery, Message
from backstage.notices import describe_message

logger = logging.getLogger(__name__)

type Clock = Callable[[], datetime]

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# After the last pause, two days in all, nobody waits for the news any more.
PAUSES = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, 24 * _HOUR)
# The mailer gives up after seconds, so what is still being sent after this long lost its worker.
BROKEN_OFF_AFTER = 15 * _MINUTE
# Mail servers end a connection after so many messages or more.
SENT_PER_CONNECTION = 50
UNCLEAR = "unclear"


def relay_notices(*, clock: Clock) -> int:
    """Send all that is due; return how many were sent. Safe to run twice and at the same time."""
    _give_up_broken_off(clock())
    with translation.override(settings.LANGUAGE_CODE):
        return sum(_relay_by(channel, clock) for channel in Channel)


def give_up_unfinished() -> int:
    """Give up what waited when a restored backup was made: it may have left since; how many."""
    rows = Delivery.objects.filter(state__in=[*DUE_STATES, DeliveryState.SENDING])
    return rows.update(state=DeliveryState.GIVEN_UP, problem=f"{UNCLEAR}: restored")


def _relay_by(channel: Channel, clock: Clock) -> int:
    sent = 0
    while Delivery.objects.due(channel, clock()).exists():
        with ExitStack() as stack:
            try:
                send = stack.enter_context(OPEN[channel]())
            except NotSentError as error:
                _postpone_all(channel, str(error), clock())
                return sent
            done, is_empty = _send_some(channel, send, clock)
        sent += done
        if is_empty:
            break
    return sent


def _send_some(channel: Channel, send: Send, clock: Clock) -> tuple[int, bool]:
    """Send until none is due, one fails, or the connection has served; how many, and if none is."""
    sent = 0
    for _turn in range(SENT_PER_CONNECTION):
        delivery = _claim(channel, clock())
        if delivery is None:
            return sent, True
        state = _send_one(delivery, send, clock)
        if state is None:
            break
        sent += state == DeliveryState.SENT
    return sent, False


@transaction.atomic
def _claim(channel: Channel, at: datetime) -> Delivery | None:
    """The next due delivery, marked as being sent; None if there is none."""
    due = Delivery.objects.due(channel, at).select_related("message__recipient")
    delivery = due.select_for_update(of=("self",), skip_locked=True).first()
    if delivery is not None:
        delivery.state, delivery.tried_at = DeliveryState.SENDING, at
        delivery.attempts += 1
        delivery.save(update_fields=["state", "tried_at", "attempts"])
    return delivery


def _send_one(delivery: Delivery, send: Send, clock: Clock) -> DeliveryState | None:
    """Send a claimed delivery and store what became of it; None if the channel may be broken."""
    row = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING)
    message = delivery.message
    try:
        if not message.recipient.is_active:
            raise NoAddressError  # noqa: TRY301 - a disabled account is told nothing
        send(message, _title_of(message))
    except NoAddressError:
        row.update(state=DeliveryState.GIVEN_UP, problem="no address")
        return DeliveryState.GIVEN_UP
    except NotSentError as error:
        with transaction.atomic():
            _postpone([delivery.pk], delivery.attempts, str(error), clock())
        return None
    except DatabaseError:
        raise  # it stays as being sent, and is given up as broken off
    except Exception as error:  # noqa: BLE001 - a gateway may raise anything
        # The error may quote an address or a number, so only its kind is written down.
        problem = f"{UNCLEAR}: {type(error).__name__}"
        row.update(state=DeliveryState.GIVEN_UP, problem=problem)
        _log_given_up(1, delivery.channel, problem)
        return None
    row.update(state=DeliveryState.SENT, sent_at=clock(), problem="")
    return DeliveryState.SENT


def _title_of(message: Message) -> str:
    """The title in words. Raises NotSentError where the kind cannot say it."""
    try:
        return describe_message(message).title
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - a kind may fail in any way
        raise NotSentError(f"words: {type(error).__name__}") from None


@transaction.atomic
def _postpone_all(channel: Channel, problem: str, at: datetime) -> None:
    """The channel cannot be reached: that is an attempt of everything that is due by it."""
    rows = Delivery.objects.due(channel, at).select_for_update(skip_locked=True)
    found = sorted(rows.values_list("attempts", "pk"))
    for attempts, same in groupby(found, key=itemgetter(0)):
        keys = [key for _attempts, key in same]
        Delivery.objects.filter(pk__in=keys).update(attempts=attempts + 1, tried_at=at)
        _postpone(keys, attempts + 1, problem, at)


def _postpone(keys: list[int], attempts: int, problem: str, at: datetime) -> None:
    """After so many attempts, try again later or give up."""
    rows = Delivery.objects.filter(pk__in=keys)
    problem = problem[:100]
    if attempts <= len(PAUSES):
        due_at = at + PAUSES[attempts - 1]
        rows.update(state=DeliveryState.FAILED, problem=problem, due_at=due_at)
        return
    channel = rows.values_list("channel", flat=True)[0]
    rows.update(state=DeliveryState.GIVEN_UP, problem=problem)
    _log_given_up(len(keys), channel, problem)


def _give_up_broken_off(at: datetime) -> None:
    """Give up what a worker was sending when it died."""
    rows = Delivery.objects.filter(state=DeliveryState.SENDING, tried_at__lt=at - BROKEN_OFF_AFTER)
    for channel in Channel:
        problem = f"{UNCLEAR}: broken off"
        found = rows.filter(channel=channel)
        if n := found.update(state=DeliveryState.GIVEN_UP, problem=problem):
            _log_given_up(n, channel, problem)


def _log_given_up(n: int, channel: str, problem: str) -> None:
    logger.error("%d messages were given up by %s: %s.", n, channel, problem)

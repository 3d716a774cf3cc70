"""Scheduled tasks of this app."""

import logging

from celery import shared_task
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from config.lib.periods import today
from hours.actions.balances import settle_balances as settle
from hours.actions.ledger_check import check_ledger

logger = logging.getLogger(__name__)


@shared_task(name="hours.verify_ledger")
def verify_ledger() -> int:
    """Check the ledger every night; returns the number of findings."""
    check = check_ledger(at=timezone.now(), by=Actor(None, ActorChannel.TASK))
    if check.findings:
        logger.error("The ledger check found %d findings (check %d).", check.findings, check.pk)
    return check.findings


@shared_task(name="hours.settle_balances")
def settle_balances() -> int:
    """Compute again the balances that changes and days made out of date; returns the changes."""
    return settle(on=today())

"""Scheduled work of this app."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.enums import Channel
from accounts.origin import Actor
from trainees.actions.cards import sweep_cards
from trainees.actions.ledger_check import check_ledger
from trainees.actions.register import KEEP_DAYS, discard_forgotten, sweep_imports
from trainees.actions.roll_stages import close_rolls

logger = logging.getLogger(__name__)


@shared_task(name="trainees.verify_ledger")
def verify_ledger() -> int:
    """Check the ledger every night; returns the number of findings."""
    check = check_ledger(at=timezone.now())
    if check.findings:
        logger.error("The ledger check found %d findings (check %d).", check.findings, check.pk)
    return check.findings


@shared_task(name="trainees.close_rolls")
def close_due_rolls() -> int:
    """Close the submitted rolls whose deadline has passed; returns how many."""
    return close_rolls(by=Actor(None, Channel.TASK), at=timezone.now())


@shared_task(name="trainees.sweep_cards")
def sweep_old_cards() -> int:
    """Erase the codes of cards that may no longer be printed; returns how many."""
    return sweep_cards(at=timezone.now())


@shared_task(name="trainees.sweep_imports")
def sweep_old_imports() -> int:
    """Give up forgotten imports, and delete the rows of old ones; returns how many rows."""
    now = timezone.now()
    discard_forgotten(by=Actor(None, Channel.TASK), at=now)
    return sweep_imports(before=now - timedelta(days=KEEP_DAYS))

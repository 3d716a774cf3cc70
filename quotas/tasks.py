"""Scheduled work of this app."""

from celery import shared_task
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from config.lib.periods import local_date
from quotas.actions.reconciliations import start_reconciliation


@shared_task(name="quotas.rehearse_reconciliation")
def rehearse_reconciliation() -> None:
    """Rehearse the reconciliation of the running year; another of the day takes its place."""
    now = timezone.now()
    by = Actor(None, ActorChannel.TASK)
    start_reconciliation(year=local_date(now).year, is_rehearsal=True, by=by, at=now)

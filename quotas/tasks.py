"""Scheduled work of this app."""

from celery import shared_task
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from config.lib.periods import local_date
from quotas.actions.reconciliations import start_reconciliation
from quotas.actions.warnings import warn_of_shortfalls


@shared_task(name="quotas.rehearse_reconciliation")
def rehearse_reconciliation() -> None:
    """Rehearse the reconciliation of the running year; another of the day takes its place."""
    now = timezone.now()
    by = Actor(None, ActorChannel.TASK)
    start_reconciliation(year=local_date(now).year, is_rehearsal=True, by=by, at=now)


@shared_task(name="quotas.warn_of_shortfalls")
def warn() -> int:
    """Warn schools and members who will fall short, each once a year; returns how many."""
    return warn_of_shortfalls(by=Actor(None, ActorChannel.TASK), at=timezone.now())

"""Scheduled work of this app."""

from celery import shared_task
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from quotas.actions.warnings import warn_of_shortfalls


@shared_task(name="quotas.warn_of_shortfalls")
def warn() -> int:
    """Warn schools and members who will fall short, each once a year; returns how many."""
    return warn_of_shortfalls(by=Actor(None, ActorChannel.TASK), at=timezone.now())

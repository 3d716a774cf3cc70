"""Scheduled tasks of this app."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from trainees.actions.register import KEEP_DAYS, discard_forgotten, sweep_imports


@shared_task(name="trainees.sweep_imports")
def sweep_old_imports() -> int:
    """Discard forgotten imports, and delete the rows of old ones; returns how many rows."""
    now = timezone.now()
    discard_forgotten(by=Actor(None, ActorChannel.TASK), at=now)
    return sweep_imports(before=now - timedelta(days=KEEP_DAYS))

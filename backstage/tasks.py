"""Scheduled work of this app."""

from celery import shared_task
from django.utils import timezone

from backstage.idempotency import sweep_keys


@shared_task(name="backstage.sweep_idempotency_keys")
def sweep_idempotency_keys() -> int:
    """Forget old idempotency keys; returns how many."""
    return sweep_keys(at=timezone.now())

"""Scheduled work of this app."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.sweep_sessions")
def sweep_sessions() -> None:
    """Delete expired sessions."""
    call_command("clearsessions")

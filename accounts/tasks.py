"""Scheduled tasks of this app."""

from celery import shared_task
from django.utils import timezone

from accounts.activation import sweep_codes
from accounts.chain import sealing
from accounts.guessing import sweep_guesses
from accounts.sessions import SessionStore


@shared_task(name="accounts.sweep_sessions")
def sweep_sessions() -> None:
    """Delete expired sessions."""
    SessionStore.clear_expired()


@shared_task(name="accounts.sweep_activation_codes")
def sweep_activation_codes() -> int:
    """End expired codes, erase text too old to print, forget old guesses; count ended codes."""
    sweep_guesses(at=timezone.now())
    return sweep_codes(at=timezone.now())


@shared_task(name="accounts.seal_acts")
def seal_acts() -> int:
    """Seal the acts that were signed since the last seal; return how many."""
    return sealing.seal_acts(at=timezone.now())

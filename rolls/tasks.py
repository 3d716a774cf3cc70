"""Scheduled work of this app."""

from celery import shared_task
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from rolls.actions.cards import sweep_cards
from rolls.actions.roll_stages import close_rolls


@shared_task(name="rolls.close_rolls")
def close_due_rolls() -> int:
    """Close submitted rolls past their deadline; returns how many."""
    return close_rolls(by=Actor(None, ActorChannel.TASK), at=timezone.now())


@shared_task(name="rolls.sweep_cards")
def sweep_old_cards() -> int:
    """Erase the codes of cards that may no longer be printed; returns how many."""
    return sweep_cards(at=timezone.now())

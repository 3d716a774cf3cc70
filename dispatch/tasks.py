"""Scheduled work of this app."""

from celery import shared_task
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from dispatch.actions.following import note_taught_letters
from dispatch.actions.proposals import lapse_engagements


@shared_task(name="dispatch.lapse_engagements")
def lapse_late_engagements() -> int:
    """Let proposals lapse that nobody answered in time; returns how many."""
    return lapse_engagements(by=Actor(None, ActorChannel.TASK), at=timezone.now())


@shared_task(name="dispatch.note_taught_letters")
def note_taught() -> int:
    """Note the letters whose classes were taught; returns how many."""
    return note_taught_letters(by=Actor(None, ActorChannel.TASK), at=timezone.now())

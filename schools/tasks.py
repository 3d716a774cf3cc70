"""Scheduled tasks of this app."""

from celery import shared_task
from django.utils import timezone

from schools.actions.organisations import take_up_names


@shared_task(name="schools.take_up_names")
def take_up_names_due() -> int:
    """Apply the organisation names that are due; return how many."""
    return take_up_names(at=timezone.now())

"""Receivers for signals of lower apps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.origin import Actor
from classes.actions.enrolments import let_in_waiting
from courses.models import TrainingClass
from courses.signals import places_changed


@receiver(places_changed, dispatch_uid="classes.let_in_who_waits")
def let_in_who_waits(
    training_class: TrainingClass, field: str, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """A larger class or venue has places for waiting members; a smaller one keeps its trainees."""
    let_in_waiting(training_class=training_class, field=field, by=by, at=at)

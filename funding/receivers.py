"""Receivers for signals of lower apps: what a class costs follows its plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.dispatch import receiver

from accounts.origin import Actor
from courses.models import Session, TrainingClass
from courses.signals import class_planned, places_changed, session_saved, sessions_called_off
from funding.actions.class_costs import follow_class


@receiver(class_planned, dispatch_uid="funding.reserve_for_planned_class")
def reserve_for_planned_class(
    training_class: TrainingClass, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """A class that is planned reserves what it costs; one of a booking is planned by its letter."""
    follow_class(training_class, by=by, at=at)


@receiver(session_saved, dispatch_uid="funding.follow_changed_session")
def follow_changed_session(
    session: Session, stored: Session | None, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """A session that moved, or has another lecturer, costs something else."""
    if stored is not None:
        follow_class(session.training_class, by=by, at=at)


@receiver(sessions_called_off, dispatch_uid="funding.follow_called_off")
def follow_called_off(sessions: Sequence[Session], by: Actor, at: datetime, **_kwargs: Any) -> None:
    """Sessions that are called off cost nothing."""
    follow_class(sessions[0].training_class, by=by, at=at)


@receiver(places_changed, dispatch_uid="funding.follow_places")
def follow_places(
    sender: type[Model], training_class: TrainingClass, by: Actor, at: datetime, **_kwargs: Any
) -> None:
    """For fewer or more people a class costs less or more; a session tells of itself."""
    if sender is not Session:
        follow_class(training_class, by=by, at=at)

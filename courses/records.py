"""Planning sessions: their date is computed, and what a roll stands on stays as it is."""

from typing import Any

from django.db import transaction

from accounts.origin import Actor
from accounts.records import lock_row, save_record
from config.lib.periods import local_date
from courses.models import Session
from courses.signals import session_changing

# What attendance and credit hours were recorded under.
SETTLED_BY_ROLL = (
    "training_class_id",
    "course_id",
    "venue_id",
    "starts_at",
    "ends_at",
    "held_on",
    "hours",
)


def save_session(*, obj: Session, by: Actor, **how: Any) -> bool:
    """Store a session with the date in Asia/Shanghai of its start. Raises RecordError.

    The app above objects through `session_changing` once a roll exists.
    """
    obj.held_on = local_date(obj.starts_at)
    with transaction.atomic():
        if not obj._state.adding:
            # Locked against new references as well, so that no roll begins meanwhile.
            stored = lock_row(obj)
            if any(getattr(stored, name) != getattr(obj, name) for name in SETTLED_BY_ROLL):
                session_changing.send(Session, session=stored)
        return save_record(obj=obj, by=by, computed=["held_on"], **how)

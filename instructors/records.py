"""Lecturers, their accounts, and their letters of appointment."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions import end_sessions
from accounts.activation import end_codes
from accounts.interests import own_accounts, refuse_own_accounts
from accounts.origin import Actor
from accounts.records import RecordError, lock_row, save_record
from instructors.models import AppointmentLetter, Instructor, Nomination


def save_instructor(*, obj: Instructor, by: Actor, **kwargs: Any) -> bool:
    """Store a lecturer. If the account is new to the lecturer, its open code ends.

    The open sessions of an account that is no longer the lecturer's end. Raises RecordError.
    """
    with transaction.atomic():
        former = None if obj._state.adding else lock_row(obj, no_key=True).user_id
        if former != obj.user_id:
            refuse_own_accounts(by, [key for key in (former, obj.user_id) if key], RecordError)
            _refuse_who_appointed(obj)
        if obj.user_id and former != obj.user_id:
            end_codes(obj.user_id)
        changed = save_record(obj=obj, by=by, **kwargs)
        if former and former != obj.user_id:
            end_sessions(former)
        return changed


def _refuse_who_appointed(obj: Instructor) -> None:
    """Nobody becomes the lecturer whom they nominated or appointed. Raises RecordError."""
    own = own_accounts(obj.user)
    acted = Q(nominated_by__in=own) | Q(decided_by__in=own)
    if Nomination.objects.filter(acted, instructor=obj.pk).exists():
        message = _("This person nominated or appointed this lecturer, so they are two people.")
        raise RecordError(message, field="user")


def save_letter(*, obj: AppointmentLetter, by: Actor, on: date, **kwargs: Any) -> bool:
    """Store a letter of appointment; a new one must be signed by the day `on`.

    Raises RecordError.
    """
    if obj.instructor.user_id:
        refuse_own_accounts(by, [obj.instructor.user_id], RecordError)
    if obj._state.adding and obj.signed_on > on:
        message = _("A letter that is not signed yet is recorded once it is.")
        raise RecordError(message, field="signed_on")
    return save_record(obj=obj, by=by, **kwargs)

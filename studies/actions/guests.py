"""Guests of a study: adding one requires number and name, and the member is informed."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.roles import acting_roles
from studies.queries.studies import find_guest
from trainees.models import Member


def look_up_guest(*, number: str, name: str, on: date, by: Actor, at: datetime) -> Member | None:
    """The member with this number and name who belongs to an organisation on the day `on`.

    A match is recorded in the audit trail and on the member's page; a mismatch reveals nothing: it
    returns None. Raises PermissionDenied.
    """
    if by.user is None:
        raise PermissionDenied
    with transaction.atomic():
        guest = find_guest(number, name, on)
        if guest is not None:
            record_act(
                act="look_up_guest",
                obj=Member(pk=guest.pk, name=guest.number),
                by=by,
                at=at,
                after={"roles": acting_roles(by.user)},
            )
    return guest

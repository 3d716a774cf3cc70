"""Members of any school, named by number and name together; each look is in the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from accounts.roles import acting_roles
from classes.errors import RosterError
from config.lib.names import name_key
from trainees.models import Member


class Guest(NamedTuple):
    """A member as a clerk names them who may not see them: neither alone is enough."""

    number: str
    name: str


def find_guest_member(guest: Guest) -> Member:
    """The member with this number and name. Raises RosterError, the same for either being wrong."""
    member = Member.objects.filter(number=guest.number, merged_into=None).first()
    if member is None or name_key(member.name) != name_key(guest.name):
        raise RosterError(_("Number and name fit no member together."), field="number")
    return member


@transaction.atomic
def look_up_guest_member(guest: Guest, *, by: Actor, at: datetime) -> Member:
    """Like `find_guest_member`; the member sees on their page who looked."""
    member = find_guest_member(guest)
    record_act(
        act="look_up_guest",
        obj=Member(pk=member.pk, name=member.number),
        by=by,
        at=at,
        after={"roles": acting_roles(person_of(by))},
    )
    return member

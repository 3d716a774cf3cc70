"""Access to a member's hours by other users is audited, and the member can see it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from accounts.roles import roles_told
from trainees.models import Member
from years.queries.hours import MemberYear


def record_access(*, act: str, found: MemberYear, by: Actor, at: datetime) -> None:
    """Record the `act` by which the actor saw this year of a member, and the actor's roles."""
    with transaction.atomic():
        record_act(
            act=act,
            obj=Member(pk=found.member_id, name=found.number),
            by=by,
            at=at,
            school_code=found.school_code or "",
            after={"year": found.year, "roles": roles_told(person_of(by))}
            | ({"on": found.as_known_on} if found.as_known_on else {}),
        )

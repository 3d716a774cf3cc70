"""Access to a member's hours by other users is audited, and the member can see it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_act
from accounts.origin import Actor, person_of
from accounts.roles import acting_roles
from trainees.models import Member
from years.queries.hours import MemberYear


def record_access(*, act: str, member_year: MemberYear, by: Actor, at: datetime) -> None:
    """Record the `act` by which the actor saw this year of a member, and the actor's roles."""
    with transaction.atomic():
        record_act(
            act=act,
            obj=Member(pk=member_year.member_id, name=member_year.number),
            by=by,
            at=at,
            school_code=member_year.school_code or "",
            after={"year": member_year.year, "roles": acting_roles(person_of(by))}
            | ({"on": member_year.as_known_on} if member_year.as_known_on else {}),
        )

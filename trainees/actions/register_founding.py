"""Founding the organisations that a register proposed and an officer ticked."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from accounts.origin import Actor
from schools.actions.organisations import add_organisation
from schools.queries.proposals import parents_first
from trainees.models import RegisterImport

# The rows refer to the organisation from now on.
_NAME_ORGANISATION = """
UPDATE trainees_registerrow
SET organisation_id = %(organisation)s,
    changes = CASE WHEN changes ? 'organisation'
                   THEN jsonb_set(changes, '{organisation,1}', to_jsonb(%(organisation)s::bigint))
                   ELSE changes END
WHERE proposal_id = %(proposal)s
"""


def found_proposed(register: RegisterImport, by: Actor, at: datetime) -> None:
    """Found what was ticked, from the day of the register, the higher ones first.

    Runs in the transaction of the import. Raises SchoolsError.
    """
    ticked = register.proposals.filter(is_ticked=True).select_related("township").in_bulk()
    founded: dict[int | None, int] = {}
    for key in parents_first({key: ticked[key].parent_proposal_id for key in ticked}):
        proposal = ticked[key]
        organisation = add_organisation(
            parent_id=proposal.parent_id or founded[proposal.parent_proposal_id],
            code=proposal.code,
            name=proposal.name,
            kind=proposal.kind,
            township=proposal.township,
            village=None,
            on=register.as_of,
            by=by,
            at=at,
        )
        founded[key] = organisation.pk
        with connection.cursor() as cursor:
            values = {"organisation": organisation.pk, "proposal": proposal.pk}
            cursor.execute(_NAME_ORGANISATION, values)

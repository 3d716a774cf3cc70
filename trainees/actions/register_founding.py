"""Founding the organisations that a register proposed and an officer ticked."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from accounts.origin import Actor
from schools.actions.organisations import add_organisation
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
    """Found what was ticked, from the day of the register. Raises SchoolsError.

    Runs in the transaction of the import.
    """
    ticked = register.proposals.filter(is_ticked=True).select_related("township")
    for proposal in ticked.order_by("code"):
        organisation = add_organisation(
            parent_id=proposal.parent_id or 0,
            code=proposal.code,
            name=proposal.name,
            kind=proposal.kind,
            township=proposal.township,
            village=None,
            on=register.as_of,
            by=by,
            at=at,
        )
        with connection.cursor() as cursor:
            values = {"organisation": organisation.pk, "proposal": proposal.pk}
            cursor.execute(_NAME_ORGANISATION, values)

"""What a signature is of, and whose signatures of a run somebody may not countersign."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from accounts.interests import own_accounts, own_rows
from accounts.models import User
from config.lib.rows import select_value
from hours.models import CreditEntry
from quotas.models import Reconciliation, StatementSignature, YearStatement
from quotas.permissions import schools_spoken_for
from quotas.queries.results import COLUMNS
from quotas.queries.statements import list_claimed

# Branch by branch, so that a district of a million members is not one text.
_DIGEST_RESULTS = f"""
SELECT encode(sha256(coalesce(string_agg(digest, ''::bytea ORDER BY branch), ''::bytea)), 'hex')
FROM (SELECT organisation_id AS branch, sha256(convert_to(
          string_agg(ROW({COLUMNS})::text, E'\\n' ORDER BY member_id), 'UTF8')) AS digest
      FROM quotas_memberresult
      WHERE reconciliation_id = %(run)s AND (%(school)s::bigint IS NULL OR school_id = %(school)s)
      GROUP BY organisation_id) branches
"""  # noqa: S608 - fixed text, no input


def hash_signed(
    run: Reconciliation, school_id: int | None, claims: Iterable[dict[str, Any]]
) -> str:
    """The SHA-256 (hex) over what is signed: the result of each member, and each line of the task.

    `claims` are those lines as `list_claimed` has them. Names are left out: they may change.
    """
    results = select_value(_DIGEST_RESULTS, {"run": run.pk, "school": school_id})
    fields = ("measure", "audience", "claimed", "done")
    signed = [results, [[line[field] for field in fields] for line in claims]]
    return sha256(json.dumps(signed).encode()).hexdigest()


def is_as_signed(signature: StatementSignature) -> bool:
    """Whether the results and the lines of the task are those that were signed."""
    run, school_id = signature.reconciliation, signature.school_id
    issued = YearStatement.objects.filter(signature=signature).first()
    claims = issued.facts["claims"] if issued else list_claimed(run, school_id, signature.signed_at)
    return signature.signed_hash in {"", hash_signed(run, school_id, claims)}


@dataclass(frozen=True)
class Interests:
    """What a person has to do with the results of a run, under all their accounts and rows.

    `schools` are those that they speak for, or in which a result of theirs stands; `is_served` is
    whether they posted hours of the year to themselves.
    """

    accounts: frozenset[int]
    schools: frozenset[int]
    is_served: bool

    def bar(self, signature: StatementSignature) -> bool:
        """Whether somebody else countersigns this, as `countersign_statement` refuses."""
        return (
            self.is_served
            or signature.signed_by_id in self.accounts
            or signature.school_id in self.schools
        )


def read_interests(user: User, run: Reconciliation, on: date) -> Interests:
    """The same number of statements for any number of schools."""
    rows, accounts = own_rows(user), own_accounts(user)
    of_results = run.results.filter(member__in=rows, school__isnull=False)
    posted = CreditEntry.objects.filter(
        credit_year=run.year, member__in=rows, posted_by__in=accounts
    )
    stands_in = set(of_results.order_by().values_list("school", flat=True))
    return Interests(accounts, frozenset(schools_spoken_for(user, on) | stands_in), posted.exists())

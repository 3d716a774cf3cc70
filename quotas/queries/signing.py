"""Whose signatures of a run somebody may not countersign, for pages that offer it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.interests import own_accounts, own_rows
from accounts.models import User
from hours.models import CreditEntry
from quotas.models import Reconciliation, StatementSignature
from quotas.permissions import schools_spoken_for


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

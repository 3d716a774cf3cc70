"""Lists of this app: the rows that a user may see, narrowed by filters.

A page shows them in parts, an export shows all of them.
"""

from __future__ import annotations

from config.lib.filters import Filters, ListRequest
from hours.models import CreditEntry
from hours.querysets import CreditEntryQuerySet


def entries(asked: ListRequest, filters: Filters) -> CreditEntryQuerySet:
    """Entries of the credit-hour ledger, reversals included."""
    return (
        filters.apply(CreditEntry.objects.visible_to(asked.user, asked.today))
        .select_related("member", "organisation", "school", "posted_by")
        .order_by("-occurred_on", "-id")
    )

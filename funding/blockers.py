"""What of the money blocks the close of a year."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from funding.enums import CommitmentState
from funding.filters import UNSETTLED
from funding.models import Commitment
from quotas.blocker_registry import Blocker, Counts, register_blocker


def register_blockers() -> None:
    """Register the kind."""
    register_blocker(OPEN_COSTS)


def _count_open(year: int, _now: datetime) -> Counts:
    costs = Commitment.objects.filter(year=year).with_stages()
    still_open = costs.exclude(state=CommitmentState.SETTLED).order_by().values("pk")
    schools = Commitment.objects.filter(pk__in=still_open).order_by().values_list("school")
    return dict(schools.annotate(n=Count("pk")))


def _list_open(year: int, school: int | None) -> str:
    query = {"state": UNSETTLED, "year": year, "school": school}
    chosen = {name: value for name, value in query.items() if value is not None}
    return f"{reverse('funding:commitments')}?{urlencode(chosen)}"


OPEN_COSTS = Blocker(
    key="open_costs",
    label=_("Costs that are reserved or approved and neither paid nor released"),
    who=_("custodian, approver and payer of the money"),
    count=_count_open,
    address=_list_open,
    rank=80,
)

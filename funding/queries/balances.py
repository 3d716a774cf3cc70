"""What the accounts of the fund ledger hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from funding.amounts import ZERO
from funding.enums import HELD, Purpose, Stage
from funding.querysets import FundLegQuerySet
from schools.enums import FundingChannel


@dataclass
class Balance:
    """What was granted to a school in a year through a channel for a purpose, and where it is."""

    school_id: int
    channel: str
    year: int
    purpose: str
    stages: dict[str, Decimal] = field(default_factory=dict)

    @property
    def granted(self) -> Decimal:
        """All that was given, less what was carried over into the next year."""
        return sum((self.stages.get(stage, ZERO) for stage in HELD), ZERO)

    @property
    def available(self) -> Decimal:
        return self.stages.get(Stage.AVAILABLE, ZERO)

    @property
    def committed(self) -> Decimal:
        return self.stages.get(Stage.COMMITTED, ZERO)

    @property
    def approved(self) -> Decimal:
        return self.stages.get(Stage.APPROVED, ZERO)

    @property
    def paid(self) -> Decimal:
        return self.stages.get(Stage.PAID, ZERO)

    @property
    def channel_label(self) -> str:
        return str(FundingChannel(self.channel).label)

    @property
    def purpose_label(self) -> str:
        return str(Purpose(self.purpose).label)


def list_balances(legs: FundLegQuerySet) -> list[Balance]:
    """The balances of what these legs move, by school, year, channel and purpose; one statement.

    Narrow the legs to a moment (`as_of`) for the balances of then.
    """
    sums = legs.order_by().values_list("school", "channel", "year", "purpose", "stage")
    made: dict[tuple[int, str, int, str], Balance] = {}
    for school, channel, year, purpose, stage, amount in sums.annotate(Sum("amount")):
        key = (school, channel, year, purpose)
        made.setdefault(key, Balance(*key)).stages[stage] = amount
    order = {value: number for number, value in enumerate([*FundingChannel, *Purpose])}
    return sorted(
        made.values(),
        key=lambda one: (-one.year, one.school_id, order[one.channel], order[one.purpose]),
    )


def add_up(balances: Iterable[Balance]) -> Balance:
    """The total of balances; what they differ in says nothing."""
    total: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for balance in balances:
        for stage, amount in balance.stages.items():
            total[stage] += amount
    return Balance(0, "", 0, "", dict(total))

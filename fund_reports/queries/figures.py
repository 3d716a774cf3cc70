"""Budget, commitments and payments of a year, by school, channel, purpose and month.

The budget is what was carried in and allocated, so a carry-over after the close does not move it.
All three are sums of legs of the fund ledger, so each opens down to the transactions that make it.
The month is that of the posting; money of a year also moves before it begins and after it ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce, ExtractMonth, ExtractYear

from config.lib.filters import Filters, ListRequest
from config.lib.periods import LocalDate, months_of
from fund_reports.enums import STAGES_OF, Figure
from funding.amounts import ZERO
from funding.enums import TransactionKind
from funding.models import FundLeg, FundTransaction
from funding.querysets import FundLegQuerySet

# The places of what was posted before the year began, and after its end, beside the months 1 to 12.
BEFORE, AFTER = 0, 13
# A reversal is of the kind of what it reverses, with the sign turned.
FORWARD: dict[str, Any] = {
    "of_kind": Coalesce("transaction__reverses__kind", "transaction__kind"),
    "forward": Case(When(transaction__reverses=None, then=F("amount")), default=-F("amount")),
}
CARRIED_OUT = Q(of_kind=TransactionKind.CARRY_OVER, forward__lt=0)
MONTHS = range(BEFORE, AFTER + 1)


@dataclass
class FigureSums:
    """Budget, commitments and payments (yuan)."""

    amounts: dict[Figure, Decimal] = field(default_factory=lambda: dict.fromkeys(Figure, ZERO))

    def add(self, other: FigureSums) -> None:
        for figure, amount in other.amounts.items():
            self.amounts[figure] += amount

    @property
    def share(self) -> Decimal | None:
        """How much of the budget is paid in per cent, one decimal; None without a budget."""
        budget = self.amounts[Figure.BUDGET]
        return round(self.amounts[Figure.PAYMENTS] * 100 / budget, 1) if budget > 0 else None


@dataclass(frozen=True)
class FigureRow:
    """The figures of a school, channel, purpose and month."""

    school: int
    channel: str
    purpose: str
    month: int
    sums: FigureSums


def seen_legs(asked: ListRequest, filters: Filters) -> FundLegQuerySet:
    """The legs of the chosen money that the person sees."""
    legs = FundLeg.objects.visible_to(asked.user, asked.today)
    return legs.filter(**of_fund(filters), **of_legs(filters))


def read_figures(legs: FundLegQuerySet, year: int) -> list[FigureRow]:
    """What these legs of a year make, by school, channel, purpose and month. One statement."""
    posted = legs.alias(posted_on=LocalDate("transaction__posted_at"), **FORWARD).annotate(
        in_year=ExtractYear("posted_on"), in_month=ExtractMonth("posted_on")
    )
    keys = ("school", "channel", "purpose", "in_year", "in_month")
    sums = {
        figure.value: Sum("amount", filter=Q(stage__in=stages) & ~CARRIED_OUT, default=ZERO)
        for figure, stages in STAGES_OF.items()
    }
    return [
        FigureRow(
            row["school"],
            row["channel"],
            row["purpose"],
            _place(year, row["in_year"], row["in_month"]),
            FigureSums({figure: row[figure.value] for figure in Figure}),
        )
        for row in posted.order_by().values(*keys).annotate(**sums)
    ]


def group[Key: Hashable](
    rows: Iterable[FigureRow], key_of: Callable[[FigureRow], Key]
) -> dict[Key, FigureSums]:
    """The sums of the rows by a key; keys without any money are left out."""
    made: defaultdict[Key, FigureSums] = defaultdict(FigureSums)
    for row in rows:
        made[key_of(row)].add(row.sums)
    return {key: sums for key, sums in made.items() if any(sums.amounts.values())}


def add_up_figures(rows: Iterable[FigureRow]) -> FigureSums:
    """The total."""
    total = FigureSums()
    for row in rows:
        total.add(row.sums)
    return total


def list_moves(asked: ListRequest, filters: Filters) -> QuerySet[FundTransaction]:
    """The transactions behind a figure, the newest first; their `amount` is what they add to it.

    As in `sum_moves`, what was carried out of the year is left out, and so is its reversal: both
    are told by their kind and by the sign of the sum of their legs in these stages.
    """
    stages = STAGES_OF[Figure(filters.value("figure"))]
    moved = {f"legs__{name}": value for name, value in of_legs(filters).items()}
    seen = FundTransaction.objects.visible_to(asked.user, asked.today)
    rows = seen.filter(**of_fund(filters), **moved, legs__stage__in=stages)
    if filters.value("fund_month"):
        days = days_of(int(filters.value("year")), int(filters.value("fund_month")))
        rows = rows.alias(posted_on=LocalDate("posted_at")).filter(**days)
    carried = TransactionKind.CARRY_OVER
    return (
        rows.annotate(amount=Sum("legs__amount"))
        .exclude(amount=0)
        .exclude(kind=carried, amount__lt=0)
        .exclude(reverses__kind=carried, amount__gt=0)
        .select_related("school", "allocation", "commitment", "posted_by")
        .order_by("-posted_at", "-pk")
    )


def sum_moves(asked: ListRequest, filters: Filters) -> Decimal:
    """What these transactions add to the figure together (yuan)."""
    legs = seen_legs(asked, filters).filter(stage__in=STAGES_OF[Figure(filters.value("figure"))])
    if filters.value("fund_month"):
        days = days_of(int(filters.value("year")), int(filters.value("fund_month")))
        legs = legs.alias(posted_on=LocalDate("transaction__posted_at")).filter(**days)
    legs = legs.alias(**FORWARD).exclude(CARRIED_OUT)
    total: Decimal = legs.aggregate(total=Sum("amount", default=ZERO))["total"]
    return total


def days_of(year: int, month: int) -> dict[str, date]:
    """The days of a month, or before or after the year, as conditions on `posted_on`."""
    if month == BEFORE:
        return {"posted_on__lt": date(year, 1, 1)}
    if month == AFTER:
        return {"posted_on__gt": date(year, 12, 31)}
    days = months_of(year, month, month)
    return {"posted_on__gte": days.lower, "posted_on__lt": days.upper}


def _place(year: int, in_year: int, in_month: int) -> int:
    if in_year == year:
        return in_month
    return BEFORE if in_year < year else AFTER


def of_fund(filters: Filters) -> dict[str, Any]:
    """Conditions on legs and transactions: the chosen school and channel."""
    chosen = {"school": filters.value("school"), "channel": filters.value("fund_channel")}
    return {name: value for name, value in chosen.items() if value}


def of_legs(filters: Filters) -> dict[str, Any]:
    """Conditions on legs: the year of the money, and the chosen purpose."""
    purpose = filters.value("purpose")
    return {"year": int(filters.value("year"))} | ({"purpose": purpose} if purpose else {})

"""The account of a school's money of one channel in a year, from opening to closing balance.

What was carried in, and what was allocated and adjusted, less what was paid, is what is left. That
is available, bound by a cost, or carried over. Each is a sum of legs of the fund ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Prefetch, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from config.lib.filters import Filters, ListRequest
from finance.enums import STAGES_OF, Figure
from finance.queries.figures import seen_legs
from funding.amounts import ZERO
from funding.enums import HELD, Purpose, Stage, TransactionKind
from funding.models import FundTransaction, PaymentVoucher


@dataclass
class AccountSums:
    """The account of a purpose, or of all (yuan)."""

    opening: Decimal = ZERO
    allocated: Decimal = ZERO
    paid: Decimal = ZERO
    bound: Decimal = ZERO
    carried: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        """What is left at the end of the year, before anything is carried over."""
        return self.opening + self.allocated - self.paid

    @property
    def figures(self) -> dict[Figure, Decimal]:
        """What its transactions add to budget, commitments and payments together."""
        return {
            Figure.BUDGET: self.opening + self.allocated - self.carried,
            Figure.COMMITMENTS: self.bound + self.paid,
            Figure.PAYMENTS: self.paid,
        }

    @property
    def available(self) -> Decimal:
        """What of it is bound by no cost and was not carried over."""
        return self.closing - self.bound - self.carried

    def add(self, other: AccountSums) -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True)
class FundAccount:
    """The account by purpose, in their order."""

    by_purpose: dict[Purpose, AccountSums]

    @property
    def total(self) -> AccountSums:
        """All purposes together."""
        whole = AccountSums()
        for one in self.by_purpose.values():
            whole.add(one)
        return whole


# A reversal is of the kind of what it reverses, with the sign turned.
_KIND = Coalesce("transaction__reverses__kind", "transaction__kind")
_SIGN = Case(When(transaction__reverses=None, then=F("amount")), default=-F("amount"))


def read_account(asked: ListRequest, filters: Filters) -> FundAccount:
    """The account of the chosen school, channel and year. One statement."""
    legs = seen_legs(asked, filters).order_by().alias(of_kind=_KIND, forward=_SIGN)
    is_carried = Q(of_kind=TransactionKind.CARRY_OVER, stage=Stage.AVAILABLE)
    sums: dict[str, Any] = {
        "opening": Sum("amount", filter=is_carried & Q(forward__gt=0), default=ZERO),
        "carried": Sum(-F("amount"), filter=is_carried & Q(forward__lt=0), default=ZERO),
        "allocated": Sum(-F("amount"), filter=Q(stage=Stage.GRANTED), default=ZERO),
        "paid": Sum("amount", filter=Q(stage=Stage.PAID), default=ZERO),
        "bound": Sum("amount", filter=Q(stage__in=(Stage.COMMITTED, Stage.APPROVED)), default=ZERO),
    }
    found = {row.pop("purpose"): row for row in legs.values("purpose").annotate(**sums)}
    by_purpose = {
        purpose: AccountSums(**found[purpose.value])
        for purpose in Purpose
        if purpose.value in found
    }
    return FundAccount(by_purpose)


def list_account(asked: ListRequest, filters: Filters) -> QuerySet[FundTransaction]:
    """Transactions of the account that move one of the three figures, the oldest first.

    Each has what it adds to `budget`, `commitments` and `payments`, its `own_legs` and vouchers.
    """
    legs = seen_legs(asked, filters)
    year = int(filters.value("year"))
    figures = {
        figure.value: Sum(
            "legs__amount", filter=Q(legs__year=year, legs__stage__in=stages), default=ZERO
        )
        for figure, stages in STAGES_OF.items()
    }
    purposes = Prefetch("legs", legs.filter(stage__in=HELD).order_by("pk"), to_attr="own_legs")
    vouchers = PaymentVoucher.objects.select_related("voucher__file").order_by("pk")
    nothing = dict.fromkeys(figures, 0)
    return (
        FundTransaction.objects.filter(pk__in=legs.values("transaction"))
        .annotate(**figures)
        .exclude(**nothing)
        .select_related("allocation", "commitment", "posted_by", "reverses")
        .prefetch_related(purposes, Prefetch("vouchers", vouchers))
        .order_by("posted_at", "number")
    )

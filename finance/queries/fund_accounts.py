"""The account of a school's money of one channel in a year, from opening to closing balance.

What was carried in, and what was allocated and adjusted, less what was paid, is what is left. That
is available, bound by a cost, or carried over. Each is a sum of legs of the fund ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from config.lib.filters import Filters, ListRequest
from finance.enums import STAGES_OF, Figure
from finance.queries.figures import CARRIED_OUT, FORWARD, seen_legs
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
    def columns(self) -> list[Decimal]:
        """What its transactions add to each column together."""
        return [
            self.opening + self.allocated - self.carried,
            self.bound + self.paid,
            self.paid,
        ]

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


# What a transaction adds to each column of the account, as stages.
COLUMNS = {
    "received": HELD,
    "commitments": STAGES_OF[Figure.COMMITMENTS],
    "payments": STAGES_OF[Figure.PAYMENTS],
}
COLUMN_LABELS = {
    "received": _("allocated and carried"),
    "commitments": Figure.COMMITMENTS.label,
    "payments": Figure.PAYMENTS.label,
}


def read_account(asked: ListRequest, filters: Filters) -> FundAccount:
    """The account of the chosen school, channel and year. One statement."""
    legs = seen_legs(asked, filters).order_by().alias(**FORWARD)
    carried_in = Q(of_kind=TransactionKind.CARRY_OVER, forward__gt=0)
    sums: dict[str, Any] = {
        "opening": Sum("amount", filter=carried_in, default=ZERO),
        "carried": Sum(-F("amount"), filter=CARRIED_OUT, default=ZERO),
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
    """Transactions of the account that move one of its columns, the oldest first.

    Each has what it adds to `received`, `commitments` and `payments`, its `own_legs` and vouchers.
    """
    legs = seen_legs(asked, filters)
    year = int(filters.value("year"))
    columns = {
        name: Sum("legs__amount", filter=Q(legs__year=year, legs__stage__in=stages), default=ZERO)
        for name, stages in COLUMNS.items()
    }
    purposes = Prefetch("legs", legs.filter(stage__in=HELD).order_by("pk"), to_attr="own_legs")
    vouchers = PaymentVoucher.objects.select_related("voucher__file").order_by("pk")
    nothing = dict.fromkeys(columns, 0)
    return (
        FundTransaction.objects.filter(pk__in=legs.values("transaction"))
        .annotate(**columns)
        .exclude(**nothing)
        .select_related("allocation", "commitment", "posted_by", "reverses")
        .prefetch_related(purposes, Prefetch("vouchers", vouchers))
        .order_by("posted_at", "number")
    )

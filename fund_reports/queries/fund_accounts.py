"""The account of a school's money of one channel in a year, from opening to closing balance.

What was carried in, and what was allocated and adjusted, less what was paid, is what is left. That
is available, bound by a cost, or carried over. Each is a sum of legs of the fund ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from config.lib.filters import Filters, ListRequest
from fund_reports.enums import STAGES_OF, Figure
from fund_reports.queries.figures import CARRIED_OUT, FORWARD, of_fund, of_legs, seen_legs
from funding.amounts import ZERO
from funding.enums import HELD, Purpose, Stage, TransactionKind
from funding.models import FundLeg, FundTransaction, PaymentVoucher


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

    Each has its `own_legs`, of which `amount_in` makes its columns, and its vouchers. An approval
    adds to none.
    """
    own = FundLeg.objects.filter(**of_legs(filters))
    of_row = own.filter(transaction=OuterRef("pk")).order_by()
    vouchers = PaymentVoucher.objects.select_related("voucher__file").order_by("pk")
    legs = own.filter(stage__in=HELD).order_by("pk")
    return (
        FundTransaction.objects.visible_to(asked.user, asked.today)
        .filter(Exists(of_row), **of_fund(filters))
        .exclude(kind=TransactionKind.APPROVAL)
        .exclude(reverses__kind=TransactionKind.APPROVAL)
        .select_related("allocation", "commitment", "posted_by", "reverses")
        .prefetch_related(
            Prefetch("legs", legs, to_attr="own_legs"), Prefetch("vouchers", vouchers)
        )
        .order_by("posted_at", "number")
    )


def amount_in(posted: Any, column: str) -> Decimal:
    """What a transaction of `list_account` adds to a column (yuan)."""
    legs = (leg.amount for leg in posted.own_legs if leg.stage in COLUMNS[column])
    return sum(legs, ZERO)

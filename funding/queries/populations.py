"""The payments that a special audit is about, recomputed from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from config.lib.periods import LocalDate
from funding.enums import Stage, TransactionKind
from funding.models import AuditedFund, FundTransaction, SpecialAudit
from funding.sampling import draw_sample

if TYPE_CHECKING:
    from funding.enums import SampleBasis


type FundKey = tuple[int, str]


def funds_of(audit: SpecialAudit) -> list[FundKey]:
    """The schools and channels in the scope."""
    rows = AuditedFund.objects.filter(audit=audit).order_by("school", "channel")
    return list(rows.values_list("school", "channel"))


def payments_of(
    funds: Iterable[FundKey], days: DateRange, last_key: int
) -> QuerySet[FundTransaction]:
    """Payments of these funds and days that stood unreversed when `last_key` was the newest row."""
    of_funds = Q(pk__in=[])
    for school, channel in funds:
        of_funds |= Q(school=school, channel=channel)
    reversed_then = FundTransaction.objects.filter(reverses=OuterRef("pk"), pk__lte=last_key)
    payments = FundTransaction.objects.filter(
        of_funds, ~Exists(reversed_then), kind=TransactionKind.PAYMENT, pk__lte=last_key
    )
    return payments.alias(paid_on=LocalDate("posted_at")).filter(paid_on__contained_by=days)


def amounts_of(payments: QuerySet[FundTransaction]) -> dict[int, Decimal]:
    """What each payment paid (yuan), by key."""
    paid = Q(legs__stage=Stage.PAID)
    rows = payments.annotate(paid=Sum("legs__amount", filter=paid)).order_by("pk")
    return dict(rows.values_list("pk", "paid"))


def payments_handled_by(
    payments: QuerySet[FundTransaction], accounts: Collection[int]
) -> QuerySet[FundTransaction]:
    """Those that one of these accounts asked for, checked, approved or paid."""
    approvals = FundTransaction.objects.filter(
        commitment=OuterRef("commitment"),
        kind=TransactionKind.APPROVAL,
        posted_by__in=accounts,
    )
    return payments.filter(
        Q(posted_by__in=accounts)
        | Q(commitment__requested_by__in=accounts)
        | Q(commitment__earmark_check__checked_by__in=accounts)
        | Exists(approvals)
    )


def draw_again(audit: SpecialAudit) -> dict[int, SampleBasis]:
    """The sample as the ledger and the seed give it now; what is kept must be the same."""
    payments = payments_of(funds_of(audit), audit.period, audit.last_transaction_id)
    return draw_sample(
        amounts_of(payments),
        seed=audit.seed,
        size=audit.sample_size,
        threshold=audit.threshold,
    )

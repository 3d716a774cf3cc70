"""Post to the fund ledger. All money moves through `post_transaction`, under the fund's lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.origin import Actor, person_of
from config.lib.lock_classes import LockClass
from funding.amounts import ZERO, format_amount
from funding.enums import FundUse, Stage, TransactionKind
from funding.errors import FundError
from funding.models import Allocation, Commitment, FundLeg, FundTransaction
from schools.enums import FundingChannel
from schools.queries.open_years import refuse_closed


class Fund(NamedTuple):
    """The money of a school through one channel."""

    school_id: int
    channel: str


class Account(NamedTuple):
    """A stage of a fund's money of a year and purpose."""

    year: int
    purpose: str
    stage: Stage


class Move(NamedTuple):
    """An amount (yuan, above 0) that goes from one account to another."""

    source: Account
    target: Account
    amount: Decimal


_CHANNELS = [channel.value for channel in FundingChannel]


def lock_funds(funds: Iterable[Fund]) -> None:
    """Let nobody else move money of these funds until the transaction ends.

    Taken in order, so that two who need several do not wait for each other. An advisory lock, since
    the application's role cannot lock rows of append-only tables.
    """
    keys = sorted({fund.school_id * 10 + _CHANNELS.index(fund.channel) for fund in funds})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.FUNDS, key])


def funds_of_cost(cost: Commitment) -> list[Fund]:
    """The funds to lock for a cost: what a class comes to is counted over all channels."""
    of_class = cost.training_class
    if of_class is None and cost.use != FundUse.LECTURER_FEE:
        return [Fund(cost.school_id, cost.channel)]
    schools = {cost.school_id} | ({of_class.school_id} if of_class is not None else set())
    return [Fund(school, channel) for school in schools for channel in _CHANNELS]


def read_balance(fund: Fund, account: Account) -> Decimal:
    """What an account holds (yuan): the balance of its last leg."""
    legs = FundLeg.objects.filter(**fund._asdict(), **account._asdict()).order_by("-position")
    return legs.values_list("balance", flat=True).first() or ZERO


def sum_stages(commitment: Commitment) -> dict[str, Decimal]:
    """How much of a commitment is in each stage (yuan)."""
    legs = FundLeg.objects.filter(transaction__commitment=commitment).order_by()
    return dict(legs.values_list("stage").annotate(Sum("amount")))


def post_transaction(
    fund: Fund,
    kind: TransactionKind,
    moves: Iterable[Move],
    *,
    by: Actor,
    at: datetime,
    cause: Allocation | Commitment | None = None,
    reason: str = "",
    reverses: FundTransaction | None = None,
    overdrawn_field: str = "amount",
) -> FundTransaction:
    """Post one transaction; the caller has locked the fund.

    Raises FundError for a closed year, and at the field `overdrawn_field` if an account holds less
    than is taken. The database refuses the same.
    """
    moves = list(moves)
    _refuse_closed_years(kind, moves, reverses)
    for move in moves:
        _require_enough(fund, move, overdrawn_field)
    posted = FundTransaction.objects.create(
        **fund._asdict(),
        kind=kind,
        allocation=cause if isinstance(cause, Allocation) else None,
        commitment=cause if isinstance(cause, Commitment) else None,
        reason=reason,
        reverses=reverses,
        posted_at=at,
        posted_by=person_of(by),
    )
    FundLeg.objects.bulk_create(
        FundLeg(transaction=posted, **fund._asdict(), **account._asdict(), amount=amount)
        for move in moves
        for account, amount in ((move.source, -move.amount), (move.target, move.amount))
    )
    return posted


def require_valid(row: models.Model) -> None:
    """Raise FundError, at its field, for a row that breaks a rule of its model."""
    try:
        row.full_clean()
    except ValidationError as error:
        errors = error.message_dict
        field = next(iter(errors))
        raise FundError(" ".join(errors[field]), field) from error


def _refuse_closed_years(
    kind: TransactionKind, moves: list[Move], reverses: FundTransaction | None
) -> None:
    """Raise FundError if money of a closed year would move.

    A carry-over may take from it, and be reversed: of that only the later year must be open.
    """
    years = {account.year for move in moves for account in (move.source, move.target)}
    if TransactionKind.CARRY_OVER in {kind, reverses.kind if reverses else kind}:
        years = {max(years)}
    for year in sorted(years):
        said = _(
            "The year %(year)d is closed, and its money with it. What is left can be carried over."
        ) % {"year": year}
        refuse_closed(year, partial(_say, said))


def _say(said: str, _of_facts: str) -> FundError:
    return FundError(said)


def _require_enough(fund: Fund, move: Move, field: str) -> None:
    if move.source.stage == Stage.GRANTED:
        return
    held = read_balance(fund, move.source)
    if held < move.amount:
        raise FundError(
            _("%(asked)s yuan are asked for, and %(held)s yuan are %(stage)s.")
            % {
                "asked": format_amount(move.amount),
                "held": format_amount(held),
                "stage": move.source.stage.label,
            },
            field,
        )

"""Reversals: a transaction that should not be is posted once more with every sign turned."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import Role
from accounts.models import User
from accounts.origin import Actor, person_of
from config.lib.periods import local_date
from funding.actions.ledger import Account, Fund, Move, lock_funds, post_transaction, sum_stages
from funding.amounts import ZERO
from funding.enums import Stage, TransactionKind
from funding.errors import FundError
from funding.models import FundTransaction
from funding.permissions import allocates, has_money_role

# Who reverses a step of a commitment is who may take it. What is reserved is released instead.
_ROLES = {TransactionKind.APPROVAL: Role.APPROVER, TransactionKind.PAYMENT: Role.PAYER}
_OF_DEPARTMENT = frozenset(
    {
        TransactionKind.ALLOCATION,
        TransactionKind.TAKEN_OVER,
        TransactionKind.ADJUSTMENT,
        TransactionKind.CARRY_OVER,
    }
)


def may_reverse(posted: FundTransaction, user: User, on: date) -> bool:
    """Whether `user` may reverse a transaction of this kind; others cannot be reversed."""
    kind = TransactionKind(posted.kind)
    if kind in _OF_DEPARTMENT:
        return allocates(user)
    fund = (posted.school_id, posted.channel)
    return kind in _ROLES and has_money_role(user, _ROLES[kind], *fund, on)


def reverse_transaction(
    *, transaction_id: int, reason: str, by: Actor, at: datetime
) -> FundTransaction:
    """Post the exact negative of a transaction, once. Raises PermissionDenied and FundError.

    Money that went further since must come back first: an approval is reversed after its payments.
    """
    person = person_of(by)
    with transaction.atomic():
        related = ("school", "allocation", "commitment")
        former = FundTransaction.objects.select_related(*related).get(pk=transaction_id)
        fund = Fund(former.school_id, former.channel)
        lock_funds([fund])
        if not may_reverse(former, person, local_date(at)):
            raise PermissionDenied
        if former.reversals.exists():
            raise FundError(_("This transaction is reversed already."))
        move = _turned(former)
        if former.commitment is not None:
            held = sum_stages(former.commitment).get(move.source.stage, ZERO)
            if held < move.amount:
                raise FundError(_("Reverse the payments of this approval first."))
        posted = post_transaction(
            fund,
            TransactionKind.REVERSAL,
            [move],
            cause=former.allocation or former.commitment,
            reason=reason,
            reverses=former,
            overdrawn_field="reason",
            by=by,
            at=at,
        )
        record_act(
            act="reverse_transaction",
            obj=former,
            by=by,
            at=at,
            after={"amount": move.amount, "reason": reason},
            school_code=former.school.code,
        )
    return posted


def _turned(former: FundTransaction) -> Move:
    """The way back of a transaction with two legs; only these can be reversed."""
    taken, given = former.legs.order_by("amount")
    source, target = (Account(leg.year, leg.purpose, Stage(leg.stage)) for leg in (given, taken))
    return Move(source, target, given.amount)

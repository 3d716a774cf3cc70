"""Allocations: the organisation department allocates, adjusts with a reason, and carries over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from config.lib.periods import local_date
from funding.actions.ledger import (
    Account,
    Fund,
    Move,
    lock_funds,
    post_transaction,
    require_valid,
)
from funding.amounts import ZERO
from funding.enums import Purpose, Stage, TransactionKind, purpose_of
from funding.errors import FundError
from funding.models import Allocation, FundTransaction, UseRule
from funding.permissions import allocates
from schools.models import School


@dataclass(frozen=True)
class AllocationFacts:
    """What a document allocates; `decision` is the collective decision on dues."""

    school: School
    year: int
    channel: str
    purpose: str
    amount: Decimal
    document: str
    decision: str = ""


def allocate_funds(
    *, facts: AllocationFacts, by: Actor, at: datetime, proposed: Decimal | None = None
) -> FundTransaction:
    """Set money aside for a school. Raises PermissionDenied and FundError.

    `proposed` is what the calculator said (yuan), for the audit trail.
    """
    _require_department(by)
    fund = Fund(facts.school.pk, facts.channel)
    with transaction.atomic():
        lock_funds([fund])
        _require_use(facts.channel, facts.purpose, at)
        allocation = Allocation(**vars(facts))
        require_valid(allocation)
        allocation.save()
        move = Move(*_granting(facts.year, facts.purpose), facts.amount)
        posted = post_transaction(
            fund, TransactionKind.ALLOCATION, [move], cause=allocation, by=by, at=at
        )
        record_act(
            act="allocate_funds",
            obj=allocation,
            by=by,
            at=at,
            after={
                "year": facts.year,
                "channel": facts.channel,
                "purpose": facts.purpose,
                "amount": facts.amount,
                "document": facts.document,
                "decision": facts.decision,
                **({} if proposed is None else {"proposed": proposed}),
            },
            school_code=facts.school.code,
        )
    return posted


def allocate_proposals(
    *, decided: list[tuple[AllocationFacts, Decimal]], by: Actor, at: datetime
) -> list[FundTransaction]:
    """Allocate to several schools at once, all or nothing; each with what was proposed (yuan).

    Raises PermissionDenied and FundError, which names the school.
    """
    _require_department(by)
    if not decided:
        raise FundError(_("Enter an amount for at least one school."))
    with transaction.atomic():
        lock_funds(Fund(facts.school.pk, facts.channel) for facts, _proposed in decided)
        posted = []
        for facts, proposed in decided:
            try:
                posted.append(allocate_funds(facts=facts, by=by, at=at, proposed=proposed))
            except FundError as error:
                message = _("%(school)s: %(why)s") % {
                    "school": facts.school.name,
                    "why": error.message,
                }
                raise FundError(message, error.field) from error
    return posted


def adjust_allocation(
    *, allocation_id: int, amount: Decimal, reason: str, by: Actor, at: datetime
) -> FundTransaction:
    """Add to an allocation (yuan), or with a minus take from it what is still available.

    Raises PermissionDenied and FundError.
    """
    _require_department(by)
    if amount == ZERO:
        raise FundError(_("An adjustment adds something or takes something."), "amount")
    with transaction.atomic():
        allocation = Allocation.objects.select_related("school").get(pk=allocation_id)
        fund = Fund(allocation.school_id, allocation.channel)
        lock_funds([fund])
        source, target = _granting(allocation.year, allocation.purpose)
        if amount < 0:
            source, target = target, source
        move = Move(source, target, abs(amount))
        posted = post_transaction(
            fund,
            TransactionKind.ADJUSTMENT,
            [move],
            cause=allocation,
            reason=reason,
            by=by,
            at=at,
        )
        record_act(
            act="adjust_allocation",
            obj=allocation,
            by=by,
            at=at,
            after={"amount": amount, "reason": reason},
            school_code=allocation.school.code,
        )
    return posted


def carry_funds_over(
    *,
    school: School,
    channel: str,
    year: int,
    purpose: str,
    amount: Decimal,
    reason: str,
    by: Actor,
    at: datetime,
) -> FundTransaction:
    """Move what is left of `year` (yuan) into the next one, for the same purpose.

    Raises PermissionDenied and FundError.
    """
    _require_department(by)
    fund = Fund(school.pk, channel)
    with transaction.atomic():
        lock_funds([fund])
        target = Account(year + 1, purpose, Stage.AVAILABLE)
        move = Move(Account(year, purpose, Stage.AVAILABLE), target, amount)
        posted = post_transaction(
            fund, TransactionKind.CARRY_OVER, [move], reason=reason, by=by, at=at
        )
        record_act(
            act="carry_funds_over",
            obj=posted,
            by=by,
            at=at,
            after={
                "year": year,
                "channel": channel,
                "purpose": purpose,
                "amount": amount,
                "reason": reason,
            },
            school_code=school.code,
        )
    return posted


def _granting(year: int, purpose: str) -> tuple[Account, Account]:
    return Account(year, purpose, Stage.GRANTED), Account(year, purpose, Stage.AVAILABLE)


def _require_department(by: Actor) -> None:
    if by.user is None or not allocates(by.user):
        raise PermissionDenied


def _require_use(channel: str, purpose: str, at: datetime) -> None:
    """What is earmarked for no permitted use could never be spent."""
    uses = UseRule.objects.in_force(local_date(at)).filter(channel=channel)
    if purpose not in {purpose_of(use) for use in uses.values_list("use", flat=True)}:
        raise FundError(
            _("No rule permits this channel to pay for %(purpose)s.")
            % {"purpose": Purpose(purpose).label},
            "purpose",
        )

"""Costs that classes cause: reserved by themselves, asked for once there is money, and settled.

What a class needs follows from its sessions and the rates (`funding.queries.class_costs`). A class
is planned, moved or called off whether its money is there or not: then it is listed as missing.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.origin import Actor, person_of
from config.lib.dates import format_day
from config.lib.periods import local_date
from courses.models import TrainingClass
from funding.actions.commitments import (
    CostFacts,
    may_release,
    moving,
    post_step,
    record_step,
    refuse_idle_reason,
    reserve,
)
from funding.actions.ledger import Fund, lock_funds
from funding.enums import ClassCostState, FundUse, Stage, TransactionKind
from funding.errors import FundError
from funding.models import Commitment, CostRate, FundTransaction
from funding.permissions import asks_for_money
from funding.queries.class_costs import (
    ClassCost,
    CostKey,
    list_class_costs,
    list_not_delivered,
)
from schools.enums import FundingChannel

_LONGEST_SUBJECT = 100


def follow_class(training_class: TrainingClass, *, by: Actor, at: datetime) -> None:
    """Bring what is reserved in line with the plan, in the transaction of the act that changed it.

    What is approved stays and is listed as differing. Nothing is refused here: a cost without
    money, or that a rule forbids, is listed as missing, and so is one that no person caused.
    """
    if by.user is None or not CostRate.objects.exists():
        return
    with transaction.atomic():
        _lock(training_class)
        for cost in list_class_costs(training_class):
            if cost.may_follow:
                # What stood before stays where money or a rule is missing.
                with suppress(FundError), transaction.atomic():
                    _follow(cost, by, at)


def ask_for_class(
    *,
    training_class_id: int,
    keys: Collection[CostKey],
    channel: str = "",
    exception_reason: str = "",
    by: Actor,
    at: datetime,
) -> list[Commitment]:
    """Reserve what costs of a class need, all or none; `channel` "" takes those of the rates.

    Of what differs the former reservation is withdrawn. A cost beyond a rule that allows exceptions
    asks for one, with `exception_reason`. Raises PermissionDenied, and FundError for a cost that
    needs nothing by now.
    """
    with transaction.atomic():
        training_class = TrainingClass.objects.select_related("school").get(pk=training_class_id)
        if not asks_for_money(person_of(by), training_class.school_id, local_date(at)):
            raise PermissionDenied
        _lock(training_class)
        open_ones = {cost.key: cost for cost in list_class_costs(training_class) if is_open(cost)}
        if not keys or not open_ones.keys() >= set(keys):
            raise FundError(_("Choose costs that wait for money; others were asked for meanwhile."))
        asked = [
            _follow(open_ones[key], by, at, channel, exception_reason)
            for key in dict.fromkeys(keys)
        ]
        made = [one for one in asked if one is not None]
        refuse_idle_reason(exception_reason, made)
    return made


def is_open(cost: ClassCost) -> bool:
    """Whether money may be asked for: it is missing, given back, or differs and is not approved."""
    return bool(cost.expected) and (cost.may_follow or cost.state == ClassCostState.GIVEN_UP)


def settle_class(*, training_class_id: int, by: Actor, at: datetime) -> list[FundTransaction]:
    """Release what is reserved or approved for a class beyond what was delivered.

    Once every session was held and has its roll. Who may release a cost settles it; others stay
    for those who may. Raises PermissionDenied and FundError.
    """
    with transaction.atomic():
        training_class = TrainingClass.objects.select_related("school").get(pk=training_class_id)
        _lock(training_class)
        left = [cost for cost in list_class_costs(training_class) if cost.left_over]
        own = [cost for cost in left if _may_release(cost, by, at)]
        if left and not own:
            raise PermissionDenied
        _require_over(training_class, at)
        if not own:
            raise FundError(_("Nothing is left over: all that is reserved was delivered."))
        return [_settle(cost, by, at) for cost in own]


def _may_release(cost: ClassCost, by: Actor, at: datetime) -> bool:
    made = cast(Commitment, cost.commitment)
    return may_release(made, by, at, is_approved=bool(made.approved))  # type: ignore[attr-defined]


def _require_over(training_class: TrainingClass, at: datetime) -> None:
    """Refuse to settle before each session was held and its roll submitted."""
    words = [
        _("session %(number)d, %(day)s") % {"number": one.number, "day": format_day(one.held_on)}
        for one in list_not_delivered(training_class, at)
    ]
    if words:
        raise FundError(
            _("First the rolls of all sessions are submitted. Missing: %(sessions)s.")
            % {"sessions": pgettext("between items", "; ").join(words)}
        )


def _settle(cost: ClassCost, by: Actor, at: datetime) -> FundTransaction:
    made, left = cast(Commitment, cost.commitment), cost.left_over
    amount, moves = left, []
    for stage in (Stage.COMMITTED, Stage.APPROVED):
        part = min(left, getattr(made, stage.value))
        if part:
            moves.append(moving(made, stage, Stage.AVAILABLE, part))
            left -= part
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("settled by what was delivered")
    posted = post_step(made, TransactionKind.RELEASE, moves, by=by, at=at, reason=reason)
    record_step("settle_class", made, by, at, amount=amount, reason=reason)
    return posted


def _lock(training_class: TrainingClass) -> None:
    """Let nobody else move money of the school: a class is paid from either channel, once."""
    channels = [channel.value for channel in FundingChannel]
    schools = {training_class.school_id}
    # A class that passed to another school has costs at the former one.
    schools |= set(
        Commitment.objects.filter(training_class=training_class).values_list("school", flat=True)
    )
    lock_funds(Fund(school, channel) for school in schools for channel in channels)


def _follow(
    cost: ClassCost, by: Actor, at: datetime, channel: str = "", exception_reason: str = ""
) -> Commitment | None:
    """Withdraw the reservation that differs, and reserve what the plan needs, if anything."""
    former = cost.commitment
    channel = channel or cost.channel
    if former is not None and cost.state == ClassCostState.DIFFERS:
        _withdraw(former, by, at)
    if not cost.expected:
        return None
    facts = _facts_of(cost, channel)
    return reserve(facts, by=by, at=at, exception_reason=exception_reason)


def _withdraw(former: Commitment, by: Actor, at: datetime) -> None:
    """Reverse a reservation, since the class changed. Nothing of it is approved."""
    asked = former.transactions.get(kind=TransactionKind.COMMITMENT)
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("the class changed")
    post_step(
        former,
        TransactionKind.REVERSAL,
        [moving(former, Stage.COMMITTED, Stage.AVAILABLE, former.amount)],
        by=by,
        at=at,
        reason=reason,
        reverses=asked,
    )
    record_step("withdraw_commitment", former, by, at, amount=former.amount, reason=reason)


def _facts_of(cost: ClassCost, channel: str) -> CostFacts:
    """What is asked for, at the rate of the first day."""
    if cost.rate is None:
        raise FundError(_("No rate says what this costs: the organisation department sets it."))
    training_class, use = cost.training_class, cost.key.use
    is_fee = use == FundUse.LECTURER_FEE
    with translation.override(settings.LANGUAGE_CODE):
        who = cost.instructor.name if cost.instructor else str(FundUse(use).label)
        subject = f"{training_class.title} · {who}"
    return CostFacts(
        school=training_class.school,
        channel=channel,
        year=cost.key.year,
        use=use,
        amount=cost.new_amount,
        subject=subject[:_LONGEST_SUBJECT],
        training_class=training_class,
        instructor=cost.instructor,
        fee_hours=cost.expected if is_fee else None,
        cost_rate=cost.rate,
        units=cost.expected,
        unit_price=cost.new_price,
    )

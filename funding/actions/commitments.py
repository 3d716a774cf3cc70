"""The life of a cost: asked for and reserved, checked, approved, paid or released.

Five people: clerk, custodian, approver, payer, and the auditor, who changes nothing. Who asked or
checked does not approve, none of them nor who approved pays, under any of their accounts; and
nobody acts on a fee of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.enums import Role
from accounts.interests import own_accounts
from accounts.origin import Actor, person_of
from config.lib.hours import format_hours
from config.lib.periods import local_date
from courses.models import TrainingClass
from funding.actions.ledger import (
    Account,
    Fund,
    Move,
    funds_of_cost,
    lock_funds,
    post_transaction,
    require_valid,
    sum_stages,
)
from funding.actions.vouchers import (
    freeze_vouchers,
    require_hours_asked_once,
    require_vouchers,
)
from funding.amounts import ZERO, format_amount
from funding.enums import (
    ClassCostState,
    ExceptionOutcome,
    FundUse,
    OnBreach,
    Stage,
    TransactionKind,
    purpose_of,
)
from funding.errors import FundError
from funding.models import (
    Commitment,
    CostRate,
    DeliveredCause,
    EarmarkCheck,
    ExceptionRequest,
    FeeRule,
    FundTransaction,
    LimitRule,
    UseRule,
)
from funding.permissions import asks_for_money, has_money_role
from funding.queries.breaches import Breach, find_breach
from funding.queries.class_costs import ClassCost, CostKey, find_class_cost, list_class_costs
from instructors.models import Instructor
from schools.enums import FundingChannel
from schools.models import School


@dataclass(frozen=True)
class CostFacts:
    """What is asked for. Lecturer and paid hours belong to a lecturer fee alone."""

    school: School
    channel: str
    year: int
    use: str
    amount: Decimal
    subject: str
    training_class: TrainingClass | None = None
    instructor: Instructor | None = None
    fee_hours: Decimal | None = None
    # Of a cost that its class causes (`funding.actions.class_costs`).
    cost_rate: CostRate | None = None
    units: Decimal | None = None
    unit_price: Decimal | None = None


def commit_funds(
    *, facts: CostFacts, by: Actor, at: datetime, exception_reason: str = ""
) -> Commitment:
    """Reserve money for a cost. Raises PermissionDenied and FundError, which cites the rule.

    A cost beyond a rule that allows exceptions asks for one, with `exception_reason`.
    """
    if not asks_for_money(person_of(by), facts.school.pk, local_date(at)):
        raise PermissionDenied
    with transaction.atomic():
        lock_funds(funds_of_cost(Commitment(**vars(facts))))
        _require_no_class_cost(facts)
        made = reserve(facts, by=by, at=at, exception_reason=exception_reason)
        refuse_idle_reason(exception_reason, [made])
    return made


def reserve(facts: CostFacts, *, by: Actor, at: datetime, exception_reason: str = "") -> Commitment:
    """Reserve money for a cost whose funds are locked. Raises FundError, which cites the rule.

    `exception_reason` counts for a cost beyond a rule alone.
    """
    commitment = Commitment(
        **vars(facts),
        purpose=purpose_of(facts.use),
        use_rule=_find_use_rule(facts, at),
        fee_rule=_find_fee_rule(facts, at),
        requested_at=at,
        requested_by=person_of(by),
    )
    require_hours_asked_once(commitment, local_date(at))
    breach = find_breach(commitment, local_date(at))
    reason = _require_reason(breach, exception_reason)
    require_valid(commitment)
    commitment.save()
    if breach is not None:
        _ask_for_exception(commitment, breach, reason)
    move = moving(commitment, Stage.AVAILABLE, Stage.COMMITTED, facts.amount)
    post_step(commitment, TransactionKind.COMMITMENT, [move], by=by, at=at)
    asked = {"reason": reason} if reason else {}
    record_step("commit_funds", commitment, by, at, amount=facts.amount, **asked)
    return commitment


def check_commitment(*, commitment_id: int, by: Actor, at: datetime) -> Commitment:
    """The custodian confirms that the cost is for what its money is earmarked for.

    Raises PermissionDenied and FundError.
    """
    with transaction.atomic():
        commitment, stages = _lock(commitment_id, Role.CUSTODIAN, by=by, at=at)
        if find_check(commitment) or not stages.get(Stage.COMMITTED):
            raise FundError(_("This commitment went another step meanwhile."))
        require_another(commitment, [commitment.requested_by_id], by)
        EarmarkCheck.objects.create(commitment=commitment, checked_at=at, checked_by=person_of(by))
        record_step("check_commitment", commitment, by, at)
    return commitment


def approve_commitment(*, commitment_id: int, by: Actor, at: datetime) -> FundTransaction:
    """Approve all that is reserved for a cost. Raises PermissionDenied and FundError."""
    with transaction.atomic():
        commitment, stages = _lock(commitment_id, Role.APPROVER, by=by, at=at)
        reserved, check = stages.get(Stage.COMMITTED, ZERO), find_check(commitment)
        if not reserved:
            raise FundError(_("This commitment went another step meanwhile."))
        if check is None:
            raise FundError(_("The custodian has not checked this cost yet."))
        granter = _require_exception(commitment)
        require_another(commitment, [commitment.requested_by_id, check.checked_by_id, granter], by)
        move = moving(commitment, Stage.COMMITTED, Stage.APPROVED, reserved)
        posted = post_step(commitment, TransactionKind.APPROVAL, [move], by=by, at=at)
        record_step("approve_commitment", commitment, by, at, amount=reserved)
    return posted


def pay_commitment(
    *, commitment_id: int, amount: Decimal, by: Actor, at: datetime
) -> FundTransaction:
    """Note that some or all of what is approved was paid (yuan), and what proves it.

    Refused while a voucher is missing. Raises PermissionDenied and FundError.
    """
    with transaction.atomic():
        commitment, stages = _lock(commitment_id, Role.PAYER, by=by, at=at)
        approved = stages.get(Stage.APPROVED, ZERO)
        if not ZERO < amount <= approved:
            raise FundError(
                _("%(approved)s yuan are approved and not paid yet.")
                % {"approved": format_amount(approved)},
                "amount",
            )
        check = find_check(commitment)
        approvers = commitment.transactions.filter(kind=TransactionKind.APPROVAL)
        others = [
            commitment.requested_by_id,
            check.checked_by_id if check else None,
            _require_exception(commitment),
            *approvers.values_list("posted_by", flat=True),
        ]
        require_another(commitment, others, by)
        delivered = _require_delivered(commitment, amount)
        checklist = require_vouchers(commitment, local_date(at))
        move = moving(commitment, Stage.APPROVED, Stage.PAID, amount)
        posted = post_step(commitment, TransactionKind.PAYMENT, [move], by=by, at=at)
        if delivered is not None:
            DeliveredCause.objects.create(payment=posted, units=delivered.delivered)
        freeze_vouchers(posted, checklist)
        record_step("pay_commitment", commitment, by, at, amount=amount)
    return posted


def release_commitment(
    *, commitment_id: int, reason: str, by: Actor, at: datetime
) -> FundTransaction:
    """Give back what is reserved or approved for a cost and not paid.

    The approver does; until something is approved, also the school's clerk and the custodian.
    Raises PermissionDenied and FundError.
    """
    with transaction.atomic():
        commitment, stages = _lock(commitment_id, Role.APPROVER, by=by, at=at, is_release=True)
        moves = [
            moving(commitment, stage, Stage.AVAILABLE, stages[stage])
            for stage in (Stage.COMMITTED, Stage.APPROVED)
            if stages.get(stage)
        ]
        if not moves:
            raise FundError(_("This commitment went another step meanwhile."))
        posted = post_step(commitment, TransactionKind.RELEASE, moves, by=by, at=at, reason=reason)
        amount = sum((move.amount for move in moves), ZERO)
        record_step("release_commitment", commitment, by, at, amount=amount, reason=reason)
    return posted


def may_release(commitment: Commitment, by: Actor, at: datetime, *, is_approved: bool) -> bool:
    """Whether the person may give back what is left of a commitment."""
    if by.user is None:
        return False
    on, fund = local_date(at), (commitment.school_id, commitment.channel)
    if has_money_role(by.user, Role.APPROVER, *fund, on):
        return True
    return not is_approved and (
        asks_for_money(by.user, commitment.school_id, on)
        or has_money_role(by.user, Role.CUSTODIAN, *fund, on)
    )


def _lock(
    commitment_id: int, role: Role, *, by: Actor, at: datetime, is_release: bool = False
) -> tuple[Commitment, dict[str, Decimal]]:
    """The commitment under the lock of its fund, and how much is in each stage."""
    related = ("school", "instructor", "training_class")
    commitment = Commitment.objects.select_related(*related).get(pk=commitment_id)
    lock_funds(funds_of_cost(commitment))
    stages = sum_stages(commitment)
    if is_release:
        allowed = may_release(commitment, by, at, is_approved=bool(stages.get(Stage.APPROVED)))
    else:
        fund = (commitment.school_id, commitment.channel)
        allowed = by.user is not None and has_money_role(by.user, role, *fund, local_date(at))
    if not allowed:
        raise PermissionDenied
    return commitment, stages


def require_another(commitment: Commitment, others: list[int | None], by: Actor) -> None:
    """Refuse who took an earlier step, and whose own fee it is, under any of their accounts."""
    own = own_accounts(by.user)
    if commitment.instructor is not None and commitment.instructor.user_id in own:
        raise FundError(_("This fee is your own: somebody else checks, approves and pays it."))
    if set(others) & own:
        raise FundError(
            _("Who asks for money does not approve it, and who approves it does not pay it.")
        )


def _require_no_class_cost(facts: CostFacts) -> None:
    """Refuse to ask by hand for what a class causes by itself, or another school's class."""
    if facts.training_class is None:
        return
    if facts.training_class.school_id != facts.school.pk:
        raise FundError(
            _("The school that holds the class pays for it, once for all who joined."),
            "training_class",
        )
    key = CostKey(facts.use, facts.instructor.pk if facts.instructor else None, facts.year)
    for cost in list_class_costs(facts.training_class):
        if cost.key == key and cost.state != ClassCostState.BY_HAND:
            raise FundError(
                _(
                    "The class causes this cost by itself: %(price)s yuan for each %(unit)s. Ask "
                    "for it among the costs of the class."
                )
                % {"price": format_amount(cost.price), "unit": cost.unit},
                "use",
            )


def _require_delivered(commitment: Commitment, amount: Decimal) -> ClassCost | None:
    """The cost of a class that covers a payment (yuan); None for a cost that no class causes."""
    cost = find_class_cost(commitment)
    if cost is not None:
        paid = sum_stages(commitment).get(Stage.PAID, ZERO)
        due = max(cost.delivered_amount - paid, ZERO)
        if amount > due:
            raise FundError(
                _(
                    "At most %(due)s yuan: submitted rolls give %(units)s × %(price)s yuan, and "
                    "%(paid)s yuan are paid."
                )
                % {
                    "due": format_amount(due),
                    "units": format_hours(cost.delivered),
                    "price": format_amount(cost.price),
                    "paid": format_amount(paid),
                },
                "amount",
            )
    return cost


def find_check(commitment: Commitment) -> EarmarkCheck | None:
    """The custodian's check of a cost; None before it."""
    return EarmarkCheck.objects.filter(commitment=commitment).first()


def refuse_idle_reason(reason: str, made: Collection[Commitment]) -> None:
    """Refuse a reason for an exception that none of the costs needs."""
    asked = ExceptionRequest.objects.filter(commitment__in=made)
    if reason.strip() and not asked.exists():
        raise FundError(_("This cost keeps all rules: it needs no exception."), "exception_reason")


def _require_reason(breach: Breach | None, reason: str) -> str:
    """The reason of the exception that a cost needs. Raises FundError, which cites the rule."""
    reason = reason.strip()
    if breach is None:
        return ""
    if breach.rule.on_breach == OnBreach.BLOCKS:
        raise FundError(breach.words, "amount")
    if not reason:
        text = _("The rule allows an exception by the organisation department: say why.")
        raise FundError(f"{breach.words} {text}", "exception_reason")
    return reason


def _ask_for_exception(commitment: Commitment, breach: Breach, reason: str) -> None:
    ExceptionRequest.objects.create(
        commitment=commitment,
        limit_rule=breach.rule if isinstance(breach.rule, LimitRule) else None,
        most=breach.most,
        reached=breach.reached,
        reason=reason,
    )


def _require_exception(commitment: Commitment) -> int | None:
    """Who granted the exception that a cost asked for; None if it asked for none."""
    asked = ExceptionRequest.objects.filter(commitment=commitment).select_related("decision")
    request = asked.first()
    if request is None:
        return None
    decision = getattr(request, "decision", None)
    if decision is None:
        raise FundError(_("The organisation department has not decided on the exception yet."))
    if decision.outcome != ExceptionOutcome.GRANTED:
        raise FundError(_("The exception is refused: release the money, or ask for less."))
    return int(decision.decided_by_id)


def _find_use_rule(facts: CostFacts, at: datetime) -> UseRule:
    rules = UseRule.objects.in_force(local_date(at)).filter(channel=facts.channel)
    rule = rules.filter(use=facts.use).first()
    if rule is None:
        raise FundError(
            _("No rule permits this channel to pay for %(use)s: %(channel)s.")
            % {
                "use": FundUse(facts.use).label,
                "channel": FundingChannel(facts.channel).label,
            },
            "use",
        )
    return rule


def _find_fee_rule(facts: CostFacts, at: datetime) -> FeeRule | None:
    """The ceiling that a fee keeps; None for another cost."""
    if facts.use != FundUse.LECTURER_FEE:
        return None
    if facts.instructor is None:
        raise FundError(_("Name the lecturer of the fee."), "instructor")
    if not facts.fee_hours:
        raise FundError(_("Say how many hours are paid."), "fee_hours")
    title = facts.instructor.title
    rule = FeeRule.objects.in_force(local_date(at)).filter(title=title).first()
    if rule is None:
        raise FundError(_("No ceiling is set for the title of this lecturer."), "instructor")
    return rule


def moving(commitment: Commitment, source: Stage, target: Stage, amount: Decimal) -> Move:
    """An amount of a commitment (yuan) that goes from one stage to another."""
    year, purpose = commitment.year, commitment.purpose
    return Move(Account(year, purpose, source), Account(year, purpose, target), amount)


def post_step(
    commitment: Commitment, kind: TransactionKind, moves: list[Move], **kwargs: Any
) -> FundTransaction:
    """Post a step of a commitment, whose fund is locked."""
    fund = Fund(commitment.school_id, commitment.channel)
    return post_transaction(fund, kind, moves, cause=commitment, **kwargs)


def record_step(act: str, commitment: Commitment, by: Actor, at: datetime, **facts: Any) -> None:
    """Enter a step of a commitment in the trail."""
    common = {"year": commitment.year, "channel": commitment.channel, "use": commitment.use}
    code = commitment.school.code
    record_act(act=act, obj=commitment, by=by, at=at, after=common | facts, school_code=code)

"""Which classes wait for money, what a person sees of it, and why a cost has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.enums import MONEY_ROLES
from config.lib.periods import first_day, today
from courses.models import Session, TrainingClass
from funding.actions.ledger import Account, Fund, read_balance
from funding.amounts import ZERO, format_amount
from funding.enums import ClassCostState, FundUse, Stage, purpose_of
from funding.models import Commitment, CostRate, DeliveredCause, FeeRule, UseRule
from funding.permissions import sees_funds
from funding.queries.breaches import find_breach
from funding.queries.class_costs import ClassCost, list_class_costs, list_costs_of
from schools.enums import FundingChannel
from schools.models import RoleGrant, School
from schools.querysets import SchoolQuerySet

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class WaitingClass:
    """A class with costs that have no money yet, or that differ from their plan."""

    training_class: TrainingClass
    costs: list[ClassCost]


def list_classes_without_money(schools: SchoolQuerySet, on: date) -> list[WaitingClass]:
    """Classes of these schools that meet in the year of `on` or later, the next to meet first.

    As many statements for one class as for all.
    """
    begins = CostRate.objects.order_by("period").values_list("period", flat=True).first()
    if begins is None:
        return []
    since = max(first_day(begins), date(on.year, 1, 1))
    held = Session.objects.to_be_held().filter(held_on__gte=since)
    rows = TrainingClass.objects.filter(school__in=schools, pk__in=held.values("training_class"))
    classes = {row.pk: row for row in rows.select_related("school")}
    waiting: dict[int, list[ClassCost]] = {}
    for cost in list_costs_of(list(classes.values())):
        if cost.is_waiting:
            waiting.setdefault(cost.training_class.pk, []).append(cost)
    meets = held.filter(training_class__in=list(waiting)).order_by("-starts_at")
    order = list(dict.fromkeys(meets.values_list("training_class", flat=True)))
    return [WaitingClass(classes[key], waiting[key]) for key in order]


def list_seen_costs(user: User, training_class: TrainingClass, on: date) -> list[ClassCost]:
    """The costs of a class, with what was delivered; of the channels whose money `user` sees."""
    costs = list_class_costs(training_class)
    if School.objects.visible_to(user, on).filter(pk=training_class.school_id).exists():
        return costs
    held = RoleGrant.objects.in_force(on).filter(user=user, role__in=MONEY_ROLES)
    grants = held.filter(Q(school=None) | Q(school=training_class.school_id))
    channels = set(grants.values_list("school", "channel"))
    if any(school is None for school, _channel in channels):
        return costs
    return [cost for cost in costs if (training_class.school_id, cost.channel) in channels]


def explain(cost: ClassCost) -> str:
    """Why a cost of a class has no money, or what differs, in words; "" for any other."""
    if cost.overpaid:
        text = _("%(amount)s yuan were paid beyond what the rolls say now.")
        return text % {"amount": format_amount(cost.overpaid)}
    if cost.state == ClassCostState.DIFFERS:
        if not cost.may_follow:
            return _("It is approved as it was: release it, then ask anew.")
        return _why_not(cost) or _("The class changed: ask anew.")
    if cost.state == ClassCostState.MISSING:
        return _why_not(cost) or _("Nobody asked for it yet.")
    return ""


def read_class_part(page: Mapping[str, Any]) -> dict[str, Any] | None:
    """What of the costs of a class waits, for its page; None for no costs, or who sees no money."""
    if not sees_funds(page["request"].user):
        return None
    costs = list_class_costs(page["page"].training_class)
    if not costs:
        return None
    return {"costs_waiting": [(cost, explain(cost)) for cost in costs if cost.is_waiting]}


def list_delivery_differences() -> list[ClassCost]:
    """Costs of which more was paid than their rolls say now: rolls were corrected since."""
    paid = DeliveredCause.objects.values("payment__commitment__training_class")
    classes = list(TrainingClass.objects.filter(pk__in=paid).select_related("school"))
    return [cost for cost in list_costs_of(classes, with_delivered=True) if cost.overpaid]


def _why_not(cost: ClassCost) -> str:
    """What keeps a cost from being reserved today: no rule, too little money, or a limit."""
    use = cost.key.use
    permitted = UseRule.objects.in_force(today()).filter(channel=cost.channel, use=use)
    if not permitted.exists():
        return _("No rule permits this channel to pay for %(use)s: %(channel)s.") % {
            "use": FundUse(use).label,
            "channel": FundingChannel(cost.channel).label,
        }
    fund = Fund(cost.training_class.school_id, cost.channel)
    account = Account(cost.key.year, purpose_of(use).value, Stage.AVAILABLE)
    available = read_balance(fund, account)
    if cost.commitment is not None:
        available += cost.commitment.amount
    if available >= cost.new_amount:
        breach = find_breach(_draft(cost), today())
        return breach.words if breach is not None else ""
    return _("%(asked)s yuan are asked for, and %(held)s yuan are %(stage)s.") % {
        "asked": format_amount(cost.new_amount),
        "held": format_amount(available),
        "stage": Stage.AVAILABLE.label,
    }


def _draft(cost: ClassCost) -> Commitment:
    """What would be asked for, in place of what is reserved."""
    reserved = cost.commitment.amount if cost.commitment is not None else ZERO
    draft = Commitment(
        use=cost.key.use,
        amount=cost.new_amount - reserved,
        training_class=cost.training_class,
        instructor=cost.instructor,
    )
    if cost.instructor is not None:
        draft.amount, draft.fee_hours = cost.new_amount, cost.expected
        rules = FeeRule.objects.in_force(today()).filter(title=cost.instructor.title)
        draft.fee_rule = rules.first()
    return draft

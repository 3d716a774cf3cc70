"""The demo's costs of classes: reserved by the rates, approved, settled by rolls, and paid.

The rates begin some weeks before the demo's day. What classes of before cost was asked for by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min

from accounts.enums import Role
from accounts.origin import Actor
from accounts.records import save_record
from config.lib.periods import at_local, period
from courses.models import TrainingClass
from funding.actions.class_costs import ask_for_class, is_open, settle_class
from funding.actions.commitments import approve_commitment, check_commitment, pay_commitment
from funding.enums import CommitmentState
from funding.errors import FundError
from funding.models import Commitment, CostRate
from funding.queries.class_costs import find_class_cost, list_class_costs
from funding.queries.vouchers import list_checklist
from schools.demo import DemoPlan
from schools.models import School

# Days: since when there are rates, and how far ahead money is asked for.
_SINCE, _AHEAD = 18, 6
# Days from the first session until a cost is asked for, checked, approved, settled and paid.
_ASKED, _CHECKED, _APPROVED, _SETTLED, _PAID = -6, -4, -2, 8, 10
# By use and title: the channel and the price of a unit (yuan).
_RATES = {
    ("lecturer_fee", "none"): ("fiscal", 300),
    ("lecturer_fee", "associate_professor"): ("fiscal", 400),
    ("lecturer_fee", "professor"): ("fiscal", 800),
    ("lecturer_fee", "academician"): ("fiscal", 1200),
    ("meals", ""): ("dues", 25),
    ("transport", ""): ("dues", 600),
}

type _Actors = Callable[[Role, School | None], Actor]
type _Event = tuple[datetime, Callable[[datetime], object]]


def rates_begin(plan: DemoPlan) -> date:
    """The first day of the rates."""
    return max(plan.on - timedelta(days=_SINCE), date(plan.year, 2, 1))


def seed_rates(plan: DemoPlan, by: Actor) -> None:
    """What units cost from that day on."""
    for (use, title), (channel, amount) in _RATES.items():
        facts = {"source": "本区培训班费用标准", "period": period(rates_begin(plan), None)}
        rate = CostRate(use=use, title=title, channel=channel, amount=amount, **facts)
        save_record(obj=rate, by=by, fields=())


def class_events(plan: DemoPlan, school: School, actor_of: _Actors) -> list[_Event]:
    """What happens to the money of a school's classes since the rates, as acts at their moments."""
    begins = TrainingClass.objects.filter(school=school, sessions__called_off_at=None)
    days = (rates_begin(plan), plan.on + timedelta(days=_AHEAD))
    found = begins.annotate(first=Min("sessions__held_on")).filter(first__range=days)
    actors = {
        role: actor_of(role, school)
        for role in (Role.SCHOOL_CLERK, Role.CUSTODIAN, Role.APPROVER, Role.PAYER)
    }
    return [
        event
        for training_class in found.order_by("pk")
        for event in _events_of(training_class, training_class.first, actors)
    ]


def _events_of(
    training_class: TrainingClass, first: date, actors: dict[Role, Actor]
) -> list[_Event]:
    key = training_class.pk

    def made(state: CommitmentState) -> list[Any]:
        rows = Commitment.objects.filter(training_class=key).exclude(cost_rate=None)
        return list(rows.with_stages().filter(state=state).order_by("pk"))

    def ask(at: datetime) -> None:
        keys = [cost.key for cost in list_class_costs(training_class) if is_open(cost)]
        # Without money, or costs, the class is listed or causes none.
        with suppress(FundError):
            ask_for_class(training_class_id=key, keys=keys, by=actors[Role.SCHOOL_CLERK], at=at)

    def pass_on(at: datetime) -> None:
        for one in made(CommitmentState.TO_APPROVE):
            approve_commitment(commitment_id=one.pk, by=actors[Role.APPROVER], at=at)
        for one in made(CommitmentState.TO_CHECK):
            check_commitment(commitment_id=one.pk, by=actors[Role.CUSTODIAN], at=at)

    def settle(at: datetime) -> None:
        # Some rolls are late, and some classes delivered all that was reserved.
        with suppress(FundError):
            settle_class(training_class_id=key, by=actors[Role.APPROVER], at=at)

    def pay(at: datetime) -> None:
        for one in made(CommitmentState.TO_PAY):
            cost = find_class_cost(one)
            checklist = list_checklist(one, at.date())
            if cost is None or not all(line.is_there for line in checklist):
                continue
            if amount := min(one.approved, cost.delivered_amount):
                pay_commitment(commitment_id=one.pk, amount=amount, by=actors[Role.PAYER], at=at)

    steps = {_ASKED: ask, _CHECKED: pass_on, _APPROVED: pass_on, _SETTLED: settle, _PAID: pay}
    return [(at_local(first + timedelta(days=days), 10), do) for days, do in steps.items()]

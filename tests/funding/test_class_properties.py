"""Whatever becomes of a class and its money, no path pays it twice or beyond what was delivered.

To the acts of `test_properties` come a plan that changes, rolls, settling, and asking anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from funding.models import Commitment, CostRate, FundLeg, VoucherRule
from tests.factories import acting
from tests.funding.class_world import CostWorld
from tests.funding.test_properties import AnySequence, Cost
from tests.funding.world import DUES, FISCAL, YEAR
from tests.properties import examples

FEE, MEAL = Decimal(10), Decimal(5)
USES = ("lecturer_fee", "meals")


@dataclass
class Caused(Cost):
    """A cost that the class causes, for so many units; `is_released` once some was given back."""

    use: str = ""
    units: int = 0
    is_released: bool = False


class AnyClass(AnySequence):
    """A class with eight paid hours and a changing number of places is taught once, or never."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        CostRate.objects.filter(use="lecturer_fee").update(amount=FEE)
        CostRate.objects.filter(use="meals").update(amount=MEAL)
        VoucherRule.objects.all().delete()
        self.places, self.is_taught = 10, False
        self.current: dict[str, Caused] = {}
        self.world.plan()
        self.follow()

    def make_world(self) -> CostWorld:
        return CostWorld()

    def expected(self, use: str) -> int:
        return 8 if use == "lecturer_fee" else self.places

    def price(self, use: str) -> Decimal:
        return FEE if use == "lecturer_fee" else MEAL

    def delivered(self, use: str) -> Decimal:
        units = (8 if use == "lecturer_fee" else 1) if self.is_taught else 0
        return units * self.price(use)

    def follow(self) -> None:
        """What the plan does to the money, by the recount."""
        for use in USES:
            cost, needed = self.current.get(use), self.expected(use) * self.price(use)
            held = self.available[FISCAL, YEAR]
            if cost is None:
                if held >= needed:
                    self.reserve(use)
            elif (
                cost.committed == cost.row.amount
                and cost.units != self.expected(use)
                and not cost.is_released
                and held + cost.committed >= needed
            ):
                self.available[FISCAL, YEAR] += cost.committed
                cost.committed = Decimal(0)
                self.reserve(use)

    def reserve(self, use: str) -> None:
        row = Commitment.objects.filter(use=use).exclude(cost_rate=None).order_by("-pk")[0]
        assert row.amount == self.expected(use) * self.price(use)
        self.available[FISCAL, YEAR] -= row.amount
        made = Caused(row, (FISCAL, YEAR), row.amount, use=use, units=self.expected(use))
        self.current[use] = made
        self.costs.append(made)

    def may_pay(self, cost: Cost, amount: Decimal) -> bool:
        allowed = super().may_pay(cost, amount)
        if isinstance(cost, Caused):
            return allowed and cost.paid + amount <= self.delivered(cost.use)
        return allowed

    def note_release(self, cost: Cost) -> None:
        if isinstance(cost, Caused):
            cost.is_released = True

    @rule(places=st.integers(1, 30))
    def change_places(self, places: int) -> None:
        self.places = places
        training_class = self.world.training_class
        training_class.capacity = places
        training_class.save()
        self.world.tell_planned(acting(self.world.clerk))
        self.follow()

    @precondition(lambda self: not self.is_taught)
    @rule()
    def teach(self) -> None:
        self.world.take_rolls()
        self.is_taught = True

    @rule(use=st.sampled_from(USES))
    def ask_anew(self, use: str) -> None:
        cost, needed = self.current.get(use), self.expected(use) * self.price(use)
        held = self.available[FISCAL, YEAR]
        is_open = cost is None or not (cost.committed + cost.approved + cost.paid)
        if cost is not None and not is_open:
            differs = cost.units != self.expected(use) and not cost.is_released
            is_open = differs and cost.committed == cost.row.amount
            held += cost.committed if is_open else 0
        allowed = is_open and held >= needed
        if self.may("ask", allowed, lambda: self.world.ask(use)):
            if cost is not None:
                self.available[FISCAL, YEAR] += cost.committed
                cost.committed = Decimal(0)
            self.reserve(use)

    @rule()
    def settle(self) -> None:
        left = {use: self.left_over(cost) for use, cost in self.current.items()}
        allowed = self.is_taught and any(left.values())
        if not self.may("settle", allowed, self.world.settle):
            return
        for use, amount in left.items():
            cost = self.current[use]
            from_committed = min(amount, cost.committed)
            cost.committed -= from_committed
            cost.approved -= amount - from_committed
            self.available[FISCAL, YEAR] += amount
            cost.is_released = cost.is_released or amount > 0

    def left_over(self, cost: Caused) -> Decimal:
        unpaid = cost.committed + cost.approved
        return min(unpaid, max(unpaid + cost.paid - self.delivered(cost.use), Decimal(0)))

    @invariant()
    def no_class_is_paid_twice(self) -> None:
        for use in USES if hasattr(self, "current") else ():
            legs = FundLeg.objects.filter(
                transaction__commitment__use=use,
                transaction__commitment__cost_rate__isnull=False,
                stage="paid",
            )
            assert sum(legs.values_list("amount", flat=True)) <= self.delivered(use)


@pytest.mark.django_db
def test_any_sequence_with_a_class():
    run_state_machine_as_test(
        AnyClass,
        settings=settings(
            max_examples=examples(3, deep=8),
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_a_class_is_reserved_changed_taught_settled_and_paid():
    machine = AnyClass()
    machine.begin()
    assert set(machine.current) == set(USES)
    machine.change_places(12)
    machine.settle()
    machine.ask_anew("meals")
    for place in range(3):
        machine.check(place)
        machine.approve(place)
    machine.pay(2, 4)
    machine.change_places(9)
    machine.teach()
    machine.pay(2, 4)
    machine.settle()
    machine.pay(0, 4)
    machine.pay(0, 1)
    machine.allocate(Decimal(1000), DUES, YEAR)
    machine.the_ledger_says_what_the_recount_says()
    machine.no_class_is_paid_twice()
    machine.teardown()

    assert machine.current["lecturer_fee"].paid == 80
    assert {f"{act} {allowed}" for act in ("settle", "pay") for allowed in (True, False)} <= set(
        machine.tried
    )

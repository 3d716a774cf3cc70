"""Whatever people do with the money in whatever order, the ledger says what a recount says.

Never below zero, always adding up to zero, and every step by another person. The recount is written
for this test alone: it knows the costs and what is left of each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from funding.actions.allocations import adjust_allocation, carry_funds_over
from funding.actions.commitments import release_commitment
from funding.actions.reversals import reverse_transaction
from funding.errors import FundError
from funding.models import Commitment, FundLeg, FundTransaction
from funding.queries.balances import list_balances
from funding.queries.fund_check import list_fund_findings
from tests.factories import NOON, acting
from tests.funding.world import DUES, FISCAL, YEAR, FundWorld
from tests.properties import examples
from tests.refusals import refused

amounts = st.integers(1, 60_000).map(lambda fen: Decimal(fen) / 100)
channels = st.sampled_from([FISCAL, DUES])
years = st.sampled_from([YEAR, YEAR + 1])
places = st.integers(0, 30)


@dataclass
class Cost:
    """What is left of a cost in each stage, as the recount sees it."""

    row: Commitment
    key: tuple[str, int]
    committed: Decimal
    approved: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    is_checked: bool = False


class AnySequence(RuleBasedStateMachine):
    """Money of two channels and two years is given, moved, asked for, paid and given back."""

    @initialize()
    def begin(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.world = self.make_world()
        for role in ("custodian", "approver", "payer"):
            user = getattr(self.world, role)
            grant = user.role_grants.get()
            grant.pk, grant.channel = None, DUES
            grant.save()
        self.available: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
        self.available[FISCAL, YEAR] = Decimal(1000)
        self.costs: list[Cost] = []
        self.tried: Counter[str] = Counter()

    def make_world(self) -> FundWorld:
        return FundWorld()

    def may_pay(self, cost: Cost, amount: Decimal) -> bool:
        return amount <= cost.approved

    def note_release(self, cost: Cost) -> None:
        """Nothing more to remember."""

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def cost(self, place: int) -> Cost:
        return self.costs[place % len(self.costs)]

    def may(self, act: str, allowed: bool, do) -> bool:
        """Carry out an act that is allowed, else see it refused."""
        self.tried[f"{act} {allowed}"] += 1
        if allowed:
            do()
        else:
            with refused(FundError):
                do()
        return allowed

    @rule(amount=amounts, channel=channels, year=years)
    def allocate(self, amount: Decimal, channel: str, year: int) -> None:
        self.world.allocate(amount, channel=channel, year=year, decision="部务会")
        self.available[channel, year] += amount

    @rule(amount=amounts, sign=st.sampled_from([1, -1]))
    def adjust(self, amount: Decimal, sign: int) -> None:
        key = (FISCAL, YEAR)
        allowed = sign > 0 or self.available[key] >= amount

        def do() -> None:
            adjust_allocation(
                allocation_id=self.world.allocation.pk,
                amount=sign * amount,
                reason="调整",
                by=acting(self.world.officer),
                at=NOON,
            )

        if self.may("adjust", allowed, do):
            self.available[key] += sign * amount

    @rule(amount=amounts, channel=channels)
    def carry_over(self, amount: Decimal, channel: str) -> None:
        def do() -> None:
            carry_funds_over(
                school=self.world.school,
                channel=channel,
                year=YEAR,
                purpose="training",
                amount=amount,
                reason="结转",
                by=acting(self.world.officer),
                at=NOON,
            )

        if self.may("carry over", self.available[channel, YEAR] >= amount, do):
            self.available[channel, YEAR] -= amount
            self.available[channel, YEAR + 1] += amount

    @rule(amount=amounts, channel=channels, year=years)
    def commit(self, amount: Decimal, channel: str, year: int) -> None:
        made: list[Commitment] = []

        def do() -> None:
            made.append(self.world.commit(amount, channel=channel, year=year))

        if self.may("commit", self.available[channel, year] >= amount, do):
            self.available[channel, year] -= amount
            self.costs.append(Cost(made[0], (channel, year), amount))

    @precondition(lambda self: self.costs)
    @rule(place=places)
    def check(self, place: int) -> None:
        cost = self.cost(place)
        allowed = cost.committed > 0 and not cost.is_checked
        if self.may("check", allowed, lambda: self.world.check(cost.row)):
            cost.is_checked = True

    @precondition(lambda self: self.costs)
    @rule(place=places)
    def approve(self, place: int) -> None:
        cost = self.cost(place)
        allowed = cost.is_checked and cost.committed > 0
        if self.may("approve", allowed, lambda: self.world.approve(cost.row)):
            cost.approved, cost.committed = cost.approved + cost.committed, Decimal(0)

    @precondition(lambda self: self.costs)
    @rule(place=places, part=st.integers(1, 5))
    def pay(self, place: int, part: int) -> None:
        """A quarter of the cost, up to five quarters of it."""
        cost = self.cost(place)
        amount = max((cost.row.amount * part / 4).quantize(Decimal("0.01")), Decimal("0.01"))
        allowed = self.may_pay(cost, amount)
        if self.may("pay", allowed, lambda: self.world.pay(cost.row, amount)):
            cost.approved -= amount
            cost.paid += amount

    @precondition(lambda self: self.costs)
    @rule(place=places)
    def release(self, place: int) -> None:
        cost = self.cost(place)

        def do() -> None:
            by = acting(self.world.approver)
            release_commitment(commitment_id=cost.row.pk, reason="取消", by=by, at=NOON)

        if self.may("release", cost.committed + cost.approved > 0, do):
            self.available[cost.key] += cost.committed + cost.approved
            cost.committed = cost.approved = Decimal(0)
            self.note_release(cost)

    @precondition(lambda self: self.costs)
    @rule(place=places, kind=st.sampled_from(["payment", "approval"]))
    def take_back(self, place: int, kind: str) -> None:
        cost = self.cost(place)
        posted = cost.row.transactions.filter(kind=kind).order_by("pk").last()
        if posted is None:
            return
        amount = posted.legs.get(amount__gt=0).amount
        left = cost.paid if kind == "payment" else cost.approved
        allowed = not posted.reversals.exists() and left >= amount
        by = acting(self.world.payer if kind == "payment" else self.world.approver)

        def do() -> None:
            reverse_transaction(transaction_id=posted.pk, reason="有误", by=by, at=NOON)

        if not self.may(f"reverse {kind}", allowed, do):
            return
        if kind == "payment":
            cost.paid, cost.approved = cost.paid - amount, cost.approved + amount
        else:
            cost.approved, cost.committed = cost.approved - amount, cost.committed + amount

    @invariant()
    def the_ledger_says_what_the_recount_says(self) -> None:
        if not hasattr(self, "costs"):
            return
        assert list_fund_findings() == []
        expected = {key: [held, 0, 0, 0] for key, held in self.available.items() if held}
        for cost in self.costs:
            sums = expected.setdefault(cost.key, [Decimal(0), 0, 0, 0])
            for place, stage in enumerate((cost.committed, cost.approved, cost.paid), 1):
                sums[place] += stage
        held = {
            (one.channel, one.year): [one.available, one.committed, one.approved, one.paid]
            for one in list_balances(FundLeg.objects.all())
            if one.granted
        }
        assert held == expected
        numbers = FundTransaction.objects.filter(channel=FISCAL).order_by("number")
        assert list(numbers.values_list("number", flat=True)) == [*range(1, numbers.count() + 1)]


@pytest.mark.django_db
def test_any_sequence():
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=examples(4, deep=12),
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_a_sequence_that_takes_each_step_and_is_refused_each():
    machine = AnySequence()
    machine.begin()
    machine.allocate(Decimal(100), DUES, YEAR)
    machine.adjust(Decimal(2000), -1)
    machine.adjust(Decimal(100), -1)
    machine.carry_over(Decimal(50), DUES)
    machine.carry_over(Decimal(51), DUES)
    machine.commit(Decimal(400), FISCAL, YEAR)
    machine.commit(Decimal(501), FISCAL, YEAR)
    machine.approve(0)
    machine.check(0)
    machine.check(0)
    machine.pay(0, 1)
    machine.approve(0)
    machine.pay(0, 1)
    machine.take_back(0, "approval")
    machine.take_back(0, "payment")
    machine.take_back(0, "payment")
    machine.take_back(0, "approval")
    machine.release(0)
    machine.release(0)
    machine.the_ledger_says_what_the_recount_says()
    machine.teardown()

    assert set(machine.tried) == {
        f"{act} {allowed}"
        for act in (
            *("adjust", "carry over", "commit", "check", "approve", "pay", "release"),
            *("reverse payment", "reverse approval"),
        )
        for allowed in (True, False)
    }

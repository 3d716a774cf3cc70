"""Many at once spend what is there and no more, on real connections."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from config.lib.database_roles import has_two_roles
from funding.actions.commitments import release_commitment
from funding.errors import FundError
from funding.models import Commitment, FundLeg, FundTransaction, Voucher
from funding.queries.fund_check import list_fund_findings
from tests.connections import overlapping, together
from tests.factories import NOON, acting
from tests.funding.class_world import CostWorld
from tests.funding.vouchers import VoucherWorld
from tests.funding.world import FundWorld

pytestmark = pytest.mark.django_db(transaction=True)


def answered(call):
    """The call; its refusal is its answer."""

    def run() -> object:
        try:
            return call()
        except (FundError, IntegrityError) as error:
            return error

    return run


def test_fifty_commitments_against_one_allocation():
    """Acceptance, fault 9: 50 ask for 30 yuan each, 1,000 yuan are there."""
    world = FundWorld(amount=1000)

    answers = together(*[answered(partial(world.commit, 30)) for _ in range(50)])

    assert Counter(type(answer) for answer in answers) == {Commitment: 33, FundError: 17}
    assert world.holds() == {
        "available": Decimal(10),
        "committed": Decimal(990),
        "approved": 0,
        "paid": 0,
    }
    numbers = FundTransaction.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 35))
    assert list_fund_findings() == []


def test_two_payments_of_one_approval():
    world = FundWorld()
    commitment = world.approved(100)
    pay = answered(partial(world.pay, commitment, 100))

    first, second = overlapping(pay, pay)

    assert isinstance(first, FundTransaction)
    assert isinstance(second, FundError)
    assert world.holds()["paid"] == 100


def test_the_hours_of_a_class_asked_for_twice_give_one_commitment():
    world = CostWorld()
    world.plan()
    by = acting(world.approver)
    release_commitment(commitment_id=world.reserved().pk, reason="x", by=by, at=NOON)
    ask = answered(partial(world.ask, "lecturer_fee"))

    first, second = overlapping(ask, ask)

    assert (type(first), type(second)) == (list, FundError)
    assert world.holds()["committed"] == 1000
    assert list_fund_findings() == []


def test_a_plan_and_a_clerk_who_asks_reserve_once():
    world = CostWorld()
    world.commit(900)
    world.plan()
    world.allocate(900)
    follow = partial(world.tell_planned, acting(world.clerk))

    overlapping(follow, answered(partial(world.ask, "lecturer_fee", "meals")))

    caused = Commitment.objects.exclude(cost_rate=None).with_stages()
    assert sorted(caused.values_list("committed", flat=True)) == [200, 800]
    assert list_fund_findings() == []


def test_a_receipt_uploaded_at_two_costs_at_once_stands_at_one():
    world = VoucherWorld()
    costs = [world.commit(), world.commit()]

    answers = overlapping(*[answered(partial(world.upload, cost)) for cost in costs])

    assert [type(answer) for answer in answers] == [Voucher, FundError]


def _unlocked(world: FundWorld) -> FundTransaction:
    """A transaction posted by somebody who does not take the lock of the fund."""
    with transaction.atomic():
        made = FundTransaction.objects.create(
            school=world.school,
            channel="fiscal",
            kind="adjustment",
            allocation=world.allocation,
            reason="x",
            posted_at=NOON,
            posted_by=world.officer,
        )
        for stage, amount in (("granted", -5), ("available", 5)):
            _leg(world, made, stage, amount)
    return made


def _leg(world: FundWorld, made: FundTransaction, stage: str, amount: int) -> FundLeg:
    return FundLeg.objects.create(
        transaction=made,
        school=world.school,
        channel="fiscal",
        year=2026,
        purpose="training",
        stage=stage,
        amount=amount,
    )


@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_a_number_is_given_once_even_to_who_takes_no_lock():
    world = FundWorld()

    first, second = overlapping(*[answered(partial(_unlocked, world))] * 2)

    assert isinstance(first, FundTransaction)
    assert second.__cause__.diag.constraint_name == "fund_transaction_number_once"


def test_a_place_is_given_once_even_to_who_takes_no_lock():
    world = FundWorld()
    given = world.allocation.transactions.get()

    def add(stages: tuple[str, str]):
        """More legs of a transaction that is there, which add up to zero."""
        with transaction.atomic():
            return [_leg(world, given, stage, n) for stage, n in zip(stages, (5, -5), strict=True)]

    first, second = overlapping(
        answered(partial(add, ("available", "granted"))),
        answered(partial(add, ("available", "granted"))),
    )

    assert len(first) == 2
    assert second.__cause__.diag.constraint_name == "fund_leg_position_once"

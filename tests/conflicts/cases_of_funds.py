"""Cases of the table about money: costs that another account of the person asked for."""

from __future__ import annotations

from decimal import Decimal

from accounts.enums import Role
from accounts.models import User
from funding.actions.allocations import AllocationFacts, allocate_funds
from funding.actions.commitments import (
    CostFacts,
    approve_commitment,
    check_commitment,
    commit_funds,
    pay_commitment,
)
from funding.actions.exceptions import decide_exception
from funding.errors import FundError
from funding.models import Commitment, LimitRule
from tests.conflicts.cases_of_years import second_account
from tests.conflicts.table import Act, World, case
from tests.factories import DAY, NOON, acting, grant, make_class, make_user


def holder(world: World, role: Role) -> User:
    user = make_user()
    grant(user, role, world.school, channel="fiscal")
    return user


def cost_of_mine(world: World, role: Role) -> Commitment:
    """A cost that an account of the person asked for; who acts on it holds `role`."""
    asker = second_account(world)
    if asker != world.me:
        grant(asker, Role.SCHOOL_CLERK, world.school)
    for user in (world.me, world.other):
        grant(user, role, world.school, channel="fiscal")
    give_money(world)
    facts = CostFacts(world.school, "fiscal", DAY.year, "meals", Decimal(40), "午餐")
    return commit_funds(facts=facts, by=acting(asker), at=NOON)


def give_money(world: World) -> None:
    money = AllocationFacts(world.school, DAY.year, "fiscal", "training", Decimal(100), "津〔1〕")
    allocate_funds(facts=money, by=acting(world.third), at=NOON)


def checked(world: World, commitment: Commitment) -> Commitment:
    custodian = holder(world, Role.CUSTODIAN)
    return check_commitment(commitment_id=commitment.pk, by=acting(custodian), at=NOON)


@case("check_commitment", FundError)
def own_cost_checked(world: World) -> Act:
    cost = cost_of_mine(world, Role.CUSTODIAN)
    return lambda user: check_commitment(commitment_id=cost.pk, by=acting(user), at=NOON)


@case("decide_exception", FundError)
def own_exception_decided(world: World) -> Act:
    LimitRule.objects.filter(kind="person_day").update(most=1)
    asker = second_account(world)
    if asker != world.me:
        grant(asker, Role.SCHOOL_CLERK, world.school)
    give_money(world)
    of = make_class(world.school)
    facts = CostFacts(world.school, "fiscal", DAY.year, "meals", Decimal(40), "午餐", of)
    cost = commit_funds(facts=facts, by=acting(asker), at=NOON, exception_reason="外请讲解")
    checked(world, cost)
    return lambda user: decide_exception(
        commitment_id=cost.pk, outcome="granted", reason="同意", by=acting(user), at=NOON
    )


@case("approve_commitment", FundError)
def own_cost_approved(world: World) -> Act:
    cost = checked(world, cost_of_mine(world, Role.APPROVER))
    return lambda user: approve_commitment(commitment_id=cost.pk, by=acting(user), at=NOON)


@case("pay_commitment", FundError)
def own_cost_paid(world: World) -> Act:
    cost = checked(world, cost_of_mine(world, Role.PAYER))
    approver = acting(holder(world, Role.APPROVER))
    approve_commitment(commitment_id=cost.pk, by=approver, at=NOON)
    return lambda user: pay_commitment(
        commitment_id=cost.pk, amount=Decimal(40), by=acting(user), at=NOON
    )

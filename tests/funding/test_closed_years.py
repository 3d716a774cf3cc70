"""A closed year keeps its money: nothing of it moves but what is left, into the next year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from config.lib.database_roles import as_owner, has_two_roles
from config.lib.periods import at_local
from funding.actions.allocations import adjust_allocation, carry_funds_over
from funding.actions.commitments import release_commitment
from funding.actions.reversals import reverse_transaction
from funding.blockers import OPEN_COSTS
from funding.errors import FundError
from funding.models import FundTransaction
from funding.queries.fund_check import list_fund_findings
from quotas.blocker_registry import list_blocked
from schools.actions.year_locks import lock_year, release_year
from schools.models import YearLock
from tests.connections import overlapping
from tests.factories import acting
from tests.funding.world import YEAR, FundWorld
from tests.refusals import refused

LOCKED = at_local(date(YEAR + 1, 1, 9), 9)
AFTER = at_local(date(YEAR + 1, 3, 2), 9)

# Legs of a transaction that stands, with the same signs, in a year.
AGAIN = """
WITH posted AS (
    INSERT INTO funding_fundtransaction (school_id, channel, kind, allocation_id, commitment_id,
                                         reason, posted_at, posted_by_id)
    SELECT school_id, channel, %(kind)s, CASE WHEN %(kind)s = 'adjustment' THEN allocation_id END,
           commitment_id, 'x', now(), posted_by_id
    FROM funding_fundtransaction WHERE id = %(id)s RETURNING id, school_id, channel
)
INSERT INTO funding_fundleg (transaction_id, school_id, channel, year, purpose, stage, amount)
SELECT posted.id, school_id, channel, leg.year, 'training', leg.stage, leg.amount
FROM posted, unnest(%(years)s::int[], %(stages)s::text[], %(amounts)s::numeric[])
     AS leg (year, stage, amount)
"""


@pytest.fixture
def world(db) -> FundWorld:
    return FundWorld()


def lock(world: FundWorld) -> YearLock:
    return lock_year(year=YEAR, by=acting(world.officer), at=LOCKED)


def carry(world: FundWorld, amount: int, year: int = YEAR) -> FundTransaction:
    return carry_funds_over(
        school=world.school,
        channel="fiscal",
        year=year,
        purpose="training",
        amount=Decimal(amount),
        reason="结余结转",
        by=acting(world.officer),
        at=AFTER,
    )


def post(kind: str, *legs: tuple[int, str, int]) -> str:
    """Post by plain SQL of the application's role; the constraint that refuses it, or nothing."""
    years, stages, amounts = (list(column) for column in zip(*legs, strict=True))
    values = {"kind": kind, "years": years, "stages": stages, "amounts": amounts}
    values["id"] = FundTransaction.objects.order_by("pk")[0].pk
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(AGAIN, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return ""


class TestRawStatements:
    def test_post_nothing_of_it(self, world):
        grant = ((YEAR, "granted", -5), (YEAR, "available", 5))
        assert post("adjustment", *grant) == ""
        lock(world)

        assert post("adjustment", *grant) == "year_is_closed"
        assert post("adjustment", (YEAR + 1, "granted", -5), (YEAR + 1, "available", 5)) == ""

    def test_carry_what_is_left_into_the_next_year_alone(self, world):
        lock(world)

        into_next = ((YEAR, "available", -5), (YEAR + 1, "available", 5))
        assert post("carry_over", *into_next) == ""
        for legs in (
            ((YEAR, "available", -5), (YEAR + 2, "available", 5)),
            ((YEAR, "available", -5), (YEAR + 1, "committed", 5)),
            ((YEAR, "available", -5), (YEAR + 1, "available", 3), (YEAR + 1, "available", 2)),
        ):
            assert post("carry_over", *legs) == "fund_carry_over_fits"

    def test_add_nothing_to_a_carry_over(self, world):
        posted = carry(world, 100)
        with refused(IntegrityError, match="next year"), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO funding_fundleg (transaction_id, school_id, channel, year,"
                " purpose, stage, amount) SELECT %s, %s, 'fiscal', year, 'training',"
                " 'available', amount FROM (VALUES (%s, -5), (%s, 5)) leg (year, amount)",
                [posted.pk, world.school.pk, YEAR, YEAR + 3],
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class TestActs:
    def test_hear_it_before_the_database_refuses(self, world):
        settled = world.approved(100)
        world.pay(settled, 100)
        lock(world)

        for act in (
            lambda: world.allocate(10),
            lambda: world.commit(10),
            lambda: adjust_allocation(
                allocation_id=world.allocation.pk,
                amount=Decimal(5),
                reason="追加",
                by=acting(world.officer),
                at=AFTER,
            ),
            lambda: reverse_transaction(
                transaction_id=settled.transactions.get(kind="payment").pk,
                reason="付错",
                by=acting(world.payer),
                at=AFTER,
            ),
            lambda: carry(world, 10, YEAR - 1),
        ):
            with refused(FundError, match="结账"):
                act()
        world.allocate(10, year=YEAR + 1)
        assert list_fund_findings() == []

    def test_carry_over_what_is_left_and_take_it_back(self, world):
        lock(world)

        posted = carry(world, 400)
        assert world.holds()["available"] == 600
        assert world.holds(year=YEAR + 1)["available"] == 400
        reverse_transaction(
            transaction_id=posted.pk, reason="数额有误", by=acting(world.officer), at=AFTER
        )
        assert world.holds()["available"] == 1000
        assert list_fund_findings() == []

    def test_go_on_once_it_is_opened_again(self, world):
        lock(world)
        release_year(year=YEAR, reason="补录", by=acting(world.officer), at=AFTER)

        world.commit(10)

        assert list_fund_findings() == []


class TestOpenCosts:
    def test_block_the_close_and_lead_to_their_list(self, world):
        open_one, settled = world.approved(100), world.approved(50)
        world.pay(settled, 50)
        world.allocate(10, year=YEAR + 1)
        world.commit(10, year=YEAR + 1)

        assert OPEN_COSTS.count(YEAR, AFTER) == {world.school.pk: 1}
        [blocked] = [one for one in list_blocked(YEAR, AFTER) if one.label == OPEN_COSTS.label]
        count, address = blocked.by_school[world.school.pk]
        query = f"state=open&year={YEAR}&school={world.school.pk}"
        assert (count, address) == (1, f"{reverse('funding:commitments')}?{query}")

        release_commitment(
            commitment_id=open_one.pk, reason="取消", by=acting(world.approver), at=AFTER
        )
        assert OPEN_COSTS.count(YEAR, AFTER) == {}

    @pytest.mark.parametrize("state", ["committed", "approved"])
    def test_keep_the_database_from_locking_their_year(self, world, state):
        if state == "committed":
            world.commit(100)
        else:
            world.pay(world.approved(100), 40)

        with refused(IntegrityError, match="not paid"), connection.cursor() as cursor:
            lock(world)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_a_cost_that_is_being_asked_for_makes_the_close_wait_and_fail():
    world = FundWorld()

    with pytest.raises(IntegrityError, match="not paid"):
        overlapping(lambda: world.commit(100), lambda: lock(world))

    assert not YearLock.objects.exists()
    assert OPEN_COSTS.count(YEAR, AFTER) == {world.school.pk: 1}


@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
@pytest.mark.django_db(transaction=True)
def test_who_commands_the_database_is_found_out():
    world = FundWorld()
    world.commit(100)
    with as_owner() as owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO schools_yearlock (year, revision, locked_at, locked_by_id, reason)"
            " VALUES (%s, 1, %s, %s, '')",
            [YEAR, LOCKED, world.officer.pk],
        )
        cursor.execute("UPDATE funding_fundtransaction SET posted_at = %s", [AFTER])
        cursor.execute("SET session_replication_role = DEFAULT")

    checks = {finding.check for finding in list_fund_findings()}

    assert "no money of a closed year moves but by its carry-over" in checks
    assert "no closed year leaves a cost that is reserved or approved and not paid" in checks

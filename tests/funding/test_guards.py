"""What the database refuses to anybody who writes to the fund ledger past the portal."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction

from funding.models import FundTransaction, VoucherRule
from tests.funding.world import FundWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> FundWorld:
    return FundWorld()


def run(statement: str, *values: object) -> None:
    """A statement of the application's role, and the checks of the end of its transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == settings.DATABASES["default"]["USER"]
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refusal_of(statement: str, *values: object) -> str:
    with pytest.raises(IntegrityError) as caught:
        run(statement, *values)
    return caught.value.__cause__.diag.constraint_name


POST = """
INSERT INTO funding_fundtransaction (school_id, channel, kind, allocation_id, commitment_id,
                                     reverses_id, reason, posted_at, posted_by_id)
SELECT school_id, channel, %s, allocation_id, commitment_id, {reverses}, 'x', now(), %s
FROM funding_fundtransaction WHERE id = %s
"""
WITH_LEGS = """
WITH posted AS ({post} RETURNING id, school_id, channel)
INSERT INTO funding_fundleg (transaction_id, school_id, channel, year, purpose, stage, amount)
SELECT posted.id, school_id, channel, 2026, 'training', stage, amount
FROM posted, (VALUES {legs}) AS legs (stage, amount)
"""
TO_AVAILABLE = "('granted', -5), ('available', 5)"


def post(legs: str, *, reverses: str = "NULL") -> str:
    return WITH_LEGS.format(post=POST.format(reverses=reverses), legs=legs)


@pytest.mark.parametrize(
    "table", ["allocation", "commitment", "earmarkcheck", "fundtransaction", "fundleg"]
)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_rows_of_the_ledger_are_only_added(world, table, verb):
    world.approved()

    with pytest.raises(ProgrammingError, match="permission denied"):
        run(verb.format(f"funding_{table}"))


def test_legs_add_up_to_zero(world):
    given = world.allocation.transactions.get()
    values = ("adjustment", world.officer.pk, given.pk)
    run(post(TO_AVAILABLE), *values)

    unbalanced = post("('granted', -5), ('available', 6)")
    assert refusal_of(unbalanced, *values) == "fund_transaction_adds_up"
    assert refusal_of(post("('available', 5)"), *values) == "fund_transaction_adds_up"
    assert refusal_of(POST.format(reverses="NULL"), *values) == "fund_transaction_adds_up"
    late = """
        INSERT INTO funding_fundleg (transaction_id, school_id, channel, year, purpose, stage,
                                     amount)
        VALUES (%s, 0, '', 2026, 'training', 'available', 1)
    """
    assert refusal_of(late, given.pk) == "fund_transaction_adds_up"


def test_the_database_works_out_number_place_and_balance(world):
    """Whatever a statement says of them."""
    given = world.allocation.transactions.get()
    run(
        """
        WITH posted AS (
            INSERT INTO funding_fundtransaction (school_id, channel, kind, allocation_id, reason,
                                                 posted_at, posted_by_id, number, link)
            VALUES (%s, 'fiscal', 'adjustment', %s, 'x', now(), %s, 77, 'forged') RETURNING id
        )
        INSERT INTO funding_fundleg (transaction_id, school_id, channel, year, purpose, stage,
                                     amount, position, balance)
        SELECT posted.id, 0, 'dues', 2026, 'training', stage, amount, 9, 999999
        FROM posted, (VALUES ('granted', -5), ('available', 5)) AS legs (stage, amount)
        """,
        world.school.pk,
        world.allocation.pk,
        world.officer.pk,
    )

    made = FundTransaction.objects.exclude(pk=given.pk).get()
    assert (made.number, len(made.link)) == (2, 64)
    legs = made.legs.order_by("stage").values_list("channel", "stage", "position", "balance")
    assert list(legs) == [("fiscal", "available", 2, 1005), ("fiscal", "granted", 2, -1005)]
    assert world.holds()["available"] == 1005


def test_nobody_spends_what_is_not_there(world):
    world.commit(1000)
    commitment = FundTransaction.objects.get(kind="commitment")
    values = ("release", world.clerk.pk, commitment.pk)

    taken = post("('available', -5), ('committed', 5)")
    assert refusal_of(taken, *values) == "fund_leg_overdraws_nothing"


def test_no_commitment_spends_what_is_reserved_for_another(world):
    world.commit(10)
    world.commit(100)
    first = FundTransaction.objects.filter(kind="commitment").earliest("pk")
    values = ("release", world.clerk.pk, first.pk)

    released = post("('committed', -11), ('available', 11)")
    assert refusal_of(released, *values) == "commitment_overdraws_nothing"


def test_an_approval_follows_the_check_by_two_others(world):
    commitment = world.commit(10)
    posted = commitment.transactions.get()
    approval = post("('committed', -10), ('approved', 10)")
    values = ("approval", world.approver.pk, posted.pk)
    assert refusal_of(approval, *values) == "fund_approval_follows_check"
    asked = "INSERT INTO funding_earmarkcheck (commitment_id, checked_at, checked_by_id) "
    asked += "VALUES (%s, now(), %s)"
    assert refusal_of(asked, commitment.pk, world.clerk.pk) == "earmark_check_is_by_another"

    world.check(commitment)

    for user in (world.clerk, world.custodian):
        values = ("approval", user.pk, posted.pk)
        assert refusal_of(approval, *values) == "fund_transaction_is_by_another"


def test_a_payment_is_by_a_third(world):
    VoucherRule.objects.all().delete()
    commitment = world.approved(10)
    posted = commitment.transactions.get(kind="approval")
    payment = post("('approved', -10), ('paid', 10)")

    for user in (world.clerk, world.custodian, world.approver):
        values = ("payment", user.pk, posted.pk)
        assert refusal_of(payment, *values) == "fund_transaction_is_by_another"
    run(payment, "payment", world.payer.pk, posted.pk)


def test_a_reversal_is_the_exact_negative(world):
    given = world.allocation.transactions.get()
    values = ("reversal", world.officer.pk, given.pk)

    for legs in ("('available', -999), ('granted', 999)", TO_AVAILABLE):
        part = post(legs, reverses="id")
        assert refusal_of(part, *values) == "fund_reversal_fits"
    run(post("('available', -1000), ('granted', 1000)", reverses="id"), *values)


def test_a_reversal_is_not_reversed(world):
    given = world.allocation.transactions.get()
    back = post("('available', -1000), ('granted', 1000)", reverses="id")
    run(back, "reversal", world.officer.pk, given.pk)
    reversal = FundTransaction.objects.get(kind="reversal")

    again = post("('granted', -1000), ('available', 1000)", reverses="id")
    assert refusal_of(again, "reversal", world.officer.pk, reversal.pk) == "fund_reversal_fits"

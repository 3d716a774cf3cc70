"""What the database refuses about costs of classes to anybody who writes past the portal."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError

from tests.funding.class_world import CostWorld
from tests.funding.test_guards import post, refusal_of, run
from tests.funding.vouchers import need

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CostWorld:
    made = CostWorld(amount=5000)
    made.plan()
    return made


COPY = """
INSERT INTO funding_commitment (school_id, channel, year, purpose, use, amount, subject,
    training_class_id, instructor_id, fee_hours, use_rule_id, fee_rule_id, requested_at,
    requested_by_id, cost_rate_id, units, unit_price)
SELECT school_id, channel, year, purpose, use, amount, subject, training_class_id, instructor_id,
    fee_hours, use_rule_id, fee_rule_id, requested_at, requested_by_id, cost_rate_id, units,
    unit_price FROM funding_commitment WHERE id = %s
"""
POSTED = """
WITH posted AS (
    INSERT INTO funding_fundtransaction
        (school_id, channel, kind, commitment_id, reason, posted_at, posted_by_id)
    SELECT school_id, channel, 'commitment', id, '', now(), requested_by_id
    FROM funding_commitment ORDER BY id DESC LIMIT 1
    RETURNING id, school_id, channel
)
INSERT INTO funding_fundleg (transaction_id, school_id, channel, year, purpose, stage, amount)
SELECT posted.id, school_id, channel, 2026, 'training', stage, amount
FROM posted, (VALUES ('available', -200), ('committed', 200)) AS legs (stage, amount)
"""


def test_a_cost_of_a_class_is_reserved_once(world):
    run(COPY, world.reserved("meals").pk)

    assert refusal_of(POSTED) == "class_cost_once"


CAUSE = "INSERT INTO funding_deliveredcause (payment_id, units) VALUES (%s, %s)"


def test_a_payment_of_a_class_cost_has_its_delivered_cause(world):
    world.approve_all()
    world.take_rolls()
    meals = world.reserved("meals")
    world.pay(meals, 10)
    need("meals")
    approval = meals.transactions.get(kind="approval")
    pay = post("('approved', -10), ('paid', 10)")
    values = ("payment", world.payer.pk, approval.pk)

    assert meals.transactions.get(kind="payment").delivered_cause.units == 1
    assert refusal_of(pay, *values) == "class_cost_paid_as_delivered"


def test_a_delivered_cause_has_a_roll_and_is_of_a_payment(world):
    world.approve_all()
    approval = world.reserved("meals").transactions.get(kind="approval")

    assert refusal_of(CAUSE, approval.pk, 1) == "delivered_cause_has_a_roll"


@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_delivered_causes_are_only_added(world, verb):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(verb.format("funding_deliveredcause"))

"""`verify_funds` names payments without vouchers or exceptions, and hours that are paid twice."""

from __future__ import annotations

import pytest

from config.lib.database_roles import has_two_roles
from tests.funding.actions.test_exceptions import decide, item
from tests.funding.queries.test_fund_check import check, named, tamper
from tests.funding.vouchers import VoucherWorld

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set"),
]


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("DELETE FROM funding_paymentvoucher WHERE kind = 'receipt'", "of its day ask for"),
        ("UPDATE funding_voucher SET digest = 'x'", "as it was uploaded"),
        ("UPDATE funding_commitment SET fee_hours = 8 WHERE use = 'lecturer_fee'", "paid twice"),
    ],
)
def test_what_was_tampered_with_is_named(statement, part):
    world = VoucherWorld()
    world.pay(world.complete(), 40)
    fee = world.fee(4)
    world.check(fee)
    world.approve(fee)
    world.pay(fee, 10)
    assert check()[0] == set()

    tamper(statement)

    assert named(part) in check()[0]


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("UPDATE funding_exceptiondecision SET outcome = 'refused'", "exception it asked for"),
        ("DELETE FROM funding_exceptiondecision", "exception it asked for"),
        (
            "UPDATE funding_exceptiondecision d SET decided_by_id = c.requested_by_id "
            "FROM funding_commitment c",
            "exception it asked for",
        ),
        ("DELETE FROM funding_exceptionrequest", "that the rule allows"),
        (
            "UPDATE funding_exceptionrequest SET limit_rule_id = "
            "(SELECT id FROM funding_limitrule WHERE kind = 'half_day_hours')",
            "that the rule allows",
        ),
    ],
)
def test_an_exception_that_was_tampered_with_is_named(statement, part):
    world = VoucherWorld()
    world.allocate(100_000, purpose="equipment")
    commitment = item(world)
    world.check(commitment)
    decide(world, commitment)
    world.approve(commitment)
    assert check()[0] == set()

    tamper(statement)

    assert named(part) in check()[0]

"""`verify_funds` names payments without their vouchers, and hours that are paid twice."""

from __future__ import annotations

import pytest

from config.lib.database_roles import has_two_roles
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

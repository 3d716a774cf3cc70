"""What the database refuses about vouchers to anybody who writes past the portal."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError

from funding.models import PaymentVoucher, Voucher
from tests.factories import NOON
from tests.funding.test_guards import post, refusal_of, run
from tests.funding.vouchers import VoucherWorld, need

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> VoucherWorld:
    return VoucherWorld()


@pytest.mark.parametrize("table", ["voucher", "voucherwithdrawal", "paymentvoucher"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_vouchers_are_only_added(world, table, verb):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(verb.format(f"funding_{table}"))


def test_a_payment_has_the_vouchers_of_its_day(world):
    commitment = world.complete()
    approval = commitment.transactions.get(kind="approval")
    payment = post("('approved', -10), ('paid', 10)")
    values = ("payment", world.payer.pk, approval.pk)

    assert refusal_of(payment, *values) == "fund_payment_has_vouchers"
    need("meals")
    run(payment, *values)


RELY = """
INSERT INTO funding_paymentvoucher (payment_id, kind, voucher_id, digest) VALUES (%s, %s, %s, %s)
"""


def test_a_payment_relies_on_vouchers_of_its_cost(world):
    commitment = world.complete()
    payment = world.pay(commitment, 40)
    foreign = world.upload(world.commit(), data=b"%PDF-1.7\nstartxref\n8\n%%EOF\n")
    withdrawn = world.upload(commitment, "receipt", data=b"%PDF-1.7\nstartxref\n9\n%%EOF\n")
    world.withdraw(withdrawn)
    approval = commitment.transactions.get(kind="approval")
    own = Voucher.objects.filter(commitment=commitment).first()

    for row in (
        (payment.pk, "receipt", foreign.pk, foreign.digest),
        (payment.pk, "receipt", withdrawn.pk, withdrawn.digest),
        (payment.pk, own.kind, own.pk, "0" * 64),
        (payment.pk, "itemised", own.pk, own.digest),
        (approval.pk, own.kind, own.pk, own.digest),
    ):
        assert refusal_of(RELY, *row) == "payment_voucher_fits"


def test_what_a_payment_relied_on_is_not_withdrawn(world):
    world.pay(world.complete(), 40)
    relied_on = PaymentVoucher.objects.exclude(voucher=None).first()
    withdraw = """
        INSERT INTO funding_voucherwithdrawal (voucher_id, reason, withdrawn_at, withdrawn_by_id)
        VALUES (%s, 'x', %s, %s)
    """

    values = (relied_on.voucher_id, NOON, world.clerk.pk)
    assert refusal_of(withdraw, *values) == "voucher_relied_on_stays"


def test_a_receipt_stands_at_one_cost(world):
    first = world.upload(world.commit(), "receipt")
    other = world.commit()
    add = """
        INSERT INTO funding_voucher
            (commitment_id, kind, file_id, digest, invoice_number, added_at, added_by_id)
        SELECT %s, kind, file_id, digest, %s, added_at, added_by_id
        FROM funding_voucher WHERE id = %s
    """

    assert refusal_of(add, other.pk, "", first.pk) == "receipt_once"

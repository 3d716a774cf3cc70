"""Nothing is paid with a gap in the list, and what a payment relied on stays."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.models import AuditEntry
from backstage.files import read_file
from funding.actions.commitments import release_commitment
from funding.actions.reversals import reverse_transaction
from funding.actions.vouchers import add_voucher
from funding.errors import FundError
from funding.models import Commitment, PaymentVoucher, Voucher, VoucherRule
from funding.queries.fund_check import list_fund_findings
from tests import factories
from tests.factories import MORNING, NOON, acting
from tests.funding.vouchers import VoucherWorld, need
from tests.funding.world import DUES, FundWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> VoucherWorld:
    return VoucherWorld()


class TestPaying:
    def test_nothing_is_paid_with_a_gap_and_the_gaps_are_named(self, world):
        commitment = world.to_pay()
        world.upload(commitment, "notice")

        with refused(FundError, match=r"missing: receipt \(not uploaded yet\)"):
            world.pay(commitment, 100)

    def test_what_the_payment_relied_on_is_kept_with_digests(self, world):
        commitment = world.complete()
        receipt = Voucher.objects.get(kind="receipt")

        payment = world.pay(commitment, 100)

        kept = {row.kind: row for row in payment.vouchers.all()}
        assert set(kept) == {"plan", "notice", "roll", "receipt"}
        assert (kept["receipt"].voucher, kept["receipt"].digest) == (receipt, receipt.digest)
        assert kept["roll"].voucher is None
        assert all(len(row.digest) == 64 for row in kept.values())
        assert list_fund_findings() == []

    def test_a_roll_that_is_not_submitted_is_a_gap(self, world):
        world.session()
        commitment = world.complete()

        with refused(FundError, match="roll of who came"):
            world.pay(commitment, 100)

    def test_a_withdrawn_voucher_is_a_gap_again(self, world):
        commitment = world.complete()
        world.withdraw(Voucher.objects.get(kind="receipt"))

        with refused(FundError, match="receipt"):
            world.pay(commitment, 100)
        world.upload(commitment, "receipt")
        world.pay(commitment, 100)

    def test_without_a_rule_of_the_day_nothing_is_asked_for(self, world):
        VoucherRule.objects.filter(use="meals").delete()

        payment = world.pay(world.approved(), 100)

        assert not payment.vouchers.exists()
        assert list_fund_findings() == []

    def test_without_a_class_plan_and_roll_are_uploaded(self, world):
        commitment = world.approved()
        for kind in ("plan", "notice", "roll", "receipt"):
            world.upload(commitment, kind)

        payment = world.pay(commitment, 100)

        assert payment.vouchers.filter(voucher=None).count() == 0


class TestUploads:
    def test_an_upload_is_stored_with_its_digest_and_stands_in_the_trail(self, world):
        commitment = world.commit()
        data = factories.make_pdf("发票")

        voucher = world.upload(commitment, data=data)

        assert read_file(voucher.file) == data
        assert voucher.digest == sha256(data).hexdigest()
        assert voucher.file.expires_at is None
        entry = AuditEntry.objects.get(act="add_voucher")
        assert entry.object_id == str(commitment.pk)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"data": b"MZ"}, "upload"),
            ({"name": "11010519491231002X.pdf"}, "upload"),
            ({"kind": "itemised"}, "kind"),
            ({"kind": "fee_sheet"}, "kind"),
        ],
    )
    def test_what_is_refused(self, world, fields, field):
        commitment = world.commit()

        with pytest.raises(FundError) as caught:
            world.upload(commitment, **fields)

        assert caught.value.field == field
        assert not Voucher.objects.exists()

    def test_nobody_uploads_what_the_portal_has(self, world):
        commitment = world.commit(training_class=world.training_class)

        for kind in ("plan", "roll"):
            with refused(FundError, match="Nobody uploads"):
                world.upload(commitment, kind)

    def test_a_file_is_added_once(self, world):
        commitment = world.commit()
        world.upload(commitment)

        with refused(FundError, match="there already"):
            world.upload(commitment)

    def test_a_settled_cost_takes_no_more(self, world):
        commitment = world.complete()
        world.pay(commitment, 100)

        with refused(FundError, match="settled"):
            world.upload(commitment, data=factories.make_pdf("other"))

    def test_only_the_schools_clerk_adds_and_withdraws(self, world):
        commitment = world.commit()
        voucher = world.upload(commitment)
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        for user in (world.payer, world.approver, world.custodian, world.auditor, other):
            with refused(PermissionDenied):
                world.upload(commitment, "notice", by=user)
            with refused(PermissionDenied):
                world.withdraw(voucher, by=user)


class TestWithdrawing:
    def test_what_a_payment_relied_on_stays(self, world):
        commitment = world.complete()
        world.pay(commitment, 40)

        with refused(FundError, match="relied on"):
            world.withdraw(Voucher.objects.get(kind="receipt"))

    def test_it_takes_a_reason_and_happens_once(self, world):
        voucher = world.upload(world.commit())
        with refused(FundError, match="why"):
            world.withdraw(voucher, reason=" ")
        world.withdraw(voucher)

        with refused(FundError, match="already"):
            world.withdraw(voucher)
        assert AuditEntry.objects.filter(act="withdraw_voucher").count() == 1
        assert read_file(voucher.file)


class TestFees:
    def test_a_fee_is_paid_for_what_was_taught(self, world):
        morning = world.session(hours="2")
        before = world.session(hours="2", starts_at=MORNING - timedelta(days=1))
        world.take_roll(morning)
        commitment = world.fee(4)
        world.check(commitment)
        world.approve(commitment)

        with refused(FundError, match="4 hours are asked for, 2 are taught"):
            world.pay(commitment, 10)
        world.take_roll(before)
        payment = world.pay(commitment, 10)

        assert list(payment.vouchers.values_list("kind", flat=True)) == ["fee_sheet"]

    def test_no_hour_is_asked_for_twice_whatever_the_channel(self, world):
        world.allocate(500, channel=DUES, decision="部务会")
        world.session()
        world.fee(3)

        with refused(FundError, match="At most 1 hours"):
            world.fee(2, channel=DUES)
        world.fee(1, channel=DUES)

    def test_at_most_four_hours_of_a_half_day(self, world):
        world.session(hours="6")

        with refused(FundError, match="At most 4 hours"):
            world.fee(5)

    def test_released_hours_can_be_asked_for_again(self, world):
        world.session()
        former = world.fee(4)
        by = acting(world.approver)
        release_commitment(commitment_id=former.pk, reason="改期", by=by, at=NOON)

        assert world.fee(4)

    def test_a_reversed_payment_is_made_again(self, world):
        world.take_roll(world.session())
        commitment = world.fee(4)
        world.check(commitment)
        world.approve(commitment)
        payment = world.pay(commitment, 10)
        by = acting(world.payer)
        reverse_transaction(transaction_id=payment.pk, reason="退回", by=by, at=NOON)

        world.pay(commitment, 10)

        assert PaymentVoucher.objects.filter(kind="fee_sheet").count() == 2
        assert list_fund_findings() == []

    def test_the_school_of_the_class_pays_and_a_fee_names_its_class(self, world):
        world.session()
        elsewhere = factories.make_class(factories.make_school("120111005", "津门湖街道"))

        with refused(FundError, match="holds the class"):
            world.fee(1, training_class=elsewhere)
        with refused(FundError, match="Name the class"):
            world.fee(1, training_class=None)

    def test_before_a_fee_needs_a_sheet_it_is_as_it_was(self, world):
        need("lecturer_fee")

        world.fee(20, training_class=None)

        assert Commitment.objects.exists()


class TestAReceipt:
    def test_of_another_cost_is_refused_and_that_cost_named(self, world):
        first, second = world.commit(), world.commit(subject="茶水")
        world.upload(first)

        with refused(FundError, match="another cost already: 学员午餐"):
            world.upload(second)
        world.upload(second, "notice")
        world.withdraw(Voucher.objects.get(kind="receipt"))
        world.upload(second)

    def test_is_known_by_its_invoice_number_too(self, world):
        first, second = world.commit(), world.commit()
        facts = {"kind": "receipt", "name": "发票.pdf", "by": acting(world.clerk), "at": NOON}
        pdf = factories.make_pdf
        add_voucher(commitment_id=first.pk, data=pdf("a"), invoice_number=" 24a 17", **facts)

        with refused(FundError, match="another cost already"):
            add_voucher(commitment_id=second.pk, data=pdf("b"), invoice_number="24A17", **facts)

    def test_of_another_school_is_not_described(self, world):
        world.upload(world.commit())
        other = VoucherWorld.__new__(VoucherWorld)
        FundWorld.__init__(other, school=factories.make_school("120111009", "外校"))

        with refused(FundError, match="another school"):
            other.upload(other.commit())

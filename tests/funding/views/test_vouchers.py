"""The pages of vouchers: the checklist, the upload, its withdrawal, and the fee sheet."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from funding.models import FundTransaction, Voucher
from tests import factories
from tests.admin_pages import signed_in
from tests.funding.views.test_funds import act, address, text_of
from tests.funding.vouchers import VoucherWorld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked_at_noon")]


@pytest.fixture
def world() -> VoucherWorld:
    return VoucherWorld()


def send(user, commitment, *, name: str = "发票.pdf", data: bytes | None = None, **typed: str):
    content = factories.make_pdf() if data is None else data
    upload = SimpleUploadedFile(name, content)
    sent = {"idempotency_key": str(uuid4()), "kind": "receipt", "upload": upload} | typed
    return signed_in(user).post(address("add_voucher", commitment.pk), sent)


def test_the_clerk_sees_what_is_missing_and_the_way_there(world):
    world.session()
    commitment = world.commit(training_class=world.training_class)

    text = text_of(signed_in(world.clerk).get(address("commitment", commitment.pk)))

    assert "全部备齐前不能支付" in text
    assert f"{address('add_voucher', commitment.pk)}?kind=receipt" in text
    assert f"/sessions/{world.training_class.sessions.get().pk}/" in text


def test_the_way_to_a_missing_voucher_begins_with_its_kind(world):
    commitment = world.commit(training_class=world.training_class)

    page = signed_in(world.clerk).get(f"{address('add_voucher', commitment.pk)}?kind=receipt")

    assert page.context["form"]["kind"].value() == "receipt"


def test_the_payer_sees_the_gaps_and_is_told_why_nothing_is_paid(world):
    commitment = world.to_pay()
    page = address("pay_commitment", commitment.pk)

    assert "全部备齐前不能支付" in text_of(signed_in(world.payer).get(page))
    looked, _done = act(world.payer, page, amount="100")

    assert looked.status_code == 422
    assert "票据" in str(looked.context["form"].non_field_errors())
    assert not FundTransaction.objects.filter(kind="payment").exists()


def test_from_the_upload_to_the_payment(world):
    commitment = world.to_pay()
    assert send(world.clerk, commitment).url == address("commitment", commitment.pk)
    send(world.clerk, commitment, kind="notice", data=factories.make_pdf("notice"))

    _looked, done = act(world.payer, address("pay_commitment", commitment.pk), amount="100")

    assert done.url == address("commitment", commitment.pk)
    text = text_of(signed_in(world.auditor).get(done.url))
    assert "支付所依据的凭证" in text
    assert Voucher.objects.get(kind="receipt").digest[:12] in text


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"data": b"MZ"}, "upload"), ({"name": "11010519491231002X.pdf"}, "upload")],
)
def test_a_refused_upload_says_why_at_its_field(world, typed, field):
    response = send(world.clerk, world.commit(), **typed)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_opening_a_voucher_is_audited(world):
    voucher = world.upload(world.commit())

    response = signed_in(world.auditor).get(address("voucher_file", voucher.pk))

    assert response.headers["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.filter(act="open_voucher").count() == 1


def test_a_voucher_is_withdrawn_with_a_reason(world):
    commitment = world.commit()
    voucher = world.upload(commitment)

    _looked, done = act(world.clerk, address("withdraw_voucher", voucher.pk), reason="传错了")

    assert done.url == address("commitment", commitment.pk)
    assert "传错了" in text_of(signed_in(world.clerk).get(done.url))


def test_the_fee_sheet_is_for_all_who_see_the_cost(world):
    world.take_roll(world.session(hours="6"))
    commitment = world.fee(4)

    for user in (world.clerk, world.payer, world.auditor):
        text = text_of(signed_in(user).get(address("fee_sheet", commitment.pk)))
        assert "赵敏" in text
    meals = signed_in(world.clerk).get(address("fee_sheet", world.commit().pk))
    assert meals.status_code == 404


def test_the_page_costs_the_same_for_many_vouchers(world):
    commitment = world.to_pay()
    client, page = signed_in(world.auditor), address("commitment", commitment.pk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    world.upload(commitment)
    client.get(page)
    before = cost()
    for number in range(5):
        world.upload(commitment, data=factories.make_pdf(str(number)))
        world.take_roll(
            world.session(starts_at=factories.MORNING.replace(day=number + 1), hours="1")
        )

    assert cost() == before

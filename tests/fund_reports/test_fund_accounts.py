"""The account of a fund: opening, allocations, payments with their vouchers, closing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, User
from config.lib.filters import ListRequest
from fund_reports.filters import account_filters
from fund_reports.queries.fund_accounts import read_account
from funding.actions.allocations import adjust_allocation
from funding.actions.reversals import reverse_transaction
from funding.actions.vouchers import add_voucher
from funding.models import PaymentVoucher
from tests import factories
from tests.browsers import browser_of
from tests.factories import NOON, acting
from tests.fund_reports.test_figures import page_of
from tests.fund_reports.world import FigureWorld
from tests.funding.vouchers import need
from tests.funding.world import DUES, YEAR
from tests.pdf_text import read_lines
from tests.years.test_exports import export

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> FigureWorld:
    return FigureWorld()


def account_of(world: FigureWorld, user: User, **narrowed: object):
    narrowed = {"year": YEAR, "school": world.school.pk, "fund_channel": "fiscal"} | narrowed
    query = {name: str(value) for name, value in narrowed.items()}
    asked = ListRequest(user, query, NOON)
    return read_account(asked, account_filters(asked)).total


def test_from_opening_to_closing(world):
    adjust_allocation(
        allocation_id=world.allocation.pk,
        amount=Decimal(-100),
        reason="核减",
        by=acting(world.officer),
        at=NOON,
    )
    world.allocate(60, purpose="equipment")
    world.carry_over(200)
    back = world.carry_over(10)
    reverse_transaction(transaction_id=back.pk, reason="有误", by=acting(world.officer), at=NOON)

    total = account_of(world, world.officer)
    assert (total.opening, total.allocated, total.paid) == (0, 960, Decimal("170.10"))
    assert total.closing == Decimal("789.90")
    assert (total.bound, total.carried, total.available) == (50, 200, Decimal("539.90"))
    assert total.available == world.holds()["available"] + 60
    after = account_of(world, world.officer, year=YEAR + 1)
    assert (after.opening, after.closing, after.available) == (200, 200, 200)


def test_is_of_money_that_the_person_sees(world):
    world.allocate(77, channel=DUES, decision="部务会")

    assert account_of(world, world.clerk, fund_channel="dues").closing == 77
    assert account_of(world, world.custodian, fund_channel="dues").closing == 0


def test_page_workbook_and_paper_agree_to_the_fen(world):
    browser = browser_of(world.officer)
    narrowed = {"year": YEAR, "school": world.school.pk, "fund_channel": "fiscal"}
    page = page_of(world.officer, "fund_reports:account", **narrowed)
    header, *rows = export(browser, "fund-account", **narrowed)
    paper = browser.get(reverse("fund_reports:account_pdf"), narrowed)

    text = "\n".join(read_lines(paper.content))
    sums, moves = page.context["tables"]
    assert all(cell.text in text for cell in sums.total.cells)
    for place, name in enumerate(("Allocated and carried", "Commitments", "Payments")):
        column = [Decimal(str(row[header.index(name)])) for row in rows]
        assert f"{sum(column):,.2f}" == moves.total.cells[place].text
        assert moves.total.cells[place].text in text
    assert len(rows) == len(moves.lines) == page.context["page_obj"].paginator.count
    entry = AuditEntry.objects.get(act="print_fund_paper")
    assert entry.school_code == world.school.code
    assert entry.after["filters"]["fund_channel"] == "fiscal"


def test_a_payment_names_its_vouchers(world):
    need("tickets", "receipt")
    commitment = world.commit(5, use="tickets")
    voucher = add_voucher(
        commitment_id=commitment.pk,
        kind="receipt",
        data=factories.make_pdf("receipt"),
        name="发票.pdf",
        by=acting(world.clerk),
        at=NOON,
    )
    world.check(commitment)
    world.approve(commitment)
    world.pay(commitment, 5)

    page = page_of(world.officer, "fund_reports:account", school=world.school.pk)
    [named] = PaymentVoucher.objects.values_list("digest", flat=True)
    said = f"receipt {voucher.pk} ({named[:6]})"
    assert said in [line.cells[-1].text for line in page.context["tables"][1].lines]
    rows = export(browser_of(world.officer), "fund-account", year=YEAR, school=world.school.pk)
    assert said in [cell for row in rows for cell in row]

"""The department allocates, a clerk asks, and custodian, approver and payer take their steps."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from config.lib.periods import period, today
from funding.actions.commitments import check_commitment
from funding.models import Commitment, WeightRule
from funding.queries.fund_check import list_fund_findings
from funding.queries.vouchers import list_checklist
from tests import factories
from tests.browser.conftest import at_desk_and_phone
from tests.factories import acting
from tests.funding.world import FundWorld


def fill(person, **typed: str) -> None:
    """Fill in the form, look at its check page, and confirm."""
    for name, value in typed.items():
        field = person.page.locator(f"main form.form [name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    person.press()
    person.press()


def allocate(officer, fund: str, year: int) -> None:
    """The officer allocates dues, adjusts the allocation, and looks at the carry-over."""
    officer.open(reverse("funding:funds"))
    officer.open(fund)
    officer.page.locator("main a[href*='/allocate/']").click()
    officer.look()
    dues = {"channel": "dues", "decision": "部务会〔1〕", "document": "津〔1〕"}
    fill(officer, year=str(year), purpose="training", amount="500", **dues)
    officer.page.locator("main a[href*='/funds/allocations/']").last.click()
    officer.look()
    officer.page.locator("main a[href$='/adjust/']").click()
    officer.look()
    fill(officer, amount="500", reason="追加")
    officer.open(fund)
    officer.page.locator("main a[href*='/carry-over/']").click()
    officer.look()


def propose(officer, year: int) -> None:
    """The officer looks at what the calculator proposes, and at the form that begins with it."""
    weights = {"per_venue": 100, "per_member": 2, "per_hour": "0.10", "total": 900}
    WeightRule.objects.create(
        channel="fiscal",
        purpose="training",
        base=700,
        source="测算办法",
        period=period(date(year, 1, 1)),
        **weights,
    )
    officer.open(f"{reverse('funding:proposals')}?year={year}")
    officer.page.locator("main a[href*='/proposals/allocate/']").first.click()
    officer.look()
    fill(officer, document="津〔2〕")


def ask_for_exception(clerk, custodian, officer, fund: str, year: int) -> None:
    """The clerk asks for too much and says why; the department grants it."""
    item = {"channel": "fiscal", "use": "venue_equipment", "subject": "多媒体讲台"}
    clerk.open(fund)
    clerk.page.locator("main a[href*='/commit/']").click()
    reason = {"exception_reason": "集体研究决定"}
    fill(clerk, year=str(year), amount="20000.01", **item, **reason)
    made = Commitment.objects.get(use="venue_equipment")
    check_commitment(commitment_id=made.pk, by=acting(custodian), at=timezone.now())
    officer.open(reverse("funding:commitment", args=[made.pk]))
    officer.page.locator("main a[href$='/exception/']").click()
    officer.look()
    fill(officer, outcome="granted", reason="确有需要")
    assert made.exception.decision.outcome == "granted"


def prove(clerk, made: Commitment) -> None:
    """The clerk uploads what the page says is missing."""
    for line in list_checklist(made, today()):
        clerk.open(reverse("funding:commitment", args=[made.pk]))
        clerk.page.locator("main a[href*='/vouchers/add/']").first.click()
        clerk.look()
        clerk.page.select_option("[name=kind]", line.kind)
        pdf = factories.make_pdf(line.kind)
        file = {"name": "凭证.pdf", "mimeType": "application/pdf", "buffer": pdf}
        clerk.page.set_input_files("[name=upload]", files=[file])
        clerk.press()


@at_desk_and_phone
@pytest.mark.django_db(transaction=True)
def test_from_the_allocation_to_the_payment(visit, size, language):
    year = today().year
    world = FundWorld()
    world.allocate(1000, year=year)
    fund = f"{reverse('funding:fund', args=[world.school.pk])}?year={year}"

    def person(user):
        visitor = visit(size, language)
        visitor.sign_in(user)
        return visitor

    officer = person(world.officer)
    allocate(officer, fund, year)
    propose(officer, year)

    clerk = person(world.clerk)
    clerk.open(fund)
    clerk.page.locator("main a[href*='/commit/']").click()
    clerk.look()
    clerk.page.fill("[name=amount]", "100000")
    clerk.press()  # refused, with the summary of errors
    fill(clerk, year=str(year), channel="fiscal", use="meals", subject="学员午餐", amount="120.50")
    made = Commitment.objects.get()
    clerk.look()
    prove(clerk, made)
    world.allocate(30_000, year=year, purpose="equipment")
    ask_for_exception(clerk, world.custodian, officer, fund, year)

    steps = [(world.custodian, "check"), (world.approver, "approve"), (world.payer, "pay")]
    for user, step in steps:
        one = person(user)
        one.open("/")
        one.page.locator("main a[href*='/funds/commitments/?state=']").click()
        one.look()
        one.page.locator(f"main a[href='{reverse('funding:commitment', args=[made.pk])}']").click()
        one.look()
        one.page.locator(f"main a[href$='/{step}/']").click()
        one.look()
        fill(one, **({"amount": "20.50"} if step == "pay" else {}))

    approver = person(world.approver)
    approver.open(reverse("funding:release_commitment", args=[made.pk]))
    fill(approver, reason="少于预计")
    payer = person(world.payer)
    payment = made.transactions.get(kind="payment")
    payer.open(reverse("funding:reverse_transaction", args=[payment.pk]))
    auditor = person(world.auditor)
    for page in (reverse("funding:funds"), fund, reverse("funding:commitment", args=[made.pk])):
        auditor.open(page)
    assert "20.50" in auditor.text()
    assert list_fund_findings() == []

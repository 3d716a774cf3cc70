"""A booked class: its money is allocated, reserved, settled by its roll, paid and audited."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from config.lib.pages import address_of
from config.lib.periods import today
from courses.enums import Preset
from courses.models import TrainingClass
from dispatch.actions.letters import confirm_letter
from dispatch.models import BookingLetter
from funding.models import Commitment
from funding.queries.fund_check import list_fund_findings
from funding.queries.vouchers import list_checklist
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.browser.conftest import at_desk_and_phone
from tests.browser.test_audits import answer, close, open_audit, report
from tests.browser.test_funds import fill
from tests.dispatch.world import LATER, BookingWorld
from tests.factories import acting
from tests.funding.class_world import set_rate
from tests.funding.world import YEAR, FundWorld


def book(world: BookingWorld) -> BookingLetter:
    """Three days for forty people, which the lecturer accepts and the school confirms."""
    letter = world.submit(preset=Preset.INTENSIVE)
    world.schedule(letter)
    rows = world.engage_all(letter)
    world.release()
    for row in rows:
        world.accept(row)
    return confirm_letter(letter_id=letter.pk, by=acting(world.clerk), at=LATER)


def allocate(officer, world: FundWorld) -> None:
    """The department allocates 100 yuan more, which the meals lack."""
    officer.open(f"{reverse('funding:fund', args=[world.school.pk])}?year={YEAR}")
    officer.page.locator("main a[href*='/allocate/']").click()
    officer.look()
    fiscal = {"channel": "fiscal", "document": "西青党教拨〔追加〕"}
    fill(officer, year=str(YEAR), purpose="training", amount="100", **fiscal)


def teach(world: FundWorld, training_class: TrainingClass) -> None:
    """One member came to each session."""
    member = factories.make_member(factories.make_organisation(world.school))
    factories.enrol(training_class, member)
    for session in training_class.sessions.order_by("number"):
        submit_roll(
            session_id=session.pk,
            marks={member.pk: "present"},
            seen={},
            by=acting(world.clerk),
            at=timezone.now(),
        )


def step(person, made: Commitment, name: str, **typed: str) -> None:
    """From the home page to the cost, its step, and the confirmation."""
    person.open("/")
    person.page.locator("main a[href*='/funds/commitments/?state=']").click()
    person.look()
    person.page.locator(f"main a[href='{reverse('funding:commitment', args=[made.pk])}']").click()
    person.look()
    person.page.locator(f"main a[href$='/{name}/']").click()
    person.look()
    for field, value in typed.items():
        person.page.fill(f"[name={field}]", value)
    person.press()
    person.press()


def prove(clerk, made: Commitment) -> None:
    """The clerk uploads what is missing, the receipt with its number."""
    for line in list_checklist(made, today()):
        if line.is_of_portal:
            continue
        clerk.open(reverse("funding:add_voucher", args=[made.pk]))
        clerk.page.select_option("[name=kind]", line.kind)
        if line.kind == "receipt":
            clerk.page.fill("[name=invoice_number]", f"2411700{made.pk}")
        pdf = factories.make_pdf(f"{line.kind} {made.pk}")
        file = {"name": "凭证.pdf", "mimeType": "application/pdf", "buffer": pdf}
        clerk.page.set_input_files("[name=upload]", files=[file])
        clerk.press()


@at_desk_and_phone
@pytest.mark.django_db(transaction=True)
def test_from_the_booking_to_the_audit_of_its_payments(visit, size, language):
    booking = BookingWorld()
    world = FundWorld(amount=3500, school=booking.school)
    set_rate("lecturer_fee", 100, "none")
    set_rate("meals", 10)
    training_class = book(booking).training_class
    fee = Commitment.objects.get(use="lecturer_fee")
    page = reverse("funding:class_costs", args=[training_class.pk])

    def person(user):
        visitor = visit(size, language)
        visitor.sign_in(user)
        return visitor

    clerk = person(world.clerk)
    clerk.page.locator("main a[href='/funds/classes/']").first.click()
    clerk.look()
    clerk.page.locator(f"main a[href='{page}']").click()
    clerk.look()
    allocate(person(world.officer), world)
    clerk.page.locator("main a[href$='/ask/']").click()
    clerk.look()
    clerk.press()
    clerk.press()
    meals = Commitment.objects.get(use="meals")
    clerk.open(address_of("training_class", training_class.pk))
    assert clerk.page.locator(f"main a[href='{page}']").count() == 1

    custodian, approver, payer = map(person, (world.custodian, world.approver, world.payer))
    for made in (fee, meals):
        step(custodian, made, "check")
        step(approver, made, "approve")
    teach(world, training_class)

    approver.open(page)
    assert "-1,170.00" in approver.text()
    approver.page.locator("main a[href$='/settle/']").click()
    approver.look()
    approver.press()
    approver.press()
    for made in (fee, meals):
        prove(clerk, made)
    step(payer, meals, "pay", amount="30")
    step(payer, fee, "pay", amount="2400")
    payer.open(page)
    assert payer.page.locator("main .state-ok").count() == 2

    auditor = person(world.auditor)
    audit = open_audit(auditor)
    report(auditor)
    answer(clerk, auditor, audit, "accepted")
    close(auditor, audit)
    assert list_fund_findings() == []

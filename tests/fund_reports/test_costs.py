"""What classes cost: payments by class over what was delivered; the sum is the ledger's."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Sum
from django.urls import reverse

from accounts.models import AuditEntry, User
from funding.actions.reversals import reverse_transaction
from funding.models import FundLeg
from schools.models import RoleGrant
from tests import factories
from tests.browsers import browser_of
from tests.fund_reports.test_figures import lines_of, page_of
from tests.fund_reports.world import FigureWorld
from tests.funding.world import YEAR
from tests.pdf_text import read_lines
from tests.years.test_exports import export

pytestmark = pytest.mark.django_db

NO_CLASS = "Costs that name no class"


@pytest.fixture
def world() -> FigureWorld:
    return FigureWorld()


def costs(user: User, **narrowed: object):
    return page_of(user, "fund_reports:costs", **narrowed)


def test_of_a_class_by_class_person_time_and_hour(world):
    of_school = lines_of(costs(world.officer), 0)

    assert of_school == {
        world.school.name: ["1", "130.10", "3", "6", "130.10", "43.37", "21.68"],
        NO_CLASS: ["–", "40.00", "–", "–", "–", "–", "–"],
    }


def test_by_school_module_and_format_the_sum_is_the_ledgers(world):
    world.class_elsewhere()
    paid = FundLeg.objects.filter(year=YEAR, stage="paid").aggregate(n=Sum("amount"))["n"]

    tables = costs(world.officer).context["tables"]

    assert len(lines_of(costs(world.officer), 2)) == 3
    for table in tables:
        amounts = [Decimal(line.cells[1].text.replace(",", "")) for line in table.lines]
        assert sum(amounts) == paid == Decimal(table.total.cells[1].text.replace(",", ""))


def test_a_reversed_payment_costs_nothing(world):
    reverse_transaction(
        transaction_id=world.paid[0].pk,
        reason="付错",
        by=factories.acting(world.payer),
        at=factories.NOON,
    )

    assert lines_of(costs(world.officer), 0)[world.school.name][1] == "30.00"


def test_each_figure_opens_its_classes_and_these_their_costs(world):
    other = world.class_elsewhere()
    browser = browser_of(world.officer)
    for table in costs(world.officer).context["tables"]:
        for line in table.lines:
            behind = browser.get(line.cells[1].address).context
            if line.name == NO_CLASS:
                assert f"{behind['paid']:,.2f}" == line.cells[1].text
                continue
            assert f"{behind['total'].paid:,.2f}" == line.cells[1].text
            for cost, address in behind["page_obj"]:
                listed = browser.get(address).context
                assert listed["paid"] == cost.sums.paid
                assert {one.training_class for one in listed["page_obj"]} == {cost.training_class}
    [evening] = page_of(world.officer, "fund_reports:class_costs", format="evening").context[
        "page_obj"
    ]
    assert evening[0].training_class == other


def test_a_custodian_sees_what_their_money_paid(world):
    world.class_elsewhere()

    of_school = lines_of(costs(world.custodian), 0)

    assert list(of_school) == [world.school.name, NO_CLASS]
    RoleGrant.objects.filter(user=world.custodian).delete()
    assert browser_of(world.custodian).get(reverse("fund_reports:costs")).status_code == 403


def test_workbook_and_paper_say_what_the_page_says(world):
    world.class_elsewhere()
    browser = browser_of(world.officer)
    response = costs(world.officer)
    header, *rows = export(browser, "cost-figures", year=YEAR)
    paper = browser.get(reverse("fund_reports:costs_pdf"), {"year": YEAR})

    text = "\n".join(read_lines(paper.content))
    assert header[:4] == ["Table", "Line", "Classes", "Paid (yuan)"]
    said = {(row[0], row[1]): row for row in rows}
    for place, label in enumerate(("School", "Module", "Format")):
        for name, cells in lines_of(response, place).items():
            assert all(cell in text for cell in cells if cell != "–")
            if name != NO_CLASS:
                assert f"{said[label, name][3]:,.2f}" == cells[1]
                assert cells[6] == "–" or f"{said[label, name][8]:,.2f}" == cells[6]
    assert said[NO_CLASS, None][3] == 40
    assert said["Sum", None][3] == pytest.approx(190.1)
    entry = AuditEntry.objects.get(act="print_fund_paper")
    assert entry.after == {"filters": {"year": str(YEAR)}}
    classes = export(browser, "class-costs", year=YEAR)
    assert len(classes) == 3

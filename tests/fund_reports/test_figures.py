"""Budget, commitments and payments over a year: sums of the ledger that open down to vouchers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from fund_reports.enums import Figure
from tests import factories
from tests.browsers import browser_of
from tests.factories import grant
from tests.fund_reports.world import FigureWorld
from tests.funding.world import DUES, YEAR
from tests.years.test_exports import export

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> FigureWorld:
    return FigureWorld()


def page_of(user: User, page: str = "fund_reports:figures", **narrowed: object):
    response = browser_of(user).get(reverse(page), {"year": YEAR} | narrowed)
    assert response.status_code == 200
    return response


def lines_of(response, place: int) -> dict[str, list[str]]:
    table = response.context["tables"][place]
    return {line.name: [cell.text for cell in line.cells] for line in table.lines}


def test_the_figures_are_those_of_the_ledger(world):
    world.allocate(200, channel=DUES, decision="部务会")

    response = page_of(world.officer)

    assert [cell.text for cell in response.context["tables"][0].total.cells] == [
        *("1,200.00", "220.10", "170.10", "14.2")
    ]
    assert [line[:3] for line in lines_of(response, -2).values()] == [
        ["1,000.00", "220.10", "170.10"],
        ["200.00", "0.00", "0.00"],
    ]
    [month] = lines_of(response, -1).values()
    assert month == ["1,200.00", "220.10", "170.10", "170.10"]
    held = world.holds()
    assert Decimal("220.10") == held["committed"] + held["approved"] + held["paid"]


def test_every_figure_opens_the_transactions_that_make_it(world):
    world.class_elsewhere()
    world.carry_over(100)
    response = page_of(world.officer)

    for table in response.context["tables"]:
        for line in [*table.lines, *([table.total] if table.total else [])]:
            for cell in line.cells:
                if not cell.address:
                    continue
                behind = browser_of(world.officer).get(cell.address).context
                assert f"{behind['total']:,.2f}" == cell.text
                shown = sum(one.amount for one in behind["page_obj"])
                assert shown == behind["total"]
    assert page_of(world.officer, school=world.school.pk).context["tables"]


def test_what_is_carried_over_stays_in_the_budget_and_is_a_part_of_the_next(world):
    world.carry_over(100)
    assert lines_of(page_of(world.officer), -2)["fiscal appropriation · training delivery"][0] == (
        "1,000.00"
    )
    months = lines_of(page_of(world.officer, year=YEAR + 1), -1)

    assert list(months) == ["before the year"]
    [row] = months.values()
    assert row[0] == "100.00"


def test_each_sees_the_money_that_they_see(world):
    world.allocate(77, channel=DUES, decision="部务会")
    world.class_elsewhere()

    def budget(user: User) -> str:
        return page_of(user).context["tables"][-2].total.cells[0].text

    auditor = factories.make_user()
    grant(auditor, Role.AUDITOR)
    for user, amount in (
        (world.officer, "1,577.00"),
        (auditor, "1,577.00"),
        (world.clerk, "1,077.00"),
        (world.custodian, "1,000.00"),
        (world.person(Role.AUDITOR, DUES), "77.00"),
    ):
        assert budget(user) == amount
    assert (
        browser_of(world.member.user or factories.make_user())
        .get(reverse("fund_reports:figures"))
        .status_code
        == 403
    )


def test_the_workbook_has_the_rows_of_the_figure(world):
    narrowed = {"figure": Figure.PAYMENTS.value, "school": world.school.pk}
    header, *rows = export(browser_of(world.officer), "fund-moves", year=YEAR, **narrowed)

    place = header.index("Amount (yuan)")
    assert sorted(row[place] for row in rows) == [30, 40, 100.1]


def test_pages_cost_the_same_for_one_row_and_for_many(world):
    browser = browser_of(world.officer)
    pages = [
        f"{reverse(f'fund_reports:{name}')}?year={YEAR}&school={world.school.pk}"
        for name in ("figures", "moves", "costs", "class_costs", "account")
    ]

    def costs() -> list[int]:
        counted = []
        for page in pages:
            browser.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(page).status_code == 200
            counted.append(len(queries))
        return counted

    few = costs()
    for _ in range(5):
        world.allocate(1)
        world.pay_for(1, training_class=factories.make_class(world.school))

    assert costs() == few

"""The annual report and the statistics sheets, as an officer and a clerk meet them."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from reports.models import SheetLayout
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_reconciliations import follow
from tests.browser.test_widths import wrong_on_paper, wrong_on_screens
from tests.evidence import clerk_of
from tests.quotas.actions.test_reconciliations import YEAR
from tests.reports.test_report import Year
from tests.reports.test_sheets import as_file, cross_table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def look_at_all_widths(person, *addresses: str) -> None:
    wrong = []
    for address in addresses:
        person.open(address)
        wrong += wrong_on_screens(person.page, address) + wrong_on_paper(person.page, address)
    assert not wrong


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_report_opens_from_home_down_to_a_session(visit, language):
    world = Year()
    world.close()
    for user in (world.office.user, clerk_of(world.other)):
        person = visit(DESK, language)
        person.sign_in(user)
        follow(person, f"main a[href='{reverse('reports:report')}']")
        look_at_all_widths(
            person,
            f"{reverse('reports:report')}?year={YEAR}",
            f"{reverse('reports:report_sessions')}?year={YEAR}",
            f"{reverse('reports:report_members')}?year={YEAR}",
        )
        person.open(f"{reverse('reports:report')}?year={YEAR}")
        follow(person, f"main td a[href*='{reverse('reports:report_sessions')}']")
        follow(person, "main tbody a[href*='/sessions/']")
    phone = visit(PHONE, language)
    phone.sign_in(world.office.user)
    phone.open(f"{reverse('reports:report')}?year={YEAR}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_layout_is_uploaded_explained_and_filled_in(visit, language):
    world = Year()
    book = cross_table(world)
    book.active["C3"] = "受教育人次"
    officer = visit(DESK, language)
    officer.sign_in(world.office.user)
    officer.open(reverse("reports:add_layout"))
    officer.page.set_input_files(
        "[name=upload]", {"name": "统计表.xlsx", "mimeType": XLSX, "buffer": as_file(book)}
    )
    officer.page.fill("[name=name]", "区委统计表")
    officer.press()
    layout = SheetLayout.objects.get()
    address = reverse("reports:layout", args=[layout.pk])
    row = officer.page.locator("main tbody tr", has_text="受教育人次")
    row.locator("select").select_option("measure:person_times")
    with officer.page.expect_navigation():
        officer.page.locator("main form button.btn-secondary").last.click()
    officer.look()

    officer.page.fill("[name=first]", f"{YEAR}-06-01")
    officer.page.fill("[name=last]", f"{YEAR}-12-31")
    officer.press()
    with officer.page.expect_download() as download:
        officer.page.locator("main a[href*='/files/']").first.click()
    filled = load_workbook(BytesIO(download.value.path().read_bytes())).active
    assert filled["C4"].value > 0
    officer.open(f"{reverse('reports:statistics')}?from={YEAR}-06-01&to={YEAR}-12-31")
    cell = officer.page.locator("main tbody").first.locator("td a").nth(1)
    shown = cell.inner_text().partition("\n")[0]
    assert int(shown) == filled["C4"].value
    days = f"?from={YEAR}-06-01&to={YEAR}-12-31"
    look_at_all_widths(
        officer,
        address,
        reverse("reports:layouts"),
        *(
            reverse(f"reports:{name}") + days
            for name in ("statistics", "statistics_sessions", "statistics_members")
        ),
    )

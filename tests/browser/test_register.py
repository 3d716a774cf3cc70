"""The organisation department imports a register: errors, correction, applying."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.lib.periods import today
from config.lib.spreadsheet_reading import read_table
from tests import factories
from tests.browser.conftest import PHONE, at_desk_and_phone
from tests.trainees.actions.test_register import HEADERS, Office
from trainees.enums import ImportState
from trainees.models import Member, RegisterImport


@pytest.fixture
def office():
    return Office()


def write_csv(path: Path, *rows: list[str]) -> Path:
    path.write_text("\n".join(",".join(row) for row in rows), encoding="gb18030")
    return path


def upload(officer, path: Path) -> None:
    officer.open("/register/")
    officer.page.set_input_files("input[type=file]", path)
    officer.page.locator("main form button.btn-primary").click()
    officer.page.wait_for_url("**/register/*/")
    officer.look()


@at_desk_and_phone
def test_errors_are_fetched_corrected_and_the_whole_is_applied(
    office, visit, tmp_path, size, language
):
    member = office.member("甲", 1)
    rows = [["西青区党员名册"], HEADERS, office.row("甲", 1, office.second),
            office.row("=乙", 3, 手机号="12345"), ["注：共 2 人"]]  # fmt: skip
    officer = visit(size, language)
    officer.sign_in(office.user)
    officer.page.locator("a[href='/register/']").first.click()
    officer.look()
    upload(officer, write_csv(tmp_path / "a.csv", *rows))
    assert "=乙" in officer.text()

    with officer.page.expect_download() as download:
        officer.page.locator("a[href$='/errors/']").click()
    table = read_table(Path(download.value.path()).read_bytes(), "a.xlsx")
    assert table.rows[3][:4] == office.row("=乙", 3, 手机号="12345")[:4]

    officer.page.locator("a[href$='/apply/']").click()
    officer.look()
    officer.press()
    assert officer.page.evaluate("document.activeElement.className") == "error-summary"

    rows[3] = office.row("=乙", 3)
    upload(officer, write_csv(tmp_path / "b.csv", *rows))
    officer.page.locator("nav.kinds a[href='?kind=transferred']").click()
    officer.look()
    assert office.second.name in officer.text()
    officer.page.locator("a[href$='/apply/']").click()
    officer.look()
    officer.page.locator("main form button.btn-primary").click()
    officer.page.wait_for_url("**/register/*/")
    officer.look()

    assert RegisterImport.objects.latest("id").state == ImportState.APPLIED
    assert Member.objects.get(name="=乙").memberships.get().organisation == office.first
    assert member.memberships.get(period__contains=today()).organisation == office.second
    officer.open("/")
    assert "a.csv" in officer.text()
    assert "b.csv" not in officer.text()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_columns_are_explained_once(office, visit, tmp_path, language):
    officer = visit(PHONE, language)
    officer.sign_in(office.user)
    rows = [["部门", "谁", "证件"], office.row("甲", 1)[:3]]
    upload(officer, write_csv(tmp_path / "a.csv", *rows))
    officer.page.locator("a[href$='/columns/']").click()
    officer.look()
    officer.press()
    for label, field in (("部门", "organisation"), ("谁", "name"), ("证件", "resident_id")):
        officer.page.get_by_label(label, exact=True).select_option(field)
    officer.page.locator("main form button.btn-primary").click()
    officer.page.wait_for_url("**/register/*/")
    officer.look()

    assert RegisterImport.objects.get().state == ImportState.READY


def test_without_script_an_import_works(office, visit, tmp_path):
    officer = visit(java_script_enabled=False)
    page = officer.page
    page.goto(f"{officer.base}/sign-in/")
    page.fill("input[name=username]", office.user.username)
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{officer.base}/")
    page.goto(f"{officer.base}/register/")
    page.set_input_files(
        "input[type=file]", write_csv(tmp_path / "a.csv", HEADERS, office.row("甲", 1))
    )
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/register/*/")
    page.locator("a[href$='/apply/']").click()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/register/*/")

    assert Member.objects.get().name == "甲"

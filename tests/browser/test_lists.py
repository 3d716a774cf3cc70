"""Lists are narrowed, exported and printed; the trail is searched."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.enums import Role
from config.lib.periods import at_local, today
from config.lib.spreadsheet_reading import read_table
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.factories import ClassWorld

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])


@pytest.fixture
def world():
    world = ClassWorld(size=3)
    session = factories.make_session(world.training_class, starts_at=at_local(today(), 0))
    submit_roll(
        session_id=session.pk,
        marks=world.marks("present", "late", "absent"),
        seen={},
        by=world.by,
        at=at_local(today(), 23, 59),
    )
    world.second = factories.make_organisation(world.school, "第二党支部")
    factories.make_member(world.second, "赵六")
    world.officer = factories.make_user(display_name="刘洋")
    factories.grant(world.officer, Role.ORGANISATION_DEPARTMENT)
    return world


def fetch(visitor) -> list[list]:
    """What the button on the page gives, as a spreadsheet program reads it."""
    with visitor.page.expect_download() as download:
        visitor.page.locator("form[action^='/exports/'] button").click()
    data = Path(download.value.path()).read_bytes()
    return read_table(data, download.value.suggested_filename).rows


@SIZES
@LANGUAGES
def test_an_organisation_is_typed_chosen_and_exported(world, visit, size, language):
    officer = visit(size, language)
    officer.sign_in(world.officer)
    officer.open("/members/")
    officer.unfold()
    officer.page.fill("input[name=organisation]", "党支部")
    officer.page.locator(".filters button").click()
    officer.page.wait_for_load_state()
    officer.look()
    officer.click(world.second.name)

    assert f"organisation={world.second.code}" in officer.page.url
    assert officer.page.locator("tbody tr").count() == 1
    rows = fetch(officer)
    assert [row[0] for row in rows[-1:]] == ["赵六"]
    assert sum("赵六" in row or "张伟" in row for row in rows) == 1
    assert not officer.complaints


@SIZES
@LANGUAGES
def test_the_overview_leads_down_the_organisations(world, visit, size, language):
    officer = visit(size, language)
    officer.sign_in(world.officer)
    officer.open("/overview/?part=q2")
    officer.look()
    assert officer.page.locator("thead th[scope=colgroup]").count() == 2
    officer.open("/overview/?audience=ordinary")
    officer.page.locator("tbody th a").first.click()
    officer.page.wait_for_load_state()
    officer.look()

    assert "audience=ordinary" in officer.page.url
    row = officer.page.locator("tbody tr", has_text=world.organisation.name)
    row.locator("a").first.click()
    officer.page.wait_for_load_state()
    officer.look()
    assert "2" in officer.page.locator(".pages-count").inner_text()


def test_a_long_list_is_written_while_the_person_waits_elsewhere(world, visit, monkeypatch):
    from django.utils import timezone

    from backstage import exports
    from backstage.jobs import run_job
    from backstage.models import Job

    monkeypatch.setattr(exports, "AT_ONCE", 0)
    officer = visit()
    officer.sign_in(world.officer)
    officer.open("/overview/entries/")
    officer.page.locator("form[action^='/exports/'] button").click()
    officer.page.wait_for_url("**/jobs/*/")
    officer.look()
    run_job(job_id=Job.objects.get().pk, clock=timezone.now)
    officer.page.reload()
    with officer.page.expect_download() as download:
        officer.page.locator("main a[href^='/files/']").click()

    rows = read_table(Path(download.value.path()).read_bytes(), "a.xlsx").rows
    assert [row[-1] for row in rows[-2:]] == [3.75, 4.0]


@pytest.mark.parametrize("path", ["/members/", "/overview/", "/overview/organisations/"])
def test_a_list_prints_without_navigation_under_repeated_heads(world, visit, path):
    officer = visit()
    officer.sign_in(world.officer)
    officer.open(path)
    officer.page.emulate_media(media="print")

    for hidden in (".masthead", ".filters", "form[action^='/exports/'] button"):
        assert not officer.page.locator(hidden).first.is_visible(), hidden
    head = officer.page.locator("main thead")
    assert head.evaluate("e => getComputedStyle(e).display") == "table-header-group"
    assert officer.page.locator("main tbody tr").first.is_visible()


@SIZES
@LANGUAGES
def test_the_audit_administrator_finds_who_did_what(world, visit, size, language):
    auditor = factories.make_user()
    factories.grant(auditor, Role.AUDIT_ADMINISTRATOR)
    reader = visit(size, language)
    reader.sign_in(auditor)
    reader.page.locator("main a[href='/trail/']").click()
    reader.page.wait_for_load_state()
    reader.look()
    reader.unfold()
    reader.page.fill("input[name=person]", world.clerk.display_name)
    reader.page.select_option("select[name=act]", "submit_roll")
    reader.page.locator(".filters button").click()
    reader.page.wait_for_load_state()
    reader.look()

    assert reader.page.locator("tbody tr").count() == 1
    assert [row[0] is not None for row in fetch(reader)[-1:]] == [True]
    reader.page.locator("tbody a").first.click()
    reader.page.wait_for_load_state()
    reader.look()
    for member in world.members:
        assert member.number in reader.text()

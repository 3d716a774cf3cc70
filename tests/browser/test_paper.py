"""A class on paper: a sheet to print, numbers to type, a scan to keep, a walk-in to match."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from config.lib.periods import at_local, today
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.models import Attendance
from tests import factories
from tests.browser.conftest import at_desk_and_phone
from tests.factories import ClassWorld, make_picture


@pytest.fixture
def world():
    world = ClassWorld(size=12)
    world.session.delete()
    world.session = factories.make_session(
        world.training_class, starts_at=at_local(today(), 0), hours="4"
    )
    world.stranger = factories.make_member(world.organisation, "李秀英")
    return world


def roll_path(world) -> str:
    return reverse("rolls:roll", args=[world.session.pk])


@at_desk_and_phone
def test_a_roll_is_entered_from_the_sheet_that_was_signed(world, visit, size, language, tmp_path):
    clerk = visit(size, language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    with page.expect_download() as sheet:
        page.locator("a[href$='sheet.pdf']").click()
    assert sheet.value.path().read_bytes().startswith(b"%PDF-")

    page.locator(".roll-numbers summary").click()
    page.fill("[name=numbers-present]", "1-9, 13")
    page.locator("button[value=numbers]").click()
    clerk.look()
    assert page.locator(".error-summary a[href='#id_numbers-present']").is_visible()
    page.fill("[name=numbers-present]", "1-9")
    page.fill("[name=numbers-late]", "11")
    page.check("[name=numbers-rest_absent]")
    page.locator("button[value=numbers]").click()
    clerk.look()
    assert [
        page.locator(f"[data-count={mark}] b").inner_text()
        for mark in ("present", "late", "absent", "none")
    ] == ["9", "1", "2", "0"]
    assert not Attendance.objects.exists()
    page.locator(".roll-foot button[value=save]").click()
    page.wait_for_url("**/roll/?done=save")

    pictures = {kind: tmp_path / f"{kind}.jpg" for kind in ("photo", "sheet")}
    for red, picture in enumerate(pictures.values()):
        picture.write_bytes(make_picture((800, 600), "JPEG", red=99 * red))
    page.locator("a[href$='/evidence/']").click()
    clerk.look()
    for kind, picture in pictures.items():
        page.set_input_files(f"#id_files_{kind}", picture)
    page.locator("form.upload button").click()
    page.wait_for_load_state()
    clerk.look()
    assert page.locator(".evidence img").count() == 2


@at_desk_and_phone
def test_a_walk_in_is_kept_then_matched_and_counts(world, visit, size, language):
    clerk = visit(size, language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(reverse("rolls:session_walk_ins", args=[world.session.pk]))
    page.fill("[name=name]", "李秀英")
    page.locator("main form.form button").click()
    page.wait_for_load_state()
    clerk.look()
    clerk.open("/")
    page.locator(".task[href$='/walk-ins/']").click()
    clerk.look()
    page.get_by_role("link", name="李秀英").click()
    clerk.look()
    page.locator(f"form:has([name=member][value='{world.stranger.pk}']) button").click()
    clerk.look()
    page.locator("button[value=do]").click()
    page.wait_for_url("**/walk-ins/*/")
    clerk.look()

    clerk.open(roll_path(world))
    page.locator("button[value=fill]").click()
    page.locator("button[value=submit]").click()
    page.wait_for_url("**/roll/?done=submit")
    clerk.look()
    assert CreditEntry.objects.filter(member=world.stranger).sum_hours() == Decimal(4)
    assert not list_findings()


def test_numbers_are_entered_without_script(world, visit):
    clerk = visit(java_script_enabled=False)
    clerk.page.goto(f"{clerk.base}/sign-in/")
    clerk.page.fill("input[name=username]", world.clerk.username)
    clerk.page.fill("input[name=password]", factories.PASSWORD)
    clerk.page.press("input[name=password]", "Enter")
    clerk.page.wait_for_url(f"{clerk.base}/")
    clerk.page.goto(f"{clerk.base}{roll_path(world)}")
    clerk.page.locator(".roll-numbers summary").click()
    clerk.page.fill("[name=numbers-present]", "1-12")
    # Enter presses the first button of the form: the numbers are filled in, not lost.
    clerk.page.press("[name=numbers-present]", "Enter")
    clerk.page.wait_for_load_state()

    assert clerk.page.locator("input[value=present]:checked").count() == 12
    clerk.page.locator(".roll-foot button[value=submit]").click()
    clerk.page.wait_for_url("**/roll/?done=submit")
    assert CreditEntry.objects.count() == 12

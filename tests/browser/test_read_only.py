"""Maintenance as people meet it: the banner, the page that refuses, and the version in the foot."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from config.lib.read_only import turn_read_only_on
from tests import factories
from tests.browser.conftest import at_desk_and_phone


@at_desk_and_phone
def test_the_banner_and_the_refusal_fit_every_screen(visit, settings, tmp_path, size, language):
    settings.VAR_DIR = tmp_path
    turn_read_only_on(timezone.now() + timedelta(hours=1))
    person = visit(size, language)
    person.sign_in(factories.make_user(display_name="刘洋"))
    person.open("/password/")
    assert person.page.locator(".notice-warning").is_visible()
    foot = person.page.locator(".page-foot")
    assert settings.VERSION in foot.inner_text()
    person.page.emulate_media(media="print")
    assert not foot.is_visible()
    assert not person.page.locator(".notice-warning").is_visible()
    person.page.emulate_media(media="screen")

    for field in person.page.locator("main input[type=password]").all():
        field.fill("correct horse battery")
    with person.page.expect_navigation():
        person.page.locator("main form button").first.click()
    person.complaints.clear()  # the browser logs the status of the page
    person.look()
    assert person.page.locator("h1").inner_text() in {
        "系统目前只能查看",
        "The portal can only be read just now",
    }

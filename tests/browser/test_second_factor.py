"""Staff enrol an app at their first sign-in, and give its codes from then on."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import second_factor
from accounts.enums import Role
from tests import factories
from tests.admin_pages import make_officer
from tests.browser.conftest import DESK, PHONE
from tests.totp import code_of


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-hans"), (DESK, "en")], ids=["phone", "desk"]
)
def test_enrolment_and_the_next_sign_in(visit, settings, size, language):
    settings.SECOND_FACTOR = True
    clerk = factories.make_clerk(factories.make_school())
    by = factories.acting(make_officer(Role.SECURITY_ADMINISTRATOR))
    second_factor.enrol(user=clerk, secret="00" * 20, step=0, by=by, at=timezone.now())
    second_factor.reset(user=clerk, by=by, at=timezone.now())
    clerk.refresh_from_db()  # the epoch of its sessions
    person = visit(size, language)
    page = person.page

    person.sign_in(clerk)
    assert "/second-factor/app/" in page.url
    assert by.name in page.inner_text(".notice-warning")
    key = page.inner_text(".factor-key")
    page.fill("input[name=code]", "000000")
    person.press()
    assert page.locator(".error-summary").count() == 1
    page.fill("input[name=code]", code_of(key))
    person.press()

    assert page.locator(".recovery-codes li").count() == 10
    code = page.locator(".recovery-codes li").first.inner_text()
    page.emulate_media(media="print")
    assert page.locator(".recovery-codes").is_visible()
    assert not page.locator("main button").is_visible()
    page.emulate_media(media="screen")
    person.press()
    assert page.url == f"{person.base}/"

    clerk.refresh_from_db()
    later = visit(size, language)
    later.sign_in(clerk)
    assert "/second-factor/" in later.page.url
    later.page.fill("input[name=code]", code)
    later.press()
    assert later.page.url == f"{later.base}/"
    later.open("/second-factor/")
    assert "9" in later.page.inner_text("dl.facts")


def test_a_reset_has_a_check_page(visit):
    clerk = factories.make_clerk(factories.make_school())
    at = timezone.now()
    second_factor.enrol(user=clerk, secret="00" * 20, step=0, by=factories.acting(clerk), at=at)
    person = visit()
    person.sign_in(make_officer(Role.SECURITY_ADMINISTRATOR))
    person.open(f"/admin/accounts/user/{clerk.pk}/change/")
    person.page.locator(f"a[href='/accounts/{clerk.pk}/second-factor/']").click()
    person.look()

    person.press()

    assert second_factor.find_factor(clerk) is None

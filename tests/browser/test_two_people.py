"""One administrator proposes a slip, another confirms it; the holder is told of it."""

from __future__ import annotations

from django.urls import reverse

from accounts.enums import Role
from accounts.models import ActivationCode
from tests import factories
from tests.admin_pages import make_officer
from tests.browser.conftest import at_desk_and_phone


@at_desk_and_phone
def test_a_slip_of_staff_is_proposed_confirmed_and_seen(visit, size, language):
    factories.make_member(factories.make_organisation(factories.make_school()))
    security, audit = (
        make_officer(role) for role in (Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)
    )
    clerk = factories.make_user(display_name="刘娜")
    factories.grant(clerk, Role.DISTRICT_SCHOOL)
    proposer, confirmer, holder = (visit(size, language) for _ in range(3))

    proposer.sign_in(security)
    proposer.open(reverse("trainees:account_slip", args=[clerk.pk]))
    proposer.press()
    assert proposer.page.url.endswith("/pending-acts/")
    assert not ActivationCode.objects.exists()

    confirmer.sign_in(audit)
    confirmer.page.locator("main a[href='/pending-acts/']").click()
    confirmer.look()
    confirmer.page.locator("main a[href$='/confirm/']").click()
    confirmer.look()
    confirmer.press()
    confirmer.press()
    assert ActivationCode.objects.get().batch.issued_by == security

    holder.sign_in(clerk)
    holder.page.locator("main a[href='/my/slips/']").click()
    holder.look()
    assert security.display_name in holder.text()
    assert audit.display_name in holder.text()
    holder.press()
    assert holder.page.locator("main a[href='/my/slips/']").count() == 0

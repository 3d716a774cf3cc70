"""An officer ticks an organisation that a register names and that does not exist."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESK, PHONE
from tests.trainees.actions.test_register import Office
from tests.trainees.actions.test_register_founding import NEW, upload


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-hans"), (DESK, "en")], ids=["phone", "desk"]
)
def test_a_proposal_is_ticked_on_any_screen(visit, size, language):
    office = Office()
    register = upload(office)
    officer = visit(size, language)
    officer.sign_in(office.user)
    officer.open(f"/register/{register.pk}/")
    officer.page.locator(f"a[href='/register/{register.pk}/organisations/']").click()
    officer.look()

    officer.page.check("input[name=tick-0]")
    officer.press()
    assert officer.page.locator(".error-summary, [role=alert]").count()
    officer.page.fill("input[name=upper-0]", office.first.placements.get().parent.code)
    officer.page.fill("input[name=code-0]", "90001")
    officer.page.select_option("select[name=township-0]", index=1)
    officer.press()

    officer.page.wait_for_url(f"**/register/{register.pk}/")
    [proposal] = register.proposals.all()
    assert (proposal.name, proposal.is_ticked, proposal.code) == (NEW, True, "90001")

"""A year is rehearsed, reconciled and discarded; the district and one school read what came out."""

from __future__ import annotations

from django.urls import reverse

from quotas.models import Reconciliation
from quotas.reconciliation_job import compute_all
from tests.browser.conftest import at_desk_and_phone
from tests.evidence import clerk_of
from tests.quotas.actions.test_reconciliations import AFTER, YEAR, Network


def follow(person, selector: str) -> None:
    """Open what the first link that fits leads to, and look at it."""
    with person.page.expect_navigation():
        person.page.locator(selector).first.click()
    person.look()


@at_desk_and_phone
def test_from_a_rehearsal_to_the_final_one_and_back(visit, size, language):
    world = Network()
    first = world.run()
    officer, clerk = (visit(size, language) for _person in range(2))
    officer.sign_in(world.office.user)
    clerk.sign_in(clerk_of(world.school))
    year = f"{reverse('quotas:reconciliations')}?year={YEAR}"

    officer.open(year)
    with officer.page.expect_navigation():
        officer.page.locator(f"main form[action^='{reverse('quotas:rehearse')}'] button").click()
    officer.look()  # its parts, and how many of them are done
    second = Reconciliation.objects.get(number=2)
    compute_all(second.pk, world.office, lambda: AFTER)
    officer.page.locator("main tfoot").wait_for()  # the page asks again by itself
    officer.look()
    officer.open(f"{reverse('quotas:differences')}?run={second.pk}&beside={first.pk}")
    officer.open(f"{reverse('quotas:claim_differences')}?run={second.pk}")

    officer.open(year)
    follow(officer, f"main a[href^='{reverse('quotas:begin_reconciliation')}']")
    officer.press()
    assert not Reconciliation.objects.final().exists()  # the check page writes nothing
    officer.press()
    final = Reconciliation.objects.final().get()
    compute_all(final.pk, world.office, lambda: AFTER)

    members = {officer: 7, clerk: 4}
    for person, count in members.items():
        person.open(year)
        person.open(reverse("quotas:reconciliation", args=[final.pk]))
        whole = "main tfoot a" if person is officer else "main tbody a[href*='members']"
        assert person.page.locator(whole).first.inner_text() == str(count)
        follow(person, whole)
        assert person.page.locator("main tbody tr").count() == count
        person.open(f"{reverse('quotas:sums')}?run={final.pk}")
        person.open(f"{reverse('quotas:differences')}?run={final.pk}&beside={first.pk}")

    officer.open(reverse("quotas:discard_reconciliation", args=[final.pk]))
    officer.page.fill("[name=reason]", "漏了一次课")
    officer.press()
    officer.press()
    final.refresh_from_db()
    assert final.state == "discarded"
    officer.open(year)

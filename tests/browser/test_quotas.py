"""The department sets the task, a school claims, is asked again, and is accepted; all see it."""

from __future__ import annotations

from django.urls import reverse

from config.lib.periods import today
from quotas.models import AnnualTask, QuotaClaim
from tests import factories
from tests.browser.conftest import at_desk_and_phone
from tests.quotas.world import QuotaWorld


def set_task(officer) -> AnnualTask:
    """The officer drafts two lines and publishes them by the check page."""
    year = today().year
    officer.open(reverse("quotas:tasks"))
    officer.page.locator(f"main a[href^='{reverse('quotas:begin_task')}']").first.click()
    officer.press()
    officer.press()
    for measure, amount in (("events", "20"), ("trained", "90")):
        officer.page.select_option("select[name=measure]", measure)
        officer.page.fill("input[name=amount]", amount)
        with officer.page.expect_navigation():
            officer.page.locator("main form.form .btn-secondary").click()
        officer.look()
    officer.page.locator("main a[href$='/publish/']").click()
    officer.press()
    assert not AnnualTask.objects.newest(year).exists()  # the check page writes nothing
    officer.press()
    return AnnualTask.objects.newest(year).get()


def write(clerk, events: str, reason: str = "") -> None:
    """The clerk begins a claim and saves it."""
    clerk.open(reverse("quotas:tasks"))
    with clerk.page.expect_navigation():
        clerk.page.locator(f"main form[action^='{reverse('quotas:begin_claim')}'] button").click()
    clerk.look()
    inputs = clerk.page.locator("main form.form input[type=number]")
    inputs.nth(0).fill(events)
    inputs.nth(1).fill("90")
    if reason:
        clerk.page.fill("input[name=reason]", reason)
    clerk.press()


def decide(person, claim: QuotaClaim, act: str, words: str = "") -> None:
    person.open(reverse("quotas:claim", args=[claim.pk]))
    person.page.locator(f"main a[href$='/{act}/']").click()
    person.look()
    if words:
        person.page.fill("textarea[name=reason]", words)
    person.press()
    person.press()


@at_desk_and_phone
def test_from_the_task_by_a_question_to_the_progress(visit, size, language):
    world = QuotaWorld()
    member = factories.make_member(factories.make_organisation(world.school))
    factories.make_class_over(world.school, world.clerk, member)
    officer, clerk, leader = (visit(size, language) for _person in range(3))
    officer.sign_in(world.officer)
    clerk.sign_in(world.clerk)
    leader.sign_in(world.leader)

    set_task(officer)
    clerk.open("/")
    write(clerk, "8")
    first = QuotaClaim.objects.get()
    leader.open("/")
    decide(leader, first, "submit")
    decide(officer, first, "ask", "场次请再加四场")

    write(clerk, "12", "按区里意见增加")
    second = QuotaClaim.objects.get(version=2)
    decide(leader, second, "submit")
    officer.open(reverse("quotas:claims"))
    decide(officer, second, "accept")
    second.refresh_from_db()
    assert second.state == "accepted"
    officer.open(reverse("quotas:tasks"))

    for person in (officer, clerk):
        person.open(reverse("quotas:progress"))
        person.page.locator("svg[role=img]").first.wait_for()
        figure = person.page.locator("main tbody tr").first.locator("td[data-label] a").first
        assert figure.inner_text().split()[0] == "1"
        with person.page.expect_navigation():
            figure.click()
        person.look()
        for name in ("studies:themed_days", "quotas:warnings"):
            person.open(reverse(name))

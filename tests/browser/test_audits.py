"""A special audit: opened, drawn, a finding answered, returned, answered, accepted, and closed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from config.lib.periods import today
from funding.models import AuditFinding, SpecialAudit
from funding.queries.fund_check import list_fund_findings
from tests.browser.conftest import at_desk_and_phone
from tests.browser.test_funds import fill
from tests.fund_reports.world import FigureWorld
from tests.funding.world import YEAR


def follow(person, address: str) -> None:
    """Follow the link of the page that ends so, and look at the page that comes."""
    person.page.locator(f"main a[href*='{address}']").first.click()
    person.page.wait_for_load_state()
    person.look()


def open_audit(auditor) -> SpecialAudit:
    """Open an audit of the first school's fiscal money, of all days up to today."""
    auditor.open(reverse("funding:audits"))
    follow(auditor, "/audits/open/")
    auditor.page.locator("main [name=schools]").first.check()
    auditor.page.locator("main [name=channels][value=fiscal]").check()
    days = {"first_day": f"{YEAR}-01-01", "last_day": today().isoformat()}
    fill(auditor, title="餐费专项审计", sample_size="2", **days)
    audit = SpecialAudit.objects.get()
    assert audit.seed in auditor.text()
    return audit


def report(auditor) -> None:
    """Report a finding at the first payment of the sample."""
    follow(auditor, "/find/")
    due = today().replace(day=1, year=today().year + 1)
    fill(auditor, text="缺少就餐签到表", severity="fault", due_on=due.isoformat())


def answer(clerk, auditor, audit: SpecialAudit, outcome: str) -> None:
    """The clerk answers, and the auditor returns or accepts it."""
    finding = AuditFinding.objects.get()
    clerk.open("/")
    follow(clerk, "/funds/audits/?waiting=to_answer")
    follow(clerk, reverse("funding:audit", args=[audit.pk]))
    follow(clerk, reverse("funding:answer_finding", args=[finding.pk]))
    fill(clerk, text="签到表附后")
    auditor.open("/")
    follow(auditor, "/funds/audits/?waiting=to_review")
    follow(auditor, reverse("funding:audit", args=[audit.pk]))
    follow(auditor, "/review/")
    fill(auditor, outcome=outcome, reason="已核对")


def close(auditor, audit: SpecialAudit) -> None:
    """Close the audit with a conclusion."""
    follow(auditor, reverse("funding:close_audit", args=[audit.pk]))
    fill(auditor, conclusion="支出真实、合规。")
    assert "支出真实、合规。" in auditor.text()


@at_desk_and_phone
@pytest.mark.django_db(transaction=True)
def test_from_the_sample_to_the_closure(visit, size, language):
    world = FigureWorld()

    def person(user):
        visitor = visit(size, language)
        visitor.sign_in(user)
        return visitor

    auditor, clerk = person(world.auditor), person(world.clerk)
    audit = open_audit(auditor)
    report(auditor)
    for outcome in ("returned", "accepted"):
        answer(clerk, auditor, audit, outcome)

    clerk.open(reverse("backstage:messages"))
    close(auditor, audit)
    assert list_fund_findings() == []

    officer = person(world.officer)
    query = f"?year={YEAR}"
    for page in ("figures", "moves", "costs", "class_costs", "account"):
        officer.open(reverse(f"fund_reports:{page}") + query)
    officer.open(reverse("funding:double_roles"))

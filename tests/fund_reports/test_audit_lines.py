"""A special audit on paper and as a workbook, from the scope to the conclusion."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from tests import factories
from tests.browsers import browser_of
from tests.funding.audit_world import AuditWorld
from tests.pdf_text import read_lines
from tests.years.test_exports import export

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> AuditWorld:
    return AuditWorld()


def closed(world: AuditWorld):
    audit = world.open()
    finding = world.find(audit.payments.order_by("-amount")[0])
    world.review(world.answer(finding, text="经办人漏交"), "returned")
    world.review(world.answer(finding))
    world.close(audit)
    return audit


def test_the_paper_has_all_from_the_scope_to_the_conclusion(world):
    audit = closed(world)

    reply = browser_of(world.auditor).get(reverse("fund_reports:audit_pdf", args=[audit.pk]))

    text = "\n".join(read_lines(reply.content))
    for said in (
        *(audit.title, world.school.name, audit.seed[:8], "the same payments"),
        *("250.00", "缺少就餐签到表", "经办人漏交", "签到表已补齐", "支出真实、合规。"),
    ):
        assert said in text
    entry = AuditEntry.objects.get(act="print_fund_paper")
    assert entry.after == {"filters": {"audit": audit.title}}


def test_the_workbook_has_the_same_lines(world):
    audit = closed(world)

    header, *rows = export(browser_of(world.auditor), "special-audit", audit=audit.pk)

    assert header[:3] == ["Part", "What", "Amount (yuan)"]
    parts = [row[0] for row in rows]
    assert parts.count("Sample") == audit.payments.count()
    assert parts.count("Findings") == 5
    assert rows[-1][3] == "支出真实、合规。"
    assert [row[3] for row in rows if row[1] == "Seed"] == [audit.seed]


def test_who_sees_one_school_is_not_told_how_the_sample_was_drawn(world):
    neighbour = factories.make_school("120111005", "津门湖街道")
    auditor = factories.make_user()
    factories.grant(auditor, "auditor")
    audit = world.open(by=auditor, schools=(world.school, neighbour))

    rows = export(browser_of(world.clerk), "special-audit", audit=audit.pk)

    assert neighbour.name not in str(rows)
    assert audit.seed not in str(rows)
    assert (
        browser_of(factories.make_clerk(factories.make_school("120111007", "第三")))
        .get(reverse("fund_reports:audit_pdf", args=[audit.pk]))
        .status_code
        == 404
    )

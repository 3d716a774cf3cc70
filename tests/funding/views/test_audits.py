"""The pages of special audits, from the opening to the closure."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from backstage.tasklist import list_tasks
from config.lib.periods import at_local
from funding.models import AuditFinding, FindingAnswer, SpecialAudit
from tests import factories
from tests.admin_pages import signed_in
from tests.factories import NOON, grant
from tests.funding.audit_world import DUE, LATER, AuditWorld
from tests.funding.views.test_funds import act, address, text_of
from tests.funding.world import DUES, FISCAL

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> AuditWorld:
    return AuditWorld()


def scope(world: AuditWorld, **fields: object) -> dict[str, object]:
    return {
        "title": "上半年餐费专项审计",
        "schools": [world.school.pk],
        "channels": ["fiscal"],
        "first_day": "2026-01-01",
        "last_day": "2026-06-30",
        "sample_size": "2",
        "threshold": "200",
    } | fields


def tasks(user, at) -> list[tuple[str, bool]]:
    return [(task.label, task.late) for task in list_tasks(user, at) if not task.is_lookup]


def test_an_audit_from_the_opening_to_the_closure(world):
    looked, done = act(world.auditor, address("open_audit"), **scope(world))
    assert "400.00" in text_of(looked)
    audit = SpecialAudit.objects.get()
    assert audit.seed not in text_of(looked)
    assert done.url == address("audit", audit.pk)

    sampled = audit.payments.order_by("-amount").first()
    facts = {
        "text": "缺少就餐签到表",
        "severity": "fault",
        "due_on": str(timezone.localdate() + timedelta(days=14)),
    }
    act(world.auditor, address("raise_finding", sampled.pk), **facts)
    finding = AuditFinding.objects.get()
    act(world.clerk, address("answer_finding", finding.pk), text="签到表已补齐")
    answer = FindingAnswer.objects.get()
    verdict = {"outcome": "accepted", "reason": "已核对原件"}
    act(world.auditor, address("review_answer", answer.pk), **verdict)
    _looked, done = act(world.auditor, address("close_audit", audit.pk), conclusion="支出合规。")

    assert done.url == address("audit", audit.pk)
    page = text_of(signed_in(world.officer).get(done.url))
    for words in (
        *("缺少就餐签到表", "签到表已补齐", "已核对原件", "支出合规。", "250.00"),
        *(audit.seed, "结果一致", "已办结"),
    ):
        assert words in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "11010519491231002X"}, "title"),
        ({"schools": []}, "schools"),
        ({"channels": []}, "channels"),
        ({"last_day": "2025-12-31"}, "last_day"),
        ({"last_day": "2099-01-01"}, "last_day"),
        ({"sample_size": "0"}, "sample_size"),
        ({"threshold": "0"}, "threshold"),
        ({"first_day": "2026-06-01"}, "__all__"),
    ],
)
def test_what_is_refused_is_said_at_its_field(world, typed, field):
    looked, _done = act(world.auditor, address("open_audit"), **scope(world, **typed))

    assert looked.status_code == 422
    assert list(looked.context["form"].errors) == [field]
    assert not SpecialAudit.objects.exists()


def test_a_clerk_sees_only_the_payments_of_the_own_school(world):
    second = factories.make_school("120111102", "辛口镇")
    auditor = factories.make_user()
    grant(auditor, Role.AUDITOR, world.school, channel=FISCAL)
    audit = world.open(by=auditor)
    elsewhere = signed_in(factories.make_clerk(second))

    assert elsewhere.get(address("audit", audit.pk)).status_code == 404
    assert audit.title not in text_of(elsewhere.get(address("audits")))
    of_dues = world.person(Role.AUDITOR, channel=DUES)
    assert signed_in(of_dues).get(address("audit", audit.pk)).status_code == 404
    assert audit.title in text_of(signed_in(world.clerk).get(address("audits")))


def test_home_says_what_waits_for_whom(world):
    finding = world.find(world.open().payments.first())
    late = at_local(DUE + timedelta(days=1), 9)
    assert tasks(world.clerk, NOON) == [("答复 1 件审计问题", False)]
    assert tasks(world.clerk, late) == [("答复 1 件审计问题", True)]
    assert tasks(world.auditor, NOON) == []
    assert tasks(world.auditor, late) == [("催办 1 件逾期未答复的问题", True)]

    answer = world.answer(finding)
    assert tasks(world.clerk, LATER) == []
    assert tasks(world.auditor, late) == [("审核 1 件问题答复", False)]
    world.review(answer, "returned")
    assert tasks(world.clerk, LATER) == [("答复 1 件审计问题", False)]
    world.review(world.answer(finding))
    assert tasks(world.clerk, late) == tasks(world.auditor, late) == []


def test_the_list_filters_by_what_waits(world):
    audit = world.open()
    client = signed_in(world.auditor)

    def titles(query: str) -> int:
        return len(
            re.findall(
                address("audit", audit.pk), text_of(client.get(reverse("funding:audits") + query))
            )
        )

    assert titles("") == titles("?state=open") == 1
    assert titles("?state=closed") == titles("?waiting=to_answer") == 0
    world.find(audit.payments.first())
    assert titles("?waiting=to_answer") == 1


def test_the_statements_of_an_audit_do_not_grow_with_its_sample(world):
    client = signed_in(world.auditor)
    first, second = world.open(sample_size=1, threshold=None), world.open(sample_size=5)
    for sampled in second.payments.all():
        world.answer(world.find(sampled))
    world.answer(world.find(first.payments.first()))

    def count(audit: SpecialAudit) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address("audit", audit.pk))
        return len(captured)

    count(first)
    assert count(first) == count(second)

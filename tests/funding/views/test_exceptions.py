"""The pages of an exception: asked for with the cost, decided by the department, seen by all."""

from __future__ import annotations

import pytest
from django.utils import timezone, translation

from backstage.tasklist import list_tasks
from funding.models import Commitment
from funding.queries.fund_check import list_fund_findings
from tests.admin_pages import signed_in
from tests.funding.views.test_funds import act, address, cost
from tests.funding.world import FundWorld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked_at_noon")]

ITEM = {"use": "venue_equipment", "subject": "多媒体讲台", "amount": "20000.01"}


@pytest.fixture
def world() -> FundWorld:
    made = FundWorld()
    made.allocate(50_000, purpose="equipment")
    return made


def test_an_exception_from_the_request_to_the_approval(world):
    url = address("commit", world.school.pk)
    looked, _done = act(world.clerk, url, **cost(**ITEM))
    assert list(looked.context["form"].errors) == ["exception_reason"]
    assert "20,000.00" in looked.content.decode()

    looked, done = act(world.clerk, url, **cost(**ITEM, exception_reason="集体研究"))
    assert "集体研究" in looked.content.decode()
    made = Commitment.objects.get()
    act(world.custodian, address("check_commitment", made.pk))
    with translation.override("en"):
        (task,) = [
            one
            for one in list_tasks(world.officer, timezone.now())
            if one.label == "Decide on 1 exception from a rule"
        ]
    listed = signed_in(world.officer).get(task.url)
    assert [one.pk for one in listed.context["page_obj"]] == [made.pk]

    decide = address("decide_exception", made.pk)
    page = signed_in(world.officer).get(done.url).content.decode()
    assert decide in page
    assert "大额设备须有集体决定和采购记录" in page
    assert signed_in(world.approver).get(decide).status_code == 403
    looked, done = act(world.officer, decide, outcome="granted", reason="确有需要")
    assert "确有需要" in looked.content.decode()
    act(world.approver, address("approve_commitment", made.pk))

    assert "确有需要" in signed_in(world.auditor).get(done.url).content.decode()
    assert list_fund_findings() == []


def test_a_cost_without_an_exception_has_nothing_to_decide(world):
    page = address("decide_exception", world.commit().pk)

    assert signed_in(world.officer).get(page).status_code == 404

"""The calculator's page, and the act that allocates what the department made of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from config.lib.periods import period
from funding.models import Allocation, WeightRule
from funding.queries.fund_check import list_fund_findings
from tests import factories
from tests.admin_pages import signed_in
from tests.factories import START
from tests.funding.views.test_funds import act, address
from tests.funding.world import YEAR, FundWorld
from tests.years.test_exports import export

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked_at_noon")]


@pytest.fixture
def world() -> FundWorld:
    made = FundWorld()
    made.second = factories.make_school("120111005", "津门湖街道")
    weights = {"per_venue": 0, "per_member": 0, "per_hour": 0, "period": period(START)}
    for channel, base in (("fiscal", 700), ("dues", 300)):
        WeightRule.objects.create(
            channel=channel, purpose="training", base=base, source="测算办法", **weights
        )
    return made


def take_over(channel: str) -> str:
    return f"{address('allocate_proposals')}?year={YEAR}&channel={channel}"


def amount(school) -> str:
    return f"amount_{school.pk}_training"


def test_the_page_says_how_each_amount_comes_about(world):
    page = signed_in(world.officer).get(f"{address('proposals')}?year={YEAR}")

    text = page.content.decode()
    assert "测算办法" in text
    assert "700.00" in text
    assert "1,400.00" in text
    assert take_over("dues").replace("&", "&amp;") in text
    for user in (world.clerk, world.custodian, world.auditor):
        assert signed_in(user).get(address("proposals")).status_code == 403


def test_the_file_says_what_the_page_says(world):
    officer = signed_in(world.officer)
    page = officer.get(f"{address('proposals')}?year={YEAR}")

    header, *rows = export(officer, "proposals", year=YEAR)

    shown = [
        (one.school.name, one.amount, one.given)
        for made in page.context["calculations"]
        for one in made.proposals
    ]
    columns = [header.index(name) for name in ("党校", "测算金额（元）", "已下达（元）")]
    assert [tuple(row[column] for column in columns) for row in rows] == shown


def test_amounts_begin_with_proposals_and_are_decided_otherwise(world):
    form = signed_in(world.officer).get(take_over("fiscal")).context["form"]
    assert form[amount(world.second)].value() == 700
    assert "decision" not in form.fields

    typed = {amount(world.school): "650.50", amount(world.second): "", "document": "津〔8〕"}
    looked, done = act(world.officer, take_over("fiscal"), **typed)

    assert "650.50" in looked.content.decode()
    assert done.url == f"{reverse('funding:funds')}?year={YEAR}"
    given = Allocation.objects.get(document="津〔8〕")
    assert (given.school, given.amount) == (world.school, Decimal("650.50"))
    entry = AuditEntry.objects.get(act="allocate_funds", object_id=str(given.pk))
    assert entry.after["proposed"] == "700.00"
    assert list_fund_findings() == []


def test_all_are_allocated_in_one_act_or_none(world):
    typed = {amount(world.school): "300", amount(world.second): "300", "document": "津〔9〕"}
    looked, _done = act(world.officer, take_over("dues"), **typed)
    assert list(looked.context["form"].errors) == ["decision"]

    typed["decision"] = "部务会〔2026〕9次"
    act(world.officer, take_over("dues"), **typed)
    assert Allocation.objects.filter(document="津〔9〕", decision="部务会〔2026〕9次").count() == 2

    looked, _done = act(world.officer, take_over("dues"), **typed)
    assert looked.status_code == 422
    assert world.school.name in looked.content.decode()
    assert Allocation.objects.filter(document="津〔9〕").count() == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"document": ""}, "document"), ({"document": "11010519491231002X"}, "document"), ({}, None)],
)
def test_what_is_refused(world, typed, field):
    looked, _done = act(world.officer, take_over("fiscal"), **{"document": "津〔7〕"} | typed)

    assert looked.status_code == 422
    assert list(looked.context["form"].errors) == [field or "__all__"]


def test_another_channel_is_no_page(world):
    assert signed_in(world.officer).get(take_over("none")).status_code == 404

"""The department allocates, adjusts with a reason and carries over."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.models import AuditEntry
from funding.actions.allocations import adjust_allocation, carry_funds_over
from funding.errors import FundError
from funding.models import Allocation, FundTransaction
from funding.queries.fund_check import list_fund_findings
from tests.factories import NOON, acting
from tests.funding.world import DUES, FISCAL, YEAR, FundWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world() -> FundWorld:
    return FundWorld()


def adjust(world: FundWorld, amount: int, by=None) -> FundTransaction:
    return adjust_allocation(
        allocation_id=world.allocation.pk,
        amount=Decimal(amount),
        reason="班次减少",
        by=acting(by or world.officer),
        at=NOON,
    )


def carry(world: FundWorld, amount: int, by=None) -> FundTransaction:
    return carry_funds_over(
        school=world.school,
        channel=FISCAL,
        year=YEAR,
        purpose="training",
        amount=Decimal(amount),
        reason="结余结转",
        by=acting(by or world.officer),
        at=NOON,
    )


def test_what_is_allocated_is_available(world):
    assert world.holds() == {"available": 1000, "committed": 0, "approved": 0, "paid": 0}
    entry = AuditEntry.objects.get(act="allocate_funds")
    assert entry.after["amount"] == "1000"
    assert entry.school_code == world.school.code
    assert list_fund_findings() == []


def test_dues_name_their_decision(world):
    with refused(FundError, match="collective decision") as caught:
        world.allocate(500, channel=DUES)
    assert caught.value.field == "__all__"

    world.allocate(500, channel=DUES, decision="区委组织部部务会〔2026〕3次")

    assert world.holds(channel=DUES)["available"] == 500


def test_dues_are_never_for_daily_running(world):
    with refused(FundError) as caught:
        world.allocate(500, channel=DUES, purpose="running", decision="部务会")

    assert caught.value.field == "purpose"


def test_a_document_allocates_once_for_each_purpose(world):
    with refused(FundError):
        world.allocate(1, document=world.allocation.document)

    world.allocate(1, document=world.allocation.document, purpose="equipment")

    assert Allocation.objects.count() == 2


def test_an_adjustment_adds_or_takes_what_is_available(world):
    world.commit(900)
    adjust(world, 50)
    adjust(world, -150)

    assert world.holds()["available"] == 0
    with refused(FundError) as caught:
        adjust(world, -1)
    assert caught.value.field == "amount"
    assert list_fund_findings() == []


def test_what_is_carried_over_is_available_the_year_after(world):
    carry(world, 400)

    assert world.holds()["available"] == 600
    assert world.holds(year=YEAR + 1)["available"] == 400
    with refused(FundError):
        carry(world, 601)
    assert list_fund_findings() == []


def test_nobody_else_does(world):
    for user in (world.clerk, world.custodian, world.approver, world.payer, world.auditor):
        with refused(PermissionDenied):
            world.allocate(1, by=user)
        with refused(PermissionDenied):
            adjust(world, 1, by=user)
        with refused(PermissionDenied):
            carry(world, 1, by=user)

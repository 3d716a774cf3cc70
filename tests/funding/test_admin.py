"""The administration shows allocations and keeps the rules."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.enums import Role
from config.lib.periods import day_before, today
from funding.models import FeeRule, LimitRule, UseRule
from tests.admin_pages import add, change, errors_of, make_officer, page_url, signed_in
from tests.funding.world import FundWorld


@pytest.fixture
def office(db):
    return signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))


def test_allocations_are_read(office):
    allocation = FundWorld().allocation
    page = page_url(type(allocation), "change", allocation.pk)

    assert allocation.document in office.get(page).content.decode()
    assert office.post(page, {"amount": "1"}).status_code == 403
    assert office.get(page_url(type(allocation), "add")).status_code == 403


def test_a_rule_begins_after_the_one_before(office):
    typed = {"title": "professor", "ceiling": "1200", "source": "新办法"}
    years = {"period_0": "2018-01-01", "period_1": "2018-12-31"}

    assert errors_of(add(office, FeeRule, **typed, **years)) == ""
    assert errors_of(add(office, FeeRule, **typed, **years | {"period_1": "2019-12-31"}))
    assert FeeRule.objects.filter(title="professor").count() == 2


def test_limits_of_former_days_stay(office):
    item = LimitRule.objects.get(kind="equipment_item")
    now = today()
    yesterday = day_before(now)

    def end(last: date) -> str:
        return errors_of(change(office, item, period=("2019-01-01", str(last))))

    assert end(day_before(yesterday))
    assert end(yesterday) == ""
    typed = {"kind": "equipment_item", "most": "9000", "on_breach": "exception", "source": "新办法"}
    assert errors_of(add(office, LimitRule, **typed, period_0=str(now), period_1="")) == ""


def test_what_is_no_longer_permitted_is_ended(office):
    typed = {"channel": "dues", "use": "running_costs", "source": "x"}

    assert errors_of(add(office, UseRule, **typed, period_0="2020-01-01", period_1="")) == ""
    assert UseRule.objects.filter(channel="dues", use="running_costs").exists()

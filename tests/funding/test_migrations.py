"""Allocations of before the ledger are posted when it comes, each once."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection

from funding.models import Allocation, FundLeg, FundTransaction
from funding.queries.balances import list_balances
from funding.queries.fund_check import list_fund_findings
from tests import factories

pytestmark = pytest.mark.django_db

MIGRATION = import_module("funding.migrations.0005_allocations_are_posted")


def post() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.POSTED)


def test_allocations_of_before_become_available():
    for code in ("120111101", "120111005"):
        school = factories.make_school(code, code)
        for number, channel in enumerate(("fiscal", "dues", "fiscal")):
            Allocation.objects.create(
                school=school,
                year=2019 + number,
                channel=channel,
                amount=Decimal(1000 + number),
                document=f"{code}〔{number}〕",
                decision="未登记",
            )
    assert len(list_fund_findings()) == 1  # each is posted once

    post()
    post()

    assert list_fund_findings() == []
    assert FundTransaction.objects.filter(kind="taken_over", posted_by=None).count() == 6
    balances = list_balances(FundLeg.objects.all())
    assert sorted(one.available for one in balances) == [1000, 1000, 1001, 1001, 1002, 1002]
    assert {one.purpose for one in balances} == {"training"}

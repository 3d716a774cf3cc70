"""Allocations by the organisation department."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.enums import Role
from accounts.models import AuditEntry
from funding.models import Allocation
from tests import factories
from tests.admin_pages import add, change, errors_of, make_officer, signed_in


@pytest.fixture
def office(db):
    return signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))


@pytest.fixture
def typed(db):
    school = factories.make_school()
    return {
        "document": "津西组〔2026〕1号",
        "school": school.pk,
        "year": 2026,
        "channel": "fiscal",
        "amount": "50000.00",
    }


def test_an_amount_is_positive(office, typed):
    assert errors_of(add(office, Allocation, **{**typed, "amount": "0"}))
    assert errors_of(add(office, Allocation, **typed)) == ""


def test_a_correction_keeps_both_amounts_in_the_trail(office, typed):
    add(office, Allocation, **typed)

    assert errors_of(change(office, Allocation.objects.get(), amount="60000")) == ""

    assert Allocation.objects.get().amount == Decimal(60000)
    entry = AuditEntry.objects.get(act="change_record")
    assert (entry.before, entry.after) == ({"amount": "50000.00"}, {"amount": "60000"})
    assert entry.school_code == "120111101"

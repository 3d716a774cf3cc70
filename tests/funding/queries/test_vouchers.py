"""The checklist says what is there, what is missing, and whether it is as it was."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from funding.queries.vouchers import list_checklist, list_relied_on, read_fee_sheet
from rolls.models import Attendance
from tests.factories import DAY, MORNING
from tests.funding.vouchers import VoucherWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> VoucherWorld:
    return VoucherWorld()


def states(commitment) -> dict[str, bool]:
    return {line.kind.value: line.is_there for line in list_checklist(commitment, DAY)}


def test_plan_and_roll_count_when_they_are_there(world):
    commitment = world.commit(training_class=world.training_class)
    assert states(commitment) == dict.fromkeys(("plan", "notice", "roll", "receipt"), False)

    session = world.session()
    assert states(commitment)["plan"]
    assert not states(commitment)["roll"]
    world.take_roll(session)

    assert states(commitment)["roll"]


def test_a_session_still_to_come_needs_no_roll_yet(world):
    world.take_roll(world.session())
    world.session(starts_at=MORNING + timedelta(days=7))

    assert states(world.commit(training_class=world.training_class))["roll"]


def test_a_fee_sheet_has_the_half_days_of_submitted_rolls(world):
    world.take_roll(world.session(hours="6", starts_at=MORNING - timedelta(days=1)))
    world.take_roll(world.session(hours="2"))
    world.session(hours="2", starts_at=MORNING + timedelta(hours=7))

    sheet = read_fee_sheet(world.fee(6))

    assert [(half.hours, half.paid_hours) for half in sheet.half_days] == [(6, 4), (2, 2)]
    assert (sheet.paid_hours, sheet.left) == (Decimal(6), Decimal(6))


def test_what_changed_since_the_payment_shows(world):
    commitment = world.complete()
    world.pay(commitment, 100)
    assert all(row.is_unchanged for row in list_relied_on(commitment))

    Attendance.objects.update(status="absent")

    changed = {row.kind for row in list_relied_on(commitment) if not row.is_unchanged}
    assert changed == {"roll"}

"""`verify_funds` names what somebody did to costs of classes, and notes corrected rolls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from config.lib.database_roles import has_two_roles
from config.lib.periods import at_local
from courses.signals import class_planned
from rolls.actions.attendance import correct_attendance
from rolls.models import Attendance
from tests import factories
from tests.factories import NOON, acting
from tests.funding.class_world import BEFORE, TAUGHT_ON, CostWorld
from tests.funding.queries.test_fund_check import check, named, tamper
from tests.funding.vouchers import need

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set"),
]


@pytest.fixture
def world() -> Iterator[CostWorld]:
    made = CostWorld(amount=5000)
    need("meals", "roll", "receipt")
    made.plan()
    made.approve_all()
    made.take_rolls()
    made.upload(made.reserved("meals"))
    made.pay(made.reserved("meals"), 20)
    plan_another(made)
    return made


def plan_another(world: CostWorld) -> None:
    """A second class of the same places and hours, a day later."""
    other = factories.make_class(world.school)
    other.capacity = 10
    other.save()
    for hour in (8, 14):
        starts_at = at_local(TAUGHT_ON + timedelta(1), hour)
        factories.make_session(other, instructor=world.lecturer, starts_at=starts_at)
    facts = {"training_class": other, "by": acting(world.clerk), "at": BEFORE}
    class_planned.send(type(other), **facts)


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("UPDATE funding_deliveredcause SET units = 0.5", "one delivered cause"),
        ("DELETE FROM funding_deliveredcause", "one delivered cause"),
        (
            "UPDATE funding_commitment SET training_class_id = "
            "(SELECT min(training_class_id) FROM funding_commitment) WHERE use = 'meals'",
            "reserved twice",
        ),
        (
            """
            INSERT INTO funding_voucher
                (commitment_id, kind, file_id, digest, invoice_number, added_at, added_by_id)
            SELECT c.id, v.kind, v.file_id + 1, v.digest, '', v.added_at, v.added_by_id
            FROM funding_voucher v, funding_commitment c
            WHERE c.use = 'lecturer_fee' ORDER BY c.id LIMIT 1
            """,
            "stands at two costs",
        ),
    ],
)
def test_what_was_tampered_with_is_named(world, statement, part):
    assert check()[0] == set()
    tamper(statement)

    assert named(part) in check()[0]


def test_a_roll_that_was_corrected_after_the_payment_is_noted(world):
    for mark in Attendance.objects.all():
        correct_attendance(
            attendance_id=mark.pk,
            new_status="absent",
            seen_version=mark.version,
            reason="点错了",
            by=acting(world.clerk),
            at=NOON,
        )
    output = StringIO()
    call_command("verify_funds", stdout=output)

    assert "20.00 yuan were paid beyond the rolls of today" in output.getvalue()
    assert output.getvalue().endswith("no findings\n")
    assert world.costs()["meals"].overpaid == 20

"""What a roll keeps of its session, and what can be put right once it is taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.records import RecordError
from courses.records import save_session
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll, withdraw_roll
from tests.factories import NOON, ClassWorld
from tests.refusals import refused

pytestmark = pytest.mark.django_db


class World(ClassWorld):
    def submit(self) -> None:
        submit_roll(
            session_id=self.session.pk, marks=self.marks("present"), seen={}, by=self.by, at=NOON
        )

    def submit_again(self) -> None:
        marks = self.marks("present")
        submit_roll(session_id=self.session.pk, marks=marks, seen=marks, by=self.by, at=NOON)

    def take_back(self) -> None:
        withdraw_roll(session_id=self.session.pk, reason="学时有误", by=self.by, at=NOON)

    def change(self, **values: object) -> bool:
        for name, value in values.items():
            setattr(self.session, name, value)
        return save_session(obj=self.session, by=self.by, at=NOON, fields=[*values])


@pytest.fixture
def world():
    return World()


def test_a_submitted_roll_keeps_the_hours_of_its_session(world):
    world.submit()

    with refused(RecordError, "先撤回考勤") as caught:
        world.change(hours=Decimal("2"))
    assert caught.value.field == "hours"


def test_a_wrong_figure_is_put_right_once_the_roll_is_taken_back(world):
    world.submit()
    world.take_back()

    assert world.change(hours=Decimal("2"))
    assert not list_findings()
    world.submit_again()

    of_first = CreditEntry.objects.filter(member=world.members[0])
    assert of_first.sum_hours() == 2
    assert not list_findings()


def test_all_else_stays_as_long_as_there_are_marks(world):
    world.submit()
    world.take_back()

    with refused(RecordError):
        world.change(hours=Decimal("2"), number=7)


def test_the_ledger_s_check_still_finds_forged_hours_of_a_mark_that_was_taken_back(world):
    world.submit()
    world.take_back()
    world.change(hours=Decimal("2"))
    world.submit_again()
    world.session.hours = Decimal("4")
    world.session.save(update_fields=["hours"])

    assert [finding.count for finding in list_findings()] == [len(world.members)]

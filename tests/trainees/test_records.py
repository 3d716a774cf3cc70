"""Rules as the administration stores them: hours keep the version by which they were assessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.enums import Role
from accounts.records import RecordError
from config.lib.periods import period
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import DAY, NOON, START, ClassWorld
from tests.refusals import refused
from trainees.actions.attendance import submit_roll
from trainees.models import CreditRule, CreditStep
from trainees.records import delete_step, save_rule, save_step

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT))


@pytest.fixture
def rule():
    """The rule of concentrated training, by which hours of `DAY` were assessed."""
    world = ClassWorld()
    submit_roll(
        session_id=world.session.pk, marks=world.marks("present"), seen={}, by=world.by, at=NOON
    )
    return CreditRule.objects.get(category="concentrated")


@pytest.mark.parametrize("last", [DAY, date(2026, 1, 1)])
def test_a_version_does_not_end_before_a_day_that_was_assessed_by_it(rule, officer, last):
    rule.period = period(START, last)

    with refused(RecordError) as caught:
        save_rule(obj=rule, by=officer, kind="category", fields=["period"])

    assert caught.value.field == "period"


def test_a_version_ends_after_the_last_day_that_was_assessed_by_it(rule, officer):
    rule.period = period(START, DAY + timedelta(days=1))

    assert save_rule(obj=rule, by=officer, kind="category", fields=["period"])


def test_steps_of_a_version_are_fixed_once_hours_were_assessed_by_it(rule, officer):
    step = CreditStep(rule=rule, from_minutes=30, hours=1)
    with refused(RecordError):
        save_step(obj=step, by=officer, fields=[])

    free = CreditStep.objects.filter(rule__category="online").first()
    delete_step(obj=free, by=officer)
    assert not CreditStep.objects.filter(pk=free.pk).exists()

"""Study that goes on after midnight counts its minutes once, with what the next day brings."""

from __future__ import annotations

from datetime import date, time

import pytest

from hours.models import Assessment, CreditEntry
from hours.queries.ledger_check import list_findings
from studies.actions.study_reviews import withdraw_study
from tests import factories
from tests.evidence import NOW, study

pytestmark = pytest.mark.django_db

EVE, DAY, NEXT = date(2026, 5, 19), date(2026, 5, 20), date(2026, 5, 21)


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def branch(school):
    return factories.make_organisation(school)


@pytest.fixture
def member(branch):
    return factories.make_member(branch)


@pytest.fixture
def studied(branch, member, school):
    """Records a study of so many minutes."""

    def record(on: date, hour: int, minutes: int):
        return study(branch, member, on=on, school=school, minutes=minutes, starts_at=time(hour))

    return record


def hours_on(day: date):
    return CreditEntry.objects.filter(occurred_on=day).sum_hours()


def take_back(held, school) -> None:
    withdraw_study(
        study_id=held.pk,
        seen_version=held.version,
        reason="误报",
        by=factories.acting(factories.make_clerk(school)),
        at=NOW,
    )


class TestTheSameMinutes:
    def test_count_on_the_day_that_came_first(self, studied):
        studied(EVE, 22, 240)
        studied(DAY, 0, 120)

        assert (hours_on(EVE), hours_on(DAY)) == (4, 0)
        assert not list_findings()

    def test_count_on_the_next_day_if_that_came_first(self, studied):
        studied(DAY, 0, 120)
        studied(EVE, 22, 240)

        assert (hours_on(EVE), hours_on(DAY)) == (2, 2)
        assert not list_findings()

    def test_come_back_on_the_next_day_once_the_night_is_taken_back(self, studied, school):
        night = studied(EVE, 22, 240)
        studied(DAY, 0, 120)

        take_back(night, school)

        assert (hours_on(EVE), hours_on(DAY)) == (0, 2)
        assert not list_findings()

    def test_come_back_to_the_night_once_the_morning_is_taken_back(self, studied, school):
        morning = studied(DAY, 0, 120)
        studied(EVE, 22, 240)
        studied(DAY, 22, 240)
        studied(NEXT, 1, 120)

        take_back(morning, school)

        assert (hours_on(EVE), hours_on(DAY), hours_on(NEXT)) == (4, 4, 1)
        assert not list_findings()

    def test_are_found_by_the_check(self, studied, member):
        studied(DAY, 22, 240)
        other = studied(NEXT, 12, 120)
        type(other).objects.filter(pk=other.pk).update(starts_at=time(0))

        assert list_findings()
        assert Assessment.objects.count() == 2

"""Until when a year takes facts: one rule for all of them, whoever enters them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from config.lib.errors import PortalError
from config.lib.periods import at_local, period
from hours.actions.disputes import report_missing
from schools.models import YearEndRule
from schools.queries.open_years import first_open_year, is_open
from studies.actions.studies import StudyFacts, record_study
from studies.enums import StudyKind
from tests import factories
from tests.admin_pages import make_officer
from tests.factories import StudyWorld
from tests.hours.queries.test_requirements import verdict_of
from tests.refusals import refused
from trainees.actions.people import appoint_to_post, grant_exemption
from trainees.enums import ExemptionCategory, PostKind

pytestmark = pytest.mark.django_db

LAST_YEAR = date(2025, 12, 5)
LAST_DAY, AFTER = at_local(date(2026, 1, 31), 9), at_local(date(2026, 2, 1), 9)


@pytest.mark.parametrize(
    ("days", "on", "year"),
    [
        (31, date(2026, 1, 31), 2025),
        (31, date(2026, 2, 1), 2026),
        (0, date(2026, 1, 1), 2026),
        (10, date(2026, 1, 10), 2025),
        (10, date(2026, 1, 11), 2026),
        (90, date(2026, 3, 31), 2025),
        (31, date(2026, 12, 31), 2026),
    ],
)
def test_the_year_is_open_for_the_days_of_its_rule(days, on, year):
    YearEndRule.objects.update(days=days)

    assert first_open_year(on) == year


def test_the_rule_of_the_years_last_day_applies():
    YearEndRule.objects.update(period=period(date(2019, 1, 1), date(2026, 1, 1)))
    YearEndRule.objects.create(days=5, source="修订", period=period(date(2026, 1, 1)))

    assert first_open_year(date(2026, 1, 20)) == 2025
    assert first_open_year(date(2027, 1, 6)) == 2027


def test_this_year_asks_nothing():
    with CaptureQueriesContext(connection) as caught:
        assert is_open(2026, date(2026, 5, 1))
    assert not caught.captured_queries


class Facts:
    """Who may enter facts of last year, each by the own act."""

    def __init__(self) -> None:
        self.world = StudyWorld()
        self.member = self.world.member_with_account()
        self.office = factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT))

    def exempt(self, at: datetime) -> None:
        grant_exemption(
            member_id=self.member.pk,
            category=ExemptionCategory.FRAIL,
            days=period(LAST_YEAR),
            by=self.office,
            at=at,
        )

    def appoint(self, at: datetime) -> None:
        appoint_to_post(
            member_id=self.member.pk,
            organisation=self.world.organisation,
            kind=PostKind.COMMITTEE_MEMBER,
            on=LAST_YEAR,
            by=self.office,
            at=at,
        )

    def study(self, at: datetime) -> None:
        facts = StudyFacts(
            kind=StudyKind.THEMED_DAY,
            topic="学习",
            place="",
            held_on=LAST_YEAR,
            days=1,
            starts_at=None,
            minutes=60,
        )
        record_study(
            organisation=self.world.organisation,
            facts=facts,
            member_ids=[self.member.pk],
            guest_ids=[],
            by=factories.acting(self.world.secretary),
            at=at,
        )

    def dispute(self, at: datetime) -> None:
        report_missing(
            occurred_on=LAST_YEAR,
            missing="学习",
            text="没有登记",
            by=factories.acting(self.member.user),
            at=at,
        )


@pytest.mark.parametrize("act", ["exempt", "appoint", "study", "dispute"])
def test_last_year_takes_facts_until_the_deadline(act):
    world = Facts()

    with refused(PortalError):
        getattr(world, act)(AFTER)
    getattr(world, act)(LAST_DAY)


def test_a_fact_of_last_year_moves_its_verdict():
    world = Facts()
    assert verdict_of(world.member, 2025, LAST_DAY.date()).owed == 32

    world.exempt(LAST_DAY)

    assert verdict_of(world.member, 2025, LAST_DAY.date()).owed == 29.5

"""Until when a year takes facts: one rule for all facts and roles."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib.periods import at_local, period
from schools.models import YearEndRule
from schools.queries.open_years import first_open_year, is_open

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

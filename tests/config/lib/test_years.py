"""Credit years: the day that decides about one, and from when on it is settled."""

from __future__ import annotations

from datetime import date

import pytest

from config.lib.years import (
    day_of_judgement,
    first_month_left,
    is_over,
    last_unsettled_day,
)


@pytest.mark.parametrize(
    ("year", "on", "expected"),
    [
        (2026, date(2026, 11, 24), date(2026, 11, 24)),
        (2025, date(2026, 11, 24), date(2025, 12, 31)),
        (2027, date(2026, 11, 24), date(2027, 1, 1)),
        (2026, date(2026, 1, 1), date(2026, 1, 1)),
        (2026, date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_a_past_year_is_judged_on_its_last_day(year, on, expected):
    assert day_of_judgement(year, on) == expected


def test_the_former_year_stays_open_in_january():
    assert last_unsettled_day(2026) == date(2027, 1, 31)


def test_a_year_is_over_on_the_next_first_of_january():
    assert not is_over(2026, date(2026, 12, 31))
    assert is_over(2026, date(2027, 1, 1))


@pytest.mark.parametrize(("year", "expected"), [(2025, 13), (2026, 11), (2027, 1)])
def test_months_that_are_over_are_not_left(year, expected):
    assert first_month_left(year, date(2026, 11, 30)) == expected

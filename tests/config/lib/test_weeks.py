"""Weeks begin on a Monday; a month is shown in whole weeks."""

from __future__ import annotations

from datetime import date

import pytest

from config.lib.weeks import first_of_month, list_days, list_month, monday_of, weeks_from


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 12, 6), date(2026, 11, 30)),
        (date(2027, 1, 1), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_a_monday(day, monday):
    assert monday_of(day) == monday


def test_a_week_goes_on_across_new_year():
    days = list_days(date(2026, 12, 28))

    assert (days[0], days[-1], len(days)) == (date(2026, 12, 28), date(2027, 1, 3), 7)
    assert weeks_from(days[0], 1) == date(2027, 1, 4)
    assert weeks_from(days[0], -1) == date(2026, 12, 21)


@pytest.mark.parametrize(
    ("months", "first"),
    [
        (0, date(2026, 12, 1)),
        (1, date(2027, 1, 1)),
        (-1, date(2026, 11, 1)),
        (-12, date(2025, 12, 1)),
    ],
)
def test_months_go_on_across_new_year(months, first):
    assert first_of_month(date(2026, 12, 31), months) == first


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 12, 15), date(2026, 11, 30), date(2027, 1, 3)),
        # Exactly four weeks, and six.
        (date(2021, 2, 28), date(2021, 2, 1), date(2021, 2, 28)),
        (date(2026, 8, 1), date(2026, 7, 27), date(2026, 9, 6)),
    ],
)
def test_a_month_is_shown_in_whole_weeks(day, first, last):
    days = list_month(day)

    assert (days[0], days[-1]) == (first, last)
    assert len(days) % 7 == 0

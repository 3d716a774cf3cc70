"""Days and half-open periods, in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection
from hypothesis import given
from hypothesis import strategies as st

from config.lib.periods import (
    SHANGHAI,
    PeriodField,
    at_local,
    calendar_year,
    in_force,
    inclusive_period,
    last_day,
    local_date,
    period,
    shared_days,
)
from schools.models import School
from tests.refusals import refused

NEW_YEAR, NEW_YEARS_EVE = date(2026, 1, 1), date(2026, 12, 31)

DAY = timedelta(days=1)

days = st.dates(date(1921, 7, 23), date(2100, 1, 1))


class TestAPeriod:
    def test_ends_before_its_end(self):
        value = period(NEW_YEAR, date(2026, 2, 1))

        assert date(2026, 1, 31) in value
        assert date(2026, 2, 1) not in value
        assert last_day(value) == date(2026, 1, 31)

    def test_is_open_without_an_end(self):
        value = period(NEW_YEAR)

        assert date(9999, 12, 31) in value
        assert date(2025, 12, 31) not in value
        assert last_day(value) is None

    def test_as_people_write_it_holds_both_days(self):
        value = inclusive_period(NEW_YEAR, NEW_YEARS_EVE)

        assert NEW_YEAR in value
        assert NEW_YEARS_EVE in value
        assert value == calendar_year(2026)

    def test_of_a_year_holds_a_leap_day(self):
        for year, days in ((2024, 366), (2026, 365)):
            whole = calendar_year(year)
            assert (whole.upper - whole.lower).days == days

    @given(days, days)
    def test_is_the_same_said_either_way(self, start, other):
        first, last = sorted((start, other))

        value = inclusive_period(first, last)

        assert (value.lower, last_day(value)) == (first, last)
        assert value == period(first, last + timedelta(days=1))
        assert first in value
        assert last in value

    @given(days, days, days)
    def test_shares_the_days_that_are_in_both(self, start, first, other):
        for left, right in (
            (period(min(start, first), max(start, first) + DAY), period(other)),
            (
                period(min(start, first), max(start, first) + DAY),
                inclusive_period(*sorted((start, other))),
            ),
        ):
            shared = shared_days(left, right)

            for day in (start, first, other, other - DAY, first + DAY):
                assert (day in left and day in right) == (shared is not None and day in shared)


@pytest.mark.django_db
class TestAStoredPeriod:
    @pytest.mark.parametrize(
        "value",
        [period(NEW_YEAR), period(NEW_YEAR, NEW_YEARS_EVE), inclusive_period(NEW_YEAR, NEW_YEAR)],
        ids=["open", "closed", "one day"],
    )
    def test_comes_back_as_it_was(self, value):
        School.objects.create(code="1", name="党校", period=value)

        assert School.objects.get().period == value

    def test_may_be_given_as_a_pair(self):
        School.objects.create(code="1", name="党校", period=(NEW_YEAR, None))

        assert School.objects.get().period == period(NEW_YEAR)

    @pytest.mark.parametrize(
        ("on", "expected"),
        [
            (NEW_YEAR - timedelta(days=1), False),
            (NEW_YEAR, True),
            (NEW_YEARS_EVE, True),
            (NEW_YEARS_EVE + timedelta(days=1), False),
        ],
    )
    def test_is_in_force_on_its_days_and_no_other(self, on, expected):
        School.objects.create(code="1", name="党校", period=calendar_year(2026))

        assert School.objects.filter(in_force(on)).exists() is expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bounds", ["(,2026-01-01)", "empty", "(,)"], ids=["no start", "empty", "no bound"]
)
def test_a_stored_period_always_has_a_first_day(bounds):
    def insert(code: str, value: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO schools_school (code, name, signature, office, telephone, address, "
                "period) VALUES (%s, %s, '', '', '', '', %s::daterange)",
                [code, f"党校{code}", value],
            )

    insert("1", "[2026-01-01,)")
    with refused(IntegrityError, match="schools_school_period_check"):
        insert("2", bounds)


class TestADay:
    """Is that of Asia/Shanghai, whatever clock told the moment."""

    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
            (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
            (datetime(2026, 12, 31, 23, 59, 50, tzinfo=SHANGHAI), date(2026, 12, 31)),
        ],
    )
    def test_of_a_moment(self, moment, expected):
        assert local_date(moment) == expected

    def test_and_a_time_on_the_wall_make_a_moment(self):
        assert at_local(NEW_YEAR, 0) == datetime(2025, 12, 31, 16, tzinfo=UTC)
        assert at_local(NEW_YEAR, 9, 30).isoformat() == "2026-01-01T09:30:00+08:00"

    @given(days, st.integers(0, 23), st.integers(0, 59))
    def test_comes_back_from_its_moment(self, day, hour, minute):
        assert local_date(at_local(day, hour, minute)) == day


def test_nobody_else_counts_the_day_after():
    """One place knows how a period ends; elsewhere a day added to an end is a second one."""
    folders = [settings.BASE_DIR / app.name for app in apps.get_app_configs()]
    sources = [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(Path(folder).rglob("*.py"))
        if not {"demo", "migrations"} & set(path.parts) and path.stem not in ("periods", "demo")
    ]
    assert len(sources) > 60

    guilty = [path for path in sources if "timedelta(days=1)" in path.read_text(encoding="utf-8")]

    assert guilty == []


def test_every_period_of_ours_is_of_this_type():
    fields = [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.db_type(connection) == "daterange"
    ]

    assert len(fields) >= 9
    assert all(isinstance(field, PeriodField) for field in fields)

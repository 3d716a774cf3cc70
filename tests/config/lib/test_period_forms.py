"""People write the last day; the database keeps the day after it."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.utils import translation

from config.lib.period_forms import PeriodFormField, describe_period
from config.lib.periods import inclusive_period, period


class PeriodForm(forms.Form):
    period = PeriodFormField(label="period")


def read(first: str, last: str) -> forms.Form:
    return PeriodForm({"period_0": first, "period_1": last})


def message(first: str, last: str) -> str:
    with translation.override("en"):
        return read(first, last).errors["period"][0]


class TestReading:
    def test_the_last_day_is_inside_the_period(self):
        form = read("2024-01-01", "2024-12-31")

        assert form.is_valid()
        assert form.cleaned_data["period"] == period(date(2024, 1, 1), date(2025, 1, 1))

    def test_one_day_is_a_period(self):
        form = read("2024-02-29", "2024-02-29")

        assert form.is_valid()
        assert form.cleaned_data["period"] == inclusive_period(date(2024, 2, 29), date(2024, 2, 29))

    def test_without_a_last_day_it_is_open(self):
        form = read("2024-01-01", "")

        assert form.is_valid()
        assert form.cleaned_data["period"] == period(date(2024, 1, 1))

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            ("", "2024-01-01", "Enter the first day."),
            ("2024-01-02", "2024-01-01", "The last day is before the first day."),
            ("2024-01-01", "9999-12-31", "This date is too far away."),
            ("2024-01-01", "2101-01-01", "This date is too far away."),
            ("1899-12-31", "", "This date is too far away."),
            ("2024-02-30", "", "Enter a valid date."),
            ("", "", "This field is required."),
        ],
    )
    def test_what_is_wrong_is_said(self, first, last, expected):
        assert message(first, last) == expected

    def test_an_optional_period_may_be_left_out(self):
        field = PeriodFormField(required=False)

        assert field.clean(["", ""]) is None


class TestWriting:
    def test_shows_the_days_as_they_were_written(self):
        form = PeriodForm(
            initial={"period": inclusive_period(date(2024, 1, 1), date(2024, 12, 31))}
        )

        html = str(form["period"])

        assert 'value="2024-01-01"' in html
        assert 'value="2024-12-31"' in html

    def test_each_day_has_a_label_and_the_pair_a_legend(self):
        html = str(PeriodForm())

        assert 'for="id_period_0"' in html
        assert 'for="id_period_1"' in html
        assert "<legend" in html

    def test_sent_back_unchanged_it_has_not_changed(self):
        initial = {"period": inclusive_period(date(2024, 1, 1), date(2024, 12, 31))}
        data = {"period_0": "2024-01-01", "period_1": "2024-12-31"}

        assert not PeriodForm(data, initial=initial).has_changed()
        assert PeriodForm({**data, "period_1": "2024-12-30"}, initial=initial).has_changed()


class TestDescribing:
    def test_a_closed_period_names_both_days(self):
        with translation.override("en"):
            text = describe_period(inclusive_period(date(2024, 1, 1), date(2024, 12, 31)))

        assert text == "Mon 1 Jan 2024 to Tue 31 Dec 2024"

    def test_an_open_one_names_its_first_day(self):
        with translation.override("en"):
            assert describe_period(period(date(2024, 1, 1))) == "since Mon 1 Jan 2024"

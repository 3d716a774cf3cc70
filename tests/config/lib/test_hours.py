"""Credit hours: exact, in quarters, written without needless zeros."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from config.lib.hours import STEP, HoursField, format_hours, is_quarter_multiple, validate_step
from courses.models import Course, Module

quarters = st.integers(-40_000, 40_000).map(lambda number: number * STEP)


class TestTheStep:
    @pytest.mark.parametrize("hours", ["0", "0.25", "0.50", "3.75", "4", "-0.25", "9999.75"])
    def test_is_a_quarter_of_an_hour(self, hours):
        validate_step(Decimal(hours))

    @pytest.mark.parametrize("hours", ["0.1", "0.24", "0.30", "3.99", "-0.20"])
    def test_is_nothing_less(self, hours):
        with pytest.raises(ValidationError) as caught:
            validate_step(Decimal(hours))

        assert caught.value.code == "step"

    @given(quarters, st.integers(1, 24))
    def test_holds_for_every_multiple_and_nothing_between(self, hours, hundredths):
        validate_step(hours)
        with pytest.raises(ValidationError):
            validate_step(hours + Decimal(hundredths) / 100)

    def test_is_checked_by_the_field(self):
        field = HoursField()

        assert field.clean(Decimal("3.75"), None) == Decimal("3.75")
        with pytest.raises(ValidationError):
            field.clean(Decimal("3.80"), None)

    @pytest.mark.django_db
    def test_is_a_condition_that_the_database_understands(self):
        module = Module.objects.create(code="law", name="法治")
        course = Course.objects.create(code="L-1", title="法", module=module, hours="0.75")

        assert Course.objects.filter(is_quarter_multiple("hours")).get() == course


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["0.25", "3.75", "9999.75"])
def test_hours_are_stored_exactly(text):
    module = Module.objects.create(code="law", name="法治")
    Course.objects.create(code="L-1", title="法", module=module, hours=Decimal(text))

    stored = Course.objects.get().hours
    assert isinstance(stored, Decimal)
    assert str(stored) == text


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        ("24.00", "24"),
        ("23.50", "23.5"),
        ("0.25", "0.25"),
        ("0.00", "0"),
        ("100", "100"),
        ("1200.00", "1200"),
        ("-3.75", "-3.75"),
        ("-4.00", "-4"),
        ("1E+2", "100"),
    ],
)
def test_hours_are_written_without_needless_zeros(hours, text):
    assert format_hours(Decimal(hours)) == text


@given(quarters)
def test_hours_as_written_are_the_same_hours(hours):
    text = format_hours(hours)

    assert Decimal(text) == hours
    assert not (text.endswith((".", "0")) and "." in text)


def test_no_hours_are_floats():
    """Whatever is called hours in our models is of the exact type, with its step guarded.

    But for hours of the clock, in which a roll is due, and for words about hours.
    """
    named_hours = [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if ("hours" in field.name and field.name not in {"roll_hours", "hours_reason"})
        or field.name.endswith(("_cap", "_cut", "_deduction"))
    ]

    assert len(named_hours) >= 14
    assert all(
        isinstance(getattr(field, "output_field", field), HoursField) for field in named_hours
    )
    assert not any(
        isinstance(field, models.FloatField)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
    )


def test_the_step_of_every_stored_hour_is_a_constraint():
    unguarded = [
        str(field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, HoursField)
        and not any(
            f"'{field.name}__in_quarters'" in repr(constraint)
            for constraint in model._meta.constraints
        )
    ]

    assert unguarded == []

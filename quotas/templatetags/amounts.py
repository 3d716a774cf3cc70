"""Amounts of measures in templates."""

from __future__ import annotations

from decimal import Decimal

from django import template

from quotas.amounts import say_amount

register = template.Library()


@register.filter
def amount(value: Decimal | None, measure: str) -> str:
    """An amount of a measure, as `say_amount` has it."""
    return say_amount(value, measure)

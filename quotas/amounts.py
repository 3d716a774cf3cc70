"""Amounts of measures in words."""

from __future__ import annotations

from decimal import Decimal

from config.lib.hours import format_hours
from quotas.enums import COVERAGES


def say_amount(value: Decimal | None, measure: str) -> str:
    """An amount of a measure: 1,234 · 23.5 · 90.5 %; a dash for none."""
    if value is None:
        return "–"
    whole, point, rest = format_hours(abs(Decimal(value))).partition(".")
    text = f"{'-' if value < 0 else ''}{int(whole):,}{point}{rest}"
    return f"{text} %" if measure in COVERAGES else text

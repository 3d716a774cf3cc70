"""Amounts of measures in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from config.lib.hours import format_hours
from quotas.enums import COVERAGES, Measure
from schools.enums import Audience


def say_amount(value: Decimal | None, measure: str) -> str:
    """An amount of a measure: 1,234 · 23.5 · 90.5 %; a dash for none."""
    if value is None:
        return "–"
    whole, point, rest = format_hours(abs(Decimal(value))).partition(".")
    text = f"{'-' if value < 0 else ''}{int(whole):,}{point}{rest}"
    return f"{text} %" if measure in COVERAGES else text


def say_lines(lines: Sequence[str | Mapping[str, Any]]) -> str:
    """Lines of a task or claim, as the trail keeps them, in words; older ones are words."""
    return _("; ").join(line if isinstance(line, str) else _say_line(line) for line in lines)


def say_about(line: Mapping[str, Any]) -> str:
    """What a stored line is about: measure, audience and module."""
    audience = str(Audience(line["audience"]).label) if line["audience"] else ""
    about = (str(Measure(line["measure"]).label), audience, line["module"])
    return " · ".join(part for part in about if part)


def _say_line(line: Mapping[str, Any]) -> str:
    amount = say_amount(Decimal(line["amount"]), line["measure"])
    return _("%(line)s: %(amount)s") % {"line": say_about(line), "amount": amount}

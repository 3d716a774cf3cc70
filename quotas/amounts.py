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


def _say_line(line: Mapping[str, Any]) -> str:
    measure = Measure(line["measure"])
    audience = str(Audience(line["audience"]).label) if line["audience"] else ""
    about = " · ".join(part for part in (str(measure.label), audience, line["module"]) if part)
    amount = say_amount(Decimal(line["amount"]), measure)
    return _("%(line)s: %(amount)s") % {"line": about, "amount": amount}

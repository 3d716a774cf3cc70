"""The rule of letters of appointment on a day."""

from __future__ import annotations

from datetime import date, timedelta

from config.lib.periods import in_force
from instructors.models import LetterRule


def find_letter_rule(on: date) -> LetterRule | None:
    """The rule in force on the day `on`."""
    return LetterRule.objects.filter(in_force(on)).first()


def warned_until(on: date) -> date:
    """The day until which ends of letters are warned of; without a rule none is."""
    rule = find_letter_rule(on)
    return on + timedelta(days=rule.warning_days if rule else 0)

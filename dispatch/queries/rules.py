"""The rule of booking on a day."""

from __future__ import annotations

from datetime import date

from config.lib.periods import in_force
from dispatch.models import BookingRule


def find_booking_rule(on: date) -> BookingRule | None:
    """The rule in force on the day `on`."""
    return BookingRule.objects.filter(in_force(on)).first()

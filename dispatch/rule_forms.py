"""The form of the rule of booking."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from backstage.forms import DatedForm
from config.lib.hours import format_hours
from dispatch.models import BookingRule

# In the order in which page and form show them.
FIGURES = (
    *("lead_days", "answer_days", "confirm_days", "evaluate_days"),
    *("half_day_hours", "month_hours", "year_hours", "travel_minutes"),
)


def _shown(value: Any) -> Any:
    """Hours without the zeros that the column stores."""
    return format_hours(value) if isinstance(value, Decimal) else value


class BookingRuleForm(DatedForm):
    """All figures of the rule from a day on; it begins with those that hold `now`."""

    def __init__(self, data: Any, *, today: date, now: BookingRule | None) -> None:
        super().__init__(data, today=today)
        self.names = (*FIGURES, "source")
        self.fields.update(forms.fields_for_model(BookingRule, fields=self.names))
        if now is not None:
            self.initial.update({name: _shown(getattr(now, name)) for name in self.names})
        self.order_fields([*self.names, "on"])

    @property
    def values(self) -> dict[str, Any]:
        """What the valid form says of the rule."""
        return {name: self.cleaned_data[name] for name in self.names}

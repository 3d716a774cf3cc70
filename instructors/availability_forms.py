"""Forms for the days on which a lecturer can teach."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm
from config.lib.dates import SHORT_WEEKDAYS
from config.lib.period_forms import DayField
from instructors.enums import DayPart, LeaveKind
from instructors.forms import require_order


def slot_choices() -> list[tuple[str, str]]:
    """Every part of the week, by day: `1-morning`."""
    return [
        (f"{number}-{part.value}", f"{_(name)} · {part.label}")
        for number, name in enumerate(SHORT_WEEKDAYS, start=1)
        for part in DayPart
    ]


def format_slots(keys: Collection[str]) -> str:
    """Parts of the week in words."""
    return _(", ").join(words for key, words in slot_choices() if key in keys)


class WeekForm(IdempotentForm):
    """The parts of the week in which a lecturer can teach, from a day on."""

    slots = forms.MultipleChoiceField(
        label=gettext_lazy("I can teach"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without any tick every part of the week is open."),
    )
    on = DayField(label=gettext_lazy("From the day"))

    def __init__(self, data: Any = None, *, ticked: Collection[str], today: date) -> None:
        super().__init__(data, initial={"slots": list(ticked), "on": today})
        field: Any = self.fields["slots"]
        field.choices = slot_choices()

    @property
    def chosen(self) -> set[tuple[int, str]]:
        """The ticked slots of a valid form."""
        pairs = (text.split("-") for text in self.cleaned_data["slots"])
        return {(int(weekday), part) for weekday, part in pairs}


class LeaveForm(IdempotentForm):
    """Days on which a lecturer does not teach."""

    first_day = DayField(label=gettext_lazy("First day"))
    last_day = DayField(label=gettext_lazy("Last day"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=LeaveKind.choices,
        help_text=gettext_lazy("Health is personal; nothing more is asked."),
    )

    def clean(self) -> dict[str, Any]:
        return require_order(self, super().clean() or self.cleaned_data)


class ExceptionForm(IdempotentForm):
    """A part of one day that differs from the week."""

    day = DayField(label=gettext_lazy("Date"))
    part = forms.ChoiceField(label=gettext_lazy("Part of the day"), choices=DayPart.choices)
    is_free = forms.TypedChoiceField(
        label=gettext_lazy("On that part of the day"),
        choices=[("no", gettext_lazy("I cannot teach")), ("yes", gettext_lazy("I can teach"))],
        coerce=lambda value: value == "yes",
    )

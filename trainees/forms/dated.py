"""The part that every form of a dated change shares."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm
from config.lib.period_forms import DayField
from config.lib.resident_ids import holds_resident_id


class DatedForm(IdempotentForm):
    """A change from a day on, asked for last."""

    on = DayField(
        label=gettext_lazy("From the day"),
        help_text=gettext_lazy("The first day of the change. Days before this year are settled."),
    )

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"on": today})
        self.order_fields([*(name for name in self.fields if name != "on"), "on"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and holds_resident_id(value):
                self.add_error(name, _("An ID number does not belong here."))
        return cleaned

"""Forms of the menu and the timetable."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import PortalModelForm
from config.lib.period_forms import DayField
from config.lib.periods import last_day, local_date, period, through
from courses.enums import EquipmentKind
from courses.models import Venue


class VenueField(forms.ModelChoiceField):
    """A venue with its school: the name alone says too little."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.school} · {obj}"


class SessionForm(PortalModelForm):
    """Computes the date before the constraint over it is checked."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("starts_at"):
            self.instance.held_on = local_date(cleaned["starts_at"])
        return cleaned


class VenueForm(PortalModelForm):
    """A venue, what it has, and the days on which it is open."""

    first_day = DayField(label=gettext_lazy("Open from"))
    last_day = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Leave the last day empty while no end is known."),
    )

    class Meta:
        model = Venue
        fields = ("name", "kind", "capacity", "address", "contact", "telephone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venue = self.instance
        counts: dict[str, int] = {}
        if not venue._state.adding:
            counts = dict(venue.equipment.values_list("kind", "count"))
            days = {"first_day": venue.period.lower, "last_day": last_day(venue.period)}
            self.initial.update(days)
        for kind in EquipmentKind:
            self.fields[_equipment_field(kind)] = forms.IntegerField(
                label=kind.label,
                min_value=0,
                max_value=30_000,
                required=False,
                initial=counts.get(kind.value, 0),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first day."))
        elif first:
            self.instance.period = through(first, last) if last else period(first)
        return cleaned

    def equipment(self) -> dict[str, int]:
        """The count by kind."""
        return {
            kind.value: self.cleaned_data[_equipment_field(kind)] or 0 for kind in EquipmentKind
        }


def _equipment_field(kind: EquipmentKind) -> str:
    return f"equipment_{kind.value}"

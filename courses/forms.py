"""Forms of the menu and the timetable."""

from typing import Any

from django import forms

from accounts.admin_forms import PortalModelForm
from config.lib.periods import local_date


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

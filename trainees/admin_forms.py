"""Admin form for members.

A new member needs an ID number, which is never shown again.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin_forms import PortalModelForm
from accounts.records import RecordError
from config.lib.names import clean_name
from trainees.records import checked_resident_id


class MemberForm(PortalModelForm):
    """Checks the ID number against the date of birth and the other members."""

    id_number_fields = frozenset({"resident_id"})

    resident_id = forms.CharField(
        label=_("resident ID number"),
        max_length=18,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("18 characters. It is stored encrypted, and screens show it masked."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields.pop("resident_id", None)

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("resident_id") and cleaned.get("birth_date"):
            try:
                cleaned["resident_id"] = checked_resident_id(
                    cleaned["resident_id"], birth_date=cleaned["birth_date"]
                )
            except RecordError as error:
                self.add_error(error.field, error.message)
        return cleaned

"""Forms that put members on the roster of a class."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from classes.actions.guests import Guest


class EnrolForm(IdempotentForm):
    """Members ticked in a list, or everyone in the list."""

    act = forms.ChoiceField(choices=[("chosen", ""), ("all", "")], widget=forms.HiddenInput)
    member = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.MultipleHiddenInput
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        sent = data.getlist("member") if data is not None else []
        keys = [key for key in sent if key.isascii() and key.isdigit() and len(key) < 19]
        self.fields["member"].choices = [(int(key), key) for key in keys]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("act") == "chosen" and not cleaned.get("member"):
            self.add_error(None, _("Tick at least one member."))
        return cleaned


class GuestForm(IdempotentForm):
    """A member of any school, by number and name."""

    refused_at = "number"

    number = forms.CharField(
        label=gettext_lazy("Member number"),
        max_length=20,
        help_text=gettext_lazy("Also of a member of another school; the name must fit."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)

    def clean_number(self) -> str:
        return without_resident_id(normalize("NFKC", self.cleaned_data["number"]).strip())

    def clean_name(self) -> str:
        return without_resident_id(self.cleaned_data["name"])

    @property
    def guest(self) -> Guest:
        """The typed number and name."""
        return Guest(self.cleaned_data["number"], self.cleaned_data["name"])

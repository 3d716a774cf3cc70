"""Forms for people who came without being on a roster, and for matching them to members."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from classes.actions.guests import Guest
from config.lib.resident_ids import holds_resident_id
from rolls.actions.walk_ins import WalkInFacts
from rolls.enums import ATTENDED, AttendanceStatus


class WalkInForm(IdempotentForm):
    """A person on the sheet who is not on the roster, as written on the sheet."""

    name = forms.CharField(label=gettext_lazy("Name as written"), max_length=40)
    organisation_name = forms.CharField(
        label=gettext_lazy("Organisation as written"), max_length=80, required=False
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Attendance"),
        choices=[(status.value, status.label) for status in ATTENDED],
        initial=AttendanceStatus.PRESENT.value,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field in ("name", "organisation_name", "note"):
            if holds_resident_id(cleaned.get(field, "")):
                self.add_error(field, _("An ID number does not belong here."))
        return cleaned

    @property
    def facts(self) -> WalkInFacts:
        """The typed values."""
        names = ("name", "organisation_name", "status", "note")
        return WalkInFacts(**{name: self.cleaned_data[name] for name in names})


class MatchForm(IdempotentForm):
    """The member to match: chosen from a list, or one of any school by number and name."""

    member = forms.IntegerField(required=False, widget=forms.HiddenInput)
    number = forms.CharField(
        label=gettext_lazy("Member number"),
        max_length=20,
        help_text=gettext_lazy("Also of a member of another school; the name must fit."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name in ("number", "name"):
            self.fields[name].required = not (data and data.get("member"))

    def clean_number(self) -> str:
        return without_resident_id(normalize("NFKC", self.cleaned_data["number"]).strip())

    def clean_name(self) -> str:
        return without_resident_id(self.cleaned_data["name"])

    @property
    def guest(self) -> Guest | None:
        """The typed number and name; None where a member was chosen."""
        typed = Guest(self.cleaned_data["number"], self.cleaned_data["name"])
        return None if self.cleaned_data["member"] is not None else typed

"""Forms that put members on the roster of a class."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, without_resident_id

_SEPARATOR = re.compile(r"[\s,;、，；]+")


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
    """Members of any school, by their numbers."""

    number = forms.CharField(
        label=gettext_lazy("Member number"),
        max_length=400,
        help_text=gettext_lazy("Also of members of other schools; several with spaces between."),
    )

    def clean_number(self) -> str:
        return without_resident_id(normalize("NFKC", self.cleaned_data["number"]))

    @property
    def numbers(self) -> list[str]:
        """The numbers typed, each once."""
        return list(
            dict.fromkeys(part for part in _SEPARATOR.split(self.cleaned_data["number"]) if part)
        )

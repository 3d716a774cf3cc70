"""Select two rows of one person by their numbers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trainees.models import Member


class PairForm(forms.Form):
    """The row that remains and the row given up, among the visible members."""

    kept = forms.CharField(label=_("Number of the row that is kept"), max_length=20)
    given_up = forms.CharField(label=_("Number of the row given up"), max_length=20)

    def __init__(self, *args: Any, visible: QuerySet[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visible = visible

    def clean_kept(self) -> Member:
        return self._find("kept")

    def clean_given_up(self) -> Member:
        return self._find("given_up")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kept") is not None and cleaned.get("kept") == cleaned.get("given_up"):
            self.add_error("given_up", gettext("These are the same row."))
        return cleaned

    def _find(self, name: str) -> Member:
        member = self.visible.filter(number=self.cleaned_data[name]).first()
        if member is None:
            raise forms.ValidationError(gettext("No member in your sight has this number."))
        return member

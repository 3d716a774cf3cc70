"""A notice of a class."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from classes.models.notices import LONGEST_NOTICE
from config.lib.text_forms import LinesField


class NoticeForm(IdempotentForm):
    """A notice to the trainees of a class."""

    refused_at = "text"

    text = LinesField(
        label=gettext_lazy("Notice to the trainees"),
        max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Everybody on the roster reads it on the timetable."),
    )

    def clean_text(self) -> str:
        return without_resident_id(self.cleaned_data["text"])

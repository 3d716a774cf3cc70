"""Forms of statistics sheets: a layout to upload, its words, and the days to fill it in for."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from config.lib.period_forms import DayField
from config.lib.years import FIRST_YEAR
from reports.sheets.reading import Word
from reports.sheets.words import Vocabulary
from schools.models import School


class LayoutForm(IdempotentForm):
    """A workbook, its name in the list, and whose it is."""

    refused_at = "upload"

    upload = forms.FileField(
        label=gettext_lazy("File"),
        error_messages={"required": gettext_lazy("Choose a file first.")},
        help_text=gettext_lazy(
            "An .xlsx workbook of at most 20 MB, without macros, links, pictures or charts."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    name = forms.CharField(label=pgettext_lazy("of a thing", "name"), max_length=60)
    school = forms.ChoiceField(label=gettext_lazy("Whose layout it is"))

    def __init__(self, *args: Any, offices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["school"]
        field.choices = offices
        field.required = bool(offices and offices[0][0])

    def clean_upload(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["upload"]
        without_resident_id(upload.name or "")
        return upload

    def clean_name(self) -> str:
        return without_resident_id(self.cleaned_data["name"])


class WordsForm(IdempotentForm):
    """A choice for each word of a layout; left alone, it means what was understood."""

    def __init__(
        self, data: Any, *, words: list[Word], vocabulary: Vocabulary, chosen: dict[str, str]
    ) -> None:
        super().__init__(data)
        self._words = words
        for word in words:
            self.fields[name_of_field(word)] = forms.ChoiceField(
                label=word.text,
                choices=[("", _("as it was understood")), *vocabulary.choices],
                required=False,
                initial=chosen.get(word.key, ""),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def chosen(self) -> dict[str, str]:
        """The words that mean what was chosen."""
        values = {word.key: self.cleaned_data[name_of_field(word)] for word in self._words}
        return {key: value for key, value in values.items() if value}


def name_of_field(word: Word) -> str:
    """The name of the choice for a word; a word itself may be long."""
    return f"word-{sha256(word.key.encode()).hexdigest()[:12]}"


class FillForm(IdempotentForm):
    """The first and the last day, and the school or all."""

    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))
    school = forms.ModelChoiceField(
        School.objects.none(),
        label=gettext_lazy("School"),
        required=False,
        empty_label=gettext_lazy("all schools"),
    )

    def __init__(self, data: Any, *, schools: Any, today: date) -> None:
        super().__init__(data, initial={"first": today.replace(month=1, day=1), "last": today})
        field: Any = self.fields["school"]
        field.queryset = schools

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and first.year < FIRST_YEAR:
            text = _("Nothing was recorded before %(year)d.")
            self.add_error("first", text % {"year": FIRST_YEAR})
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        return cleaned

"""Forms for schools: contact, officers, notes, opening and merging."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.admin_forms import PortalModelForm
from backstage.forms import IdempotentForm
from config.lib.period_forms import DayField
from config.lib.resident_ids import holds_resident_id
from config.lib.telephones import TelephoneField
from config.lib.text_forms import LinesField
from schools.enums import SchoolOffice
from schools.models import School, Township, digits


class SchoolForm(PortalModelForm):
    """Name, signature and contact of a school."""

    class Meta:
        model = School
        fields = ("name", "signature", "office", "telephone", "address")
        field_classes = {"telephone": TelephoneField}


class ContactForm(PortalModelForm):
    """The data that the school's own clerk edits."""

    class Meta:
        model = School
        fields = ("office", "telephone", "address")
        field_classes = {"telephone": TelephoneField}


class _PlainForm(IdempotentForm):
    """Refuses ID numbers in all text fields."""

    def __init__(self, data: Any, *, on: date) -> None:
        super().__init__(data, initial={"on": on, "noted_on": on})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and holds_resident_id(value):
                self.add_error(name, _("An ID number does not belong here."))
        return cleaned


class OfficerForm(_PlainForm):
    """Who holds an office from a day on; the office is vacant if the name is empty."""

    office = forms.ChoiceField(
        label=pgettext_lazy("held by a person", "office"), choices=SchoolOffice
    )
    name = forms.CharField(
        label=gettext_lazy("name"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Leave it empty if the office is vacant from that day on."),
    )
    telephone = TelephoneField(
        label=gettext_lazy("telephone"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Of the office, not a private one."),
    )
    on = DayField(label=gettext_lazy("From the day"))


class NoteForm(_PlainForm):
    """A liaison officer's note."""

    noted_on = DayField(label=gettext_lazy("date"))
    topic = forms.CharField(label=gettext_lazy("topic"), max_length=100)
    text = LinesField(
        label=gettext_lazy("text"), max_length=2000, widget=forms.Textarea(attrs={"rows": 8})
    )


class OpenForm(_PlainForm):
    """A new school and the townships that it serves."""

    name = forms.CharField(label=gettext_lazy("Name of the school"), max_length=40)
    code = forms.CharField(
        label=gettext_lazy("code"),
        max_length=9,
        validators=[digits],
        help_text=gettext_lazy("As a rule the code of its township, of nine digits."),
    )
    townships = forms.ModelMultipleChoiceField(
        Township.objects.all(),
        label=gettext_lazy("Townships that it serves"),
        widget=forms.CheckboxSelectMultiple,
    )
    on = DayField(
        label=gettext_lazy("From the day"),
        help_text=gettext_lazy("The first day of the change. Days of closed years are settled."),
    )


class MergeForm(_PlainForm):
    """The school that continues."""

    into = forms.ModelChoiceField(School.objects.none(), label=gettext_lazy("Merge into"))
    on = DayField(
        label=gettext_lazy("From the day"),
        help_text=gettext_lazy("The first day without this school."),
    )

    def __init__(self, data: Any, *, on: date, school: School) -> None:
        super().__init__(data, on=on)
        others = School.objects.filter(period__endswith__isnull=True).exclude(pk=school.pk)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]

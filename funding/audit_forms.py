"""Forms of special audits. No text holds an ID number."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, ReasonForm, without_resident_id
from config.lib.period_forms import DayField
from funding.amounts import FEN
from funding.enums import ReviewOutcome, Severity
from schools.enums import FundingChannel
from schools.models import School
from schools.querysets import SchoolQuerySet


class PlainTextField(forms.CharField):
    """A text of some lines, without an ID number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), **kwargs)

    def clean(self, value: Any) -> str:
        return without_resident_id(super().clean(value))


class SchoolsField(forms.ModelMultipleChoiceField):
    """Schools to tick."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: School) -> str:
        return obj.name


class OpenAuditForm(IdempotentForm):
    """The scope of a special audit and the size of its sample."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    schools = SchoolsField(School.objects.none(), label=gettext_lazy("Schools"))
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Channels"),
        choices=FundingChannel,
        widget=forms.CheckboxSelectMultiple,
    )
    first_day = DayField(label=gettext_lazy("Paid from"))
    last_day = DayField(label=gettext_lazy("Paid until"))
    sample_size = forms.IntegerField(
        label=gettext_lazy("Payments to draw"),
        min_value=1,
        max_value=500,
        help_text=gettext_lazy("A payment is drawn the more likely the larger its amount is."),
    )
    threshold = forms.DecimalField(
        label=gettext_lazy("Always in above (yuan)"),
        required=False,
        min_value=FEN,
        max_digits=12,
        decimal_places=2,
        help_text=gettext_lazy("All payments above it are in the sample as well."),
    )

    def __init__(self, data: Any, *, schools: SchoolQuerySet, on: date) -> None:
        initial = {"first_day": date(on.year, 1, 1), "last_day": on, "sample_size": 10}
        super().__init__(data, initial=initial)
        self._on = on
        field: Any = self.fields["schools"]
        field.queryset = schools

    def clean_title(self) -> str:
        return without_resident_id(self.cleaned_data["title"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes before the first."))
        if last and last > self._on:
            self.add_error("last_day", _("This day is still to come."))
        return cleaned


class FindingForm(IdempotentForm):
    """What is wrong with a payment, and by when the school answers."""

    text = PlainTextField(label=gettext_lazy("Finding"), max_length=1000)
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), choices=Severity)
    due_on = DayField(label=gettext_lazy("Answer by"))


class AnswerForm(IdempotentForm):
    """The school's answer."""

    text = PlainTextField(label=gettext_lazy("Answer"), max_length=1000)


class ReviewForm(ReasonForm):
    """What the auditor makes of an answer, and why."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("", gettext_lazy("choose")), *ReviewOutcome.choices],
        help_text=gettext_lazy("Accepted settles the finding; returned asks for another answer."),
    )

    field_order = ("outcome", "reason")


class CloseForm(IdempotentForm):
    """What the auditor concludes."""

    conclusion = PlainTextField(label=gettext_lazy("Conclusion"), max_length=2000)

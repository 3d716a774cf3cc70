"""Forms of lecturers: the field to choose one, nominations and their decisions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import PortalModelForm
from accounts.models import User
from backstage.forms import IdempotentForm, without_resident_id
from config.lib.dates import format_day
from config.lib.period_forms import DayField
from config.lib.periods import day_before, last_day, years_from
from config.lib.text_forms import LinesField
from instructors.enums import Title
from instructors.lecturer_choice import LecturerSelect, LecturerTicks, describe_lecturer
from instructors.models import Instructor, LetterRule
from instructors.permissions import schools_nominated_for
from schools.models import School


class InstructorField(forms.ModelChoiceField):
    """A lecturer, found by name, initials, corps or employer."""

    widget = LecturerSelect

    def label_from_instance(self, obj: Instructor) -> str:
        return describe_lecturer(obj)


def require_order(form: forms.Form, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Report a last day before the first one at its field."""
    first, last = cleaned.get("first_day"), cleaned.get("last_day")
    if first and last and last < first:
        form.add_error("last_day", _("The last day is before the first day."))
    return cleaned


class NominationForm(IdempotentForm):
    """Whom a school nominates for the backbone corps, and why."""

    school = forms.ModelChoiceField(School.objects.none(), label=gettext_lazy("School"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    employer = forms.CharField(
        label=gettext_lazy("Employer"),
        max_length=100,
        help_text=gettext_lazy("Where the person works, or in which village they live."),
    )
    title = forms.ChoiceField(label=gettext_lazy("Professional title"), choices=Title.choices)
    reasons = LinesField(
        label=gettext_lazy("Reasons"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "What the person has done, and what they could teach: the organisation department "
            "decides by it."
        ),
    )
    username = forms.CharField(
        label=gettext_lazy("Sign-in name of the person"),
        max_length=32,
        required=False,
        help_text=gettext_lazy(
            "If the person has an account: its sign-in name, a member number for example. "
            "The sessions taught then stand on their own home page."
        ),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data)
        schools = schools_nominated_for(user, on)
        field: Any = self.fields["school"]
        field.queryset = schools
        only = list(schools[:2])
        if len(only) == 1:
            field.initial, field.widget = only[0], forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("name", "employer", "reasons", "username"):
            try:
                without_resident_id(cleaned.get(name, ""))
            except forms.ValidationError as error:
                self.add_error(name, error)
        return cleaned


class HomeForm(PortalModelForm):
    """Where a lecturer lives."""

    class Meta:
        model = Instructor
        fields = ("home_township",)


class _LecturersField(forms.ModelMultipleChoiceField):
    """Lecturers to tick, each with corps, employer and the end of the last letter."""

    widget = LecturerTicks

    def label_from_instance(self, obj: Instructor) -> str:
        end = obj.letter_end  # type: ignore[attr-defined]
        ends = (
            _("letter until %(day)s") % {"day": format_day(day_before(end))}
            if end
            else _("no letter yet")
        )
        return " · ".join((obj.name, obj.get_corps_display(), obj.employer, ends))


class LettersForm(IdempotentForm):
    """Lecturers who get a letter of appointment together, and its term; one may be `chosen`."""

    first_day = DayField(
        label=gettext_lazy("First day"),
        help_text=gettext_lazy(
            "Who holds a letter longer gets the new one from the day after its end, for as long."
        ),
    )
    last_day = DayField(label=gettext_lazy("Last day"))
    instructors = _LecturersField(
        Instructor.objects.none(),
        label=gettext_lazy("Lecturers"),
        help_text=gettext_lazy(
            "All of them may be chosen at once. A hundred letters take some seconds, here and on "
            "the page that checks them."
        ),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        lecturers: QuerySet[Instructor],
        rule: LetterRule | None,
        on: date,
        chosen: int = 0,
    ) -> None:
        super().__init__(data, initial={"first_day": on, "instructors": [chosen]})
        if rule is not None:
            self.initial["last_day"] = last_day(years_from(on, rule.term_years))
        field: Any = self.fields["instructors"]
        field.queryset = lecturers

    def clean(self) -> dict[str, Any]:
        return require_order(self, super().clean() or self.cleaned_data)

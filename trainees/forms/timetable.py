"""Leave of a session, and the order within a class."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm
from config.lib.resident_ids import holds_resident_id
from trainees.actions.class_order import Place
from trainees.enums import LeaveAnswer
from trainees.models import Enrolment
from trainees.models.timetable import LONGEST_LEAVE_TEXT, LONGEST_NOTICE

HIGHEST_NUMBER = 999
MOST_GROUPS = 60


class LeaveForm(IdempotentForm):
    """Why a member cannot come: a few words."""

    reason = forms.CharField(
        label=gettext_lazy("Why can you not come?"),
        max_length=LONGEST_LEAVE_TEXT,
        help_text=gettext_lazy(
            "A few words, such as “on duty” or “family matter”. "
            "Write nothing about anybody's health."
        ),
    )

    def clean_reason(self) -> str:
        return _without_resident_id(self.cleaned_data["reason"])


class LeaveAnswerForm(IdempotentForm):
    """Yes or no to a request, with a word to the member."""

    answer = forms.ChoiceField(choices=LeaveAnswer)
    word = forms.CharField(max_length=LONGEST_LEAVE_TEXT, required=False)

    def clean_word(self) -> str:
        return _without_resident_id(self.cleaned_data["word"])


def _without_resident_id(text: str) -> str:
    if holds_resident_id(text):
        raise forms.ValidationError(_("An ID number does not belong here."), code="id_number")
    return text


class NoticeForm(IdempotentForm):
    """A notice to the trainees of a class."""

    text = forms.CharField(
        label=gettext_lazy("Notice to the trainees"),
        max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Everybody on the roster reads it on the timetable."),
    )

    def clean_text(self) -> str:
        return _without_resident_id(self.cleaned_data["text"])


class OrderForm(IdempotentForm):
    """Pocket and study group of each trainee, the monitor, and what else is asked for."""

    act = forms.ChoiceField(
        choices=[("save", ""), ("split", ""), ("number", "")], widget=forms.HiddenInput
    )
    groups = forms.IntegerField(
        label=gettext_lazy("Number of groups"),
        min_value=1,
        max_value=MOST_GROUPS,
        initial=4,
        required=False,
    )
    monitor = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)

    def __init__(self, data: Any = None, *, roster: list[Enrolment]) -> None:
        super().__init__(data)
        self.roster = roster
        self.fields["monitor"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *((one.member_id, one.member.name) for one in roster),
        ]
        for one in roster:
            for name, label, value in (
                (f"pocket-{one.member_id}", _("Pocket: %(name)s"), one.phone_pocket),
                (f"group-{one.member_id}", _("Group: %(name)s"), one.study_group),
            ):
                self.fields[name] = forms.IntegerField(
                    label=label % {"name": one.member.name},
                    min_value=1,
                    max_value=HIGHEST_NUMBER,
                    required=False,
                    initial=value,
                )
        self.initial["monitor"] = next((one.member_id for one in roster if one.is_monitor), None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("act") == "split" and not cleaned.get("groups"):
            self.add_error("groups", _("Say how many groups there are to be."))
        return cleaned

    @property
    def places(self) -> dict[int, Place]:
        """What the valid form says of each trainee."""
        return {
            one.member_id: Place(
                self.cleaned_data[f"pocket-{one.member_id}"],
                self.cleaned_data[f"group-{one.member_id}"],
            )
            for one in self.roster
        }

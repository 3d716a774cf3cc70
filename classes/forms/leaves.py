"""Forms for leave from a session, and for its answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from classes.enums import LeaveAnswer
from classes.models.leaves import LONGEST_LEAVE_TEXT


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
        return without_resident_id(self.cleaned_data["reason"])


class LeaveAnswerForm(IdempotentForm):
    """The answer to a request, with a message to the member; a refusal requires a message."""

    answer = forms.ChoiceField(choices=LeaveAnswer, widget=forms.HiddenInput)
    word = forms.CharField(
        label=gettext_lazy("Word to the member (needed to refuse)"),
        max_length=LONGEST_LEAVE_TEXT,
        required=False,
    )

    def __init__(self, data: Any = None, *, leave_id: int) -> None:
        super().__init__(data)
        self.leave_id = leave_id
        # One page has several of these forms; the field has the same name in each.
        self.fields["word"].widget.attrs["id"] = f"word-{leave_id}"

    def clean_word(self) -> str:
        return without_resident_id(self.cleaned_data["word"])

"""Rolls and corrections."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from backstage.forms import IdempotentForm, ReasonForm
from config.lib.resident_ids import holds_resident_id
from rolls.enums import AttendanceStatus, ReopeningAnswer

MARK_PREFIX = "mark-"
SEEN_PREFIX = "seen-"


def parse_marks(body: QueryDict, prefix: str) -> dict[int, str]:
    """Member ids and what the form says of them, from fields `<prefix><member id>`.

    Raises ValueError where a field name is no member id.
    """
    return {
        int(field.removeprefix(prefix)): str(body[field])
        for field in body
        if field.startswith(prefix)
    }


class RollForm(IdempotentForm):
    """The parts of a roll besides the marks, which `parse_marks` reads."""

    act = forms.ChoiceField(
        choices=[(act, act) for act in ("save", "fill", "numbers", "submit")],
        widget=forms.HiddenInput,
    )


class ReopeningAnswerForm(IdempotentForm):
    """Yes or no to a request, with a word to the school."""

    answer = forms.ChoiceField(choices=ReopeningAnswer)
    word = forms.CharField(max_length=200, required=False)

    def clean_word(self) -> str:
        word: str = self.cleaned_data["word"]
        if holds_resident_id(word):
            raise forms.ValidationError(_("An ID number does not belong here."), code="id_number")
        return word


class CorrectionForm(ReasonForm):
    """Another mark for one trainee of a submitted roll, with the reason."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    new_status = forms.ChoiceField(
        label=_("Correct mark"), choices=AttendanceStatus, widget=forms.RadioSelect
    )
    field_order = ("new_status", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "The former mark stays on record; the member can read this reason."
        )

"""Forms for rolls and corrections."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from backstage.forms import IdempotentForm, ReasonForm, without_resident_id
from rolls.enums import AttendanceStatus, ReopeningAnswer

MARK_PREFIX = "mark-"
SEEN_PREFIX = "seen-"


def parse_marks(body: QueryDict, prefix: str) -> dict[int, str]:
    """Map member ids to the values of the form fields `<prefix><member id>`.

    Raises ValueError if a field name has no valid member id.
    """
    return {
        int(field.removeprefix(prefix)): str(body[field])
        for field in body
        if field.startswith(prefix)
    }


class RollForm(IdempotentForm):
    """The parts of a roll form other than the marks, which `parse_marks` reads."""

    act = forms.ChoiceField(
        choices=[(act, act) for act in ("save", "fill", "numbers", "submit")],
        widget=forms.HiddenInput,
    )


class ReopeningAnswerForm(IdempotentForm):
    """Grant or refuse a request, with a message to the school."""

    answer = forms.ChoiceField(choices=ReopeningAnswer)
    word = forms.CharField(max_length=200, required=False)

    def clean_word(self) -> str:
        return without_resident_id(self.cleaned_data["word"])


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

"""Rolls and corrections."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from backstage.forms import IdempotentForm
from config.lib.resident_ids import holds_resident_id
from trainees.enums import AttendanceStatus

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
        choices=[("save", "save"), ("fill", "fill"), ("submit", "submit")], widget=forms.HiddenInput
    )


class CorrectionForm(IdempotentForm):
    """Another mark for one trainee of a submitted roll, with the reason."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    new_status = forms.ChoiceField(
        label=_("Correct mark"), choices=AttendanceStatus, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The former mark stays on record; the member can read this reason."),
    )

    def clean_reason(self) -> str:
        """The reason, in which no ID number may stand: the trail and the member's page show it."""
        reason = self.cleaned_data["reason"]
        if holds_resident_id(reason):
            raise forms.ValidationError(_("An ID number does not belong here."), code="id_number")
        return reason

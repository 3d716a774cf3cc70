"""What people send: a roll, the correction of a mark, and the register."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from backstage.forms import IdempotentForm
from config.lib.period_forms import DayInput
from config.lib.resident_ids import holds_resident_id
from trainees.enums import AttendanceStatus, RegisterField

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


class RegisterUploadForm(IdempotentForm):
    """A register as an office keeps it, and the day that it speaks of."""

    file = forms.FileField(
        label=_("Register (XLSX or CSV)"),
        help_text=_(
            "At most 20 MB. Title rows above and notes below the table may stay. ID numbers must "
            "be text cells."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    as_of = forms.DateField(
        label=_("Day of the register"),
        help_text=_("Transfers and new memberships begin on this day."),
        widget=DayInput,
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on = on
        self.fields["as_of"].initial = on

    def clean_as_of(self) -> date:
        """A day of this year: verdicts of earlier years are not moved by an import."""
        day: date = self.cleaned_data["as_of"]
        if day > self._on:
            raise forms.ValidationError(_("This day is still to come."), code="future")
        if day.year != self._on.year:
            raise forms.ValidationError(
                _("The register must be one of this year: earlier years stay as they are."),
                code="past",
            )
        return day


class RegisterColumnsForm(forms.Form):
    """What each column of an uploaded register means."""

    def __init__(self, *args: Any, headers: list[list[Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts: dict[str, str] = {}
        choices = [("", _("please choose")), *RegisterField.choices]
        for place, (text, meaning) in enumerate(headers):
            if text and text not in self.texts.values():
                name = f"column-{place}"
                self.texts[name] = text
                self.fields[name] = forms.ChoiceField(
                    label=text, choices=choices, initial=meaning or "", required=True
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        meant = [value for value in cleaned.values() if value and value != RegisterField.IGNORED]
        twice = {value for value in meant if meant.count(value) > 1}
        for name, value in list(cleaned.items()):
            if value in twice:
                self.add_error(name, _("Two columns cannot mean the same."))
        if not {RegisterField.RESIDENT_ID, RegisterField.NUMBER} & set(meant):
            self.add_error(None, _("One column must hold ID numbers or member numbers."))
        for field in (RegisterField.NAME, RegisterField.ORGANISATION):
            if field not in meant:
                self.add_error(None, _("One column must hold: %(field)s.") % {"field": field.label})
        return cleaned

    def fields_by_text(self) -> dict[str, str]:
        """The field of each column by its header."""
        return {text: self.cleaned_data[name] for name, text in self.texts.items()}


class RegisterApplyForm(IdempotentForm):
    """The last step of an import. Rows that are refused stay out only if somebody says so."""

    def __init__(self, *args: Any, refused: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if refused:
            self.fields["leave_out_refused"] = forms.BooleanField(
                label=ngettext_lazy(
                    "Leave out the %(n)d row that is refused",
                    "Leave out the %(n)d rows that are refused",
                    refused,
                )
                % {"n": refused},
                error_messages={
                    "required": _("Tick this, or correct the rows and upload the file again.")
                },
            )

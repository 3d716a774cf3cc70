"""Forms of a register import: upload, columns, and the last step."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from backstage.forms import IdempotentForm
from backstage.imports.columns_form import ColumnsForm
from config.lib.period_forms import DayField
from trainees.enums import RegisterField


class RegisterUploadForm(IdempotentForm):
    """A register from an office, and the day that it describes."""

    refused_at = "file"

    file = forms.FileField(
        label=_("Register (XLSX or CSV)"),
        help_text=_(
            "At most 20 MB. Title rows above and notes below the table may stay. ID numbers must "
            "be text cells."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    as_of = DayField(
        label=_("Day of the register"),
        help_text=_("Transfers and new memberships begin on this day."),
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].initial = on


class RegisterColumnsForm(ColumnsForm):
    """The meaning of each column of an uploaded register."""

    fields_to_choose = RegisterField.choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not {RegisterField.RESIDENT_ID, RegisterField.NUMBER} & self.meant:
            self.add_error(None, _("One column must hold ID numbers or member numbers."))
        for field in (RegisterField.NAME, RegisterField.ORGANISATION):
            if field not in self.meant:
                self.add_error(None, _("One column must hold: %(field)s.") % {"field": field.label})
        return cleaned


class RegisterApplyForm(IdempotentForm):
    """The last step of an import. Refused rows are left out only if the person confirms it."""

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

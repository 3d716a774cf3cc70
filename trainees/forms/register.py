"""Forms of a register import: upload, columns, and the last step."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from backstage.forms import IdempotentForm
from config.lib.period_forms import DayField
from trainees.enums import RegisterField


class RegisterUploadForm(IdempotentForm):
    """A register from an office, and the day that it describes."""

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


class RegisterColumnsForm(forms.Form):
    """The meaning of each column of an uploaded register.

    `own` are the places of columns that mean the same as another one of this file; what is said of
    them is not remembered for other files. `samples` are shown by the place of their column.
    """

    def __init__(
        self,
        *args: Any,
        headers: list[list[Any]],
        own: Sequence[int],
        samples: Mapping[int, Sequence[str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.texts: dict[str, str] = {}
        self._own = {f"column-{place}": place for place in own}
        doubled = [meaning for text, meaning in headers if meaning != RegisterField.IGNORED]
        choices = [("", _("please choose")), *RegisterField.choices]
        for place, (text, meaning) in enumerate(headers):
            name = f"column-{place}"
            if text and (name in self._own or text not in self.texts.values()):
                self.texts[name] = text
                is_open = name in self._own and doubled.count(meaning) > 1
                self.fields[name] = forms.ChoiceField(
                    label=text,
                    choices=choices,
                    initial="" if is_open else meaning or "",
                    required=True,
                    help_text=_help_of(samples.get(place)),
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

    @property
    def has_doubled(self) -> bool:
        """Whether some columns of this file mean the same."""
        return bool(self._own)

    def fields_by_text(self) -> dict[str, str]:
        """The field of each column by its header, without those of this file alone."""
        remembered = self.texts.keys() - self._own.keys()
        return {self.texts[name]: self.cleaned_data[name] for name in remembered}

    def chosen(self) -> dict[str, list[str]]:
        """[text, field] of the columns of this file alone, by place."""
        return {
            str(place): [self.texts[name], self.cleaned_data[name]]
            for name, place in self._own.items()
        }


def _help_of(samples: Sequence[str] | None) -> str:
    """Samples of a column in words, escaped: pages render help texts without escaping."""
    if samples is None:
        return ""
    if not samples:
        return gettext("Nothing stands in this column.")
    return escape(gettext("For example: %(cells)s") % {"cells": gettext(", ").join(samples)})


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

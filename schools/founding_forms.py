"""Forms of founding: district, divisions, the top of the tree, and tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from backstage.forms import IdempotentForm, without_resident_id
from config.lib.period_forms import DayField
from schools.enums import TableKind

_NAME = pgettext_lazy("of a thing", "name")
_FIRST_DAY_HELP = gettext_lazy("It may lie in an earlier year as long as no member is registered.")


class CodeAndNameForm(IdempotentForm):
    """A code of so many digits, and a name."""

    digits = 20
    longest_name = 100
    hint: Any = gettext_lazy("Digits only.")

    code = forms.CharField(label=gettext_lazy("code"))
    name = forms.CharField(label=_NAME)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        code: Any = self.fields["code"]
        code.max_length, code.help_text = self.digits, self.hint
        code.widget.attrs |= {"maxlength": self.digits, "inputmode": "numeric"}
        name: Any = self.fields["name"]
        name.widget.attrs["maxlength"] = self.longest_name

    def clean_code(self) -> str:
        return "".join(without_resident_id(self.cleaned_data["code"]).split())

    def clean_name(self) -> str:
        return without_resident_id(self.cleaned_data["name"])


class DistrictForm(CodeAndNameForm):
    """The only district of this database."""

    digits = 6
    longest_name = 40
    hint = gettext_lazy("The six digits of the national division table.")


class TownshipForm(CodeAndNameForm):
    """A township or subdistrict."""

    digits = 9
    longest_name = 40
    hint = gettext_lazy("The nine digits of the division table; they begin with the district's.")


class VillageForm(CodeAndNameForm):
    """A village or community."""

    digits = 12
    longest_name = 60
    hint = gettext_lazy("The twelve digits of the division table; they begin with the township's.")


class RootForm(CodeAndNameForm):
    """The district committee, the top of the organisation tree."""

    on = DayField(label=gettext_lazy("First day"), help_text=_FIRST_DAY_HELP)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.fields["on"].initial = date(today.year, 1, 1)


class TableForm(IdempotentForm):
    """A table to upload. Divisions have no days; all else begins on one."""

    refused_at = "file"

    file = forms.FileField(
        label=gettext_lazy("Table (XLSX or CSV)"),
        help_text=gettext_lazy(
            "At most 20 MB. Title rows above and notes below the table may stay; the order of the "
            "rows is free."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    on = DayField(label=gettext_lazy("First day"), help_text=_FIRST_DAY_HELP)

    def __init__(self, data: Any, files: Any, *, kind: TableKind, today: date) -> None:
        super().__init__(data, files)
        self.fields["on"].initial = date(today.year, 1, 1)
        if kind is TableKind.DIVISIONS:
            del self.fields["on"]

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        without_resident_id(upload.name or "")
        return upload


class ApplyTableForm(IdempotentForm):
    """The last step of a table. Refused rows are left out only if the person says so.

    `promised` is the digest of the rows that the person sees.
    """

    promised = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, refused: int, promised: str) -> None:
        super().__init__(data, initial={"promised": promised})
        if refused:
            self.fields["leave_out_refused"] = forms.BooleanField(
                label=ngettext_lazy(
                    "Leave out the %(n)d row that is refused",
                    "Leave out the %(n)d rows that are refused",
                    refused,
                )
                % {"n": refused},
                error_messages={
                    "required": gettext_lazy(
                        "Tick this, or correct the rows and upload the file again."
                    )
                },
            )

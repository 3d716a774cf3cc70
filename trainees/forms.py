"""What people send: rolls, corrections, slips, the register and the facts in it."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.validators import validate_phone
from backstage.forms import IdempotentForm, ReasonForm
from config.lib.names import clean_name
from config.lib.period_forms import DayField
from config.lib.resident_ids import holds_resident_id
from trainees.enums import AttendanceStatus, PostKind, RegisterField, Standing
from trainees.queries.people import find_organisations

MARK_PREFIX = "mark-"
SEEN_PREFIX = "seen-"
# Of the organisations that fit what was typed, to choose from.
ORGANISATIONS_SHOWN = 20


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
    as_of = DayField(
        label=_("Day of the register"),
        help_text=_("Transfers and new memberships begin on this day."),
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].initial = on


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


def is_key(text: str) -> bool:
    """Whether `text` may be the key of a row: digits, and no more than the column holds."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


class SlipsForm(IdempotentForm):
    """The members who get a slip."""

    member = forms.TypedMultipleChoiceField(
        coerce=int, widget=forms.MultipleHiddenInput, label=_("Members")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            sent = self.data.getlist("member")  # type: ignore[attr-defined]
            # Who may be among them is asked by the action, under lock.
            self.fields["member"].choices = [  # type: ignore[attr-defined]
                (text, text) for text in sent if is_key(text)
            ]


class DayForm(IdempotentForm):
    """The first day on which something holds, or no longer does."""

    from_day = DayField(label=_("From the day"))


class OrganisationForm(DayForm):
    """An organisation by code, name or initials; where several fit, one of them is chosen."""

    organisation = forms.CharField(
        label=_("Party organisation"),
        help_text=_("Code, a part of the name, or its pinyin initials."),
        max_length=100,
    )
    choice = forms.ChoiceField(
        label=_("Which of these"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Several organisations fit this. Choose one.")},
    )
    field_order: tuple[str, ...] = ("organisation", "choice", "from_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(
            find_organisations(self["organisation"].value() or "")[: ORGANISATIONS_SHOWN + 1]
        )
        self.candidates = {str(one.pk): one for one in found[:ORGANISATIONS_SHOWN]}
        if len(self.candidates) > 1:
            choices = [(key, f"{one.name} ({one.code})") for key, one in self.candidates.items()]
            self.fields["choice"].choices = choices  # type: ignore[attr-defined]
            if len(found) > ORGANISATIONS_SHOWN:
                self.fields["choice"].help_text = _("More of them fit: type more of the name.")
        else:
            del self.fields["choice"]

    def clean(self) -> dict[str, Any]:
        """Puts the organisation found in the place of what was typed."""
        cleaned = super().clean() or self.cleaned_data
        if "organisation" not in cleaned:
            return cleaned
        if len(self.candidates) == 1:
            cleaned["organisation"] = next(iter(self.candidates.values()))
        elif not self.candidates:
            self.add_error(
                "organisation", gettext("No organisation fits this. Type less of its name.")
            )
        elif cleaned.get("choice"):
            cleaned["organisation"] = self.candidates[cleaned["choice"]]
        return cleaned


class TransferForm(OrganisationForm):
    """Where a member goes, and from which day on."""


class PostForm(OrganisationForm):
    """A post in an organisation."""

    kind = forms.ChoiceField(label=_("Post"), choices=PostKind)
    field_order = ("kind", "organisation", "choice", "from_day")


class StandingForm(DayForm):
    """How a member stands."""

    standing = forms.ChoiceField(label=_("Standing"), choices=Standing, widget=forms.RadioSelect)
    field_order = ("standing", "from_day")


class PhoneField(forms.CharField):
    """A mobile number, however people space it."""

    default_validators = [validate_phone]

    def to_python(self, value: Any) -> str:
        return "".join(str(super().to_python(value) or "").split()).replace("-", "")


class PhoneForm(forms.Form):
    """The phone, and the state in which the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput)
    phone = PhoneField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class PersonForm(PhoneForm):
    """Name and phone."""

    name = forms.CharField(label=_("Name"), max_length=80)
    field_order = ("name", "phone")

    def clean_name(self) -> str:
        name = clean_name(self.cleaned_data["name"])
        if holds_resident_id(name):
            raise forms.ValidationError(_("An ID number does not belong here."), code="id_number")
        return name

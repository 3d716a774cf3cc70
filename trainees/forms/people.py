"""A member's dated facts, and corrections of name and phone."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.validators import validate_phone
from config.lib.names import clean_name
from config.lib.resident_ids import holds_resident_id
from trainees.enums import PostKind, Standing
from trainees.forms.dated import DatedForm
from trainees.forms.one_organisation import OrganisationField, OrganisationForm


class TransferForm(OrganisationForm):
    """Where a member goes, and from which day on."""

    organisation = OrganisationField()


class PostForm(OrganisationForm):
    """A post in an organisation."""

    kind = forms.ChoiceField(label=_("Post"), choices=PostKind)
    organisation = OrganisationField()


class StandingForm(DatedForm):
    """How a member stands."""

    standing = forms.ChoiceField(label=_("Standing"), choices=Standing, widget=forms.RadioSelect)


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

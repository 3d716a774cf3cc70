"""Forms for a member's dated facts, and for corrections of personal data."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.validators import validate_phone
from backstage.forms import DatedForm, ReasonForm, without_resident_id
from config.lib.names import clean_name
from config.lib.period_forms import DayField
from schools.organisation_forms import OrganisationField, OrganisationForm
from trainees.enums import ExemptionCategory, MembershipStatus, PostKind


class TransferForm(OrganisationForm):
    """The member's new organisation, and its first day."""

    organisation = OrganisationField()


class PostForm(OrganisationForm):
    """A post in an organisation."""

    kind = forms.ChoiceField(label=_("Post"), choices=PostKind)
    organisation = OrganisationField()


class MembershipStatusForm(DatedForm):
    """The member's membership status."""

    membership_status = forms.ChoiceField(
        label=_("Standing"), choices=MembershipStatus, widget=forms.RadioSelect
    )


class ExemptionForm(DatedForm):
    """Why a member owes nothing, and for how long: a category, never a diagnosis."""

    category = forms.ChoiceField(
        label=pgettext_lazy("of an exemption", "Category"),
        choices=ExemptionCategory,
        widget=forms.RadioSelect,
        help_text=_("Never a diagnosis: why in detail stays out of the portal."),
    )
    last_day = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty while the end is not known; it can be ended on any later day."),
    )

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, today=today)
        self.order_fields(["category", "on", "last_day"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("on"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", gettext("The last day is before the first."))
        return cleaned


class DaysForm(ReasonForm):
    """The days of joining and of full membership, and their state when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput)
    joined_on = DayField(label=_("Joined the Party on"), required=False)
    full_member_on = DayField(
        label=_("Full member since"),
        required=False,
        help_text=_("Empty while the day is not known."),
    )
    field_order = ("joined_on", "full_member_on", "reason")


class PhoneField(forms.CharField):
    """A mobile number, with any spacing."""

    default_validators = [validate_phone]

    def to_python(self, value: Any) -> str:
        return "".join(str(super().to_python(value) or "").split()).replace("-", "")


class PhoneForm(forms.Form):
    """The phone, and its state when the form was opened."""

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
        return without_resident_id(clean_name(self.cleaned_data["name"]))

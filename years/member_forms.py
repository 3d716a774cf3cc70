"""Forms of members who join the register, leave it, and come back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backstage.forms import DatedForm
from config.lib.names import clean_name
from config.lib.period_forms import DayField
from config.lib.resident_ids import clean_resident_id as canonical_resident_id
from schools.organisation_forms import OrganisationField, OrganisationForm
from trainees.enums import DepartureKind, MembershipStatus
from trainees.forms.people import PhoneField


class ReturnForm(OrganisationForm):
    """Where a member who has left belongs again, and with what standing."""

    organisation = OrganisationField()
    membership_status = forms.ChoiceField(
        label=_("Standing"),
        choices=MembershipStatus,
        initial=MembershipStatus.NORMAL,
        widget=forms.RadioSelect,
    )


class DepartureForm(DatedForm):
    """Why and when a member left, and the document that says so."""

    kind = forms.ChoiceField(
        label=_("Reason of leaving"), choices=DepartureKind, widget=forms.RadioSelect
    )
    document = forms.CharField(
        label=_("Supporting document"),
        required=False,
        max_length=100,
        help_text=_("Its number or title, where there is one, such as a decision or a transfer."),
    )
    on = DayField(
        label=_("Left on"),
        help_text=_(
            "The first day on which the member is not counted any more: the day of death, of the "
            "decision or of the transfer. Days of closed years are settled."
        ),
    )


class NewMemberForm(ReturnForm):
    """A new member: the ID number says sex and date of birth."""

    id_number_fields = frozenset({"resident_id"})

    name = forms.CharField(label=_("Name"), max_length=80)
    resident_id = forms.CharField(
        label=_("Resident ID number"),
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("18 characters. It is stored encrypted, and screens show it masked."),
    )
    phone = PhoneField(
        label=_("Phone"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    on = DayField(
        label=_("Belongs here from"),
        help_text=_(
            "The day of joining or of the transfer to the district: hours are owed from this day "
            "on. Days of closed years are settled."
        ),
    )
    joined_on = DayField(label=_("Joined the Party on"), required=False)
    full_member_on = DayField(
        label=_("Full member since"),
        required=False,
        help_text=_("Empty while the day is not known."),
    )

    def __init__(self, data: Any, *, user: User, today: date, organisation: str = "") -> None:
        super().__init__(data, user=user, today=today)
        self.initial["organisation"] = organisation
        names = ["name", "resident_id", "phone", "joined_on", "full_member_on"]
        self.order_fields(names)

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean_resident_id(self) -> str:
        return canonical_resident_id(self.cleaned_data["resident_id"])

"""Form base classes for all pages that write."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.period_forms import DayField
from config.lib.resident_ids import holds_resident_id


def replace_hidden_value(form: forms.Form, name: str, value: str) -> None:
    """Return a hidden field of a form with a new value instead of the submitted one."""
    sent: Any = form.data
    renewed = sent.copy()
    renewed[form.add_prefix(name)] = value
    form.data = renewed


def without_resident_id(text: str) -> str:
    """The text as it was typed. Raises ValidationError if it holds a resident ID number."""
    if holds_resident_id(text):
        raise forms.ValidationError(_("An ID number does not belong here."), code="id_number")
    return text


class IdempotentForm(forms.Form):
    """A form with an idempotency key, so that sending it twice acts once."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    # The field that shows a refusal which names none of the form's; None for its head.
    refused_at: str | None = None

    def refuse(self, error: Exception) -> None:
        """Show why the action was refused, at the field that the error names."""
        name = getattr(error, "field", None)
        self.add_error(name if name in self.fields else self.refused_at, str(error))

    def renew_key(self) -> None:
        """Give a form that was partly carried out a new key for the rest."""
        replace_hidden_value(self, "idempotency_key", str(uuid4()))


class ReasonForm(IdempotentForm):
    """The reason for an action; shown in the audit trail and to the people concerned."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def clean_reason(self) -> str:
        return without_resident_id(self.cleaned_data["reason"])


class EmailForm(forms.Form):
    """Where messages are announced. Sending it twice sets the same address."""

    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "You are told by e-mail that there is a message and its title; the rest is read here. "
            "Leave it empty to get no e-mail."
        ),
        required=False,
        max_length=254,
    )


class DatedForm(IdempotentForm):
    """A change from a day on; the day is the last field.

    No text holds an ID number, except in the `id_number_fields`.
    """

    id_number_fields: frozenset[str] = frozenset()

    on = DayField(
        label=gettext_lazy("From the day"),
        help_text=gettext_lazy("The first day of the change. Days of closed years are settled."),
    )

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"on": today})
        self.order_fields([*(name for name in self.fields if name != "on"), "on"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            is_text = isinstance(value, str) and name not in self.id_number_fields
            if is_text and holds_resident_id(value):
                self.add_error(name, _("An ID number does not belong here."))
        return cleaned

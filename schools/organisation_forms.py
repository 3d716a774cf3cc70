"""The form part that selects an organisation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from backstage.forms import DatedForm
from config.lib.periods import inclusive_period
from config.lib.type_ahead import TypeAheadText
from schools.queries.finding import LONGEST_TYPED, find_organisations, typed_as

_CHOOSE = gettext_lazy("Several organisations fit this. Choose one.")


def organisation_text(day_field: str = "") -> TypeAheadText:
    """The widget of a text that names an organisation, one of the day in the field `day_field`."""
    return TypeAheadText(address=reverse_lazy("schools:find_organisations"), day_field=day_field)


class OrganisationField(forms.CharField):
    """An organisation, typed as code, part of the name or initials."""

    def __init__(self, **kwargs: Any) -> None:
        label = kwargs.pop("label", gettext_lazy("Party organisation"))
        hint = gettext_lazy("Code, a part of the name, or its pinyin initials.")
        widget = organisation_text("on")
        super().__init__(
            label=label, help_text=hint, max_length=LONGEST_TYPED, widget=widget, **kwargs
        )


class OrganisationForm(DatedForm):
    """Finds the organisation typed in the field `named`; if several match, the user chooses.

    Finds visible organisations that exist on the day of the change. In the cleaned data, the
    organisation replaces the typed text.
    """

    named = "organisation"

    choice = forms.ChoiceField(
        label=gettext_lazy("Which of these"),
        widget=forms.RadioSelect,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
    )

    def __init__(self, data: Any, *, user: User, today: date) -> None:
        super().__init__(data, today=today)
        day = self._day() or today
        text = self.data.get(self.add_prefix(self.named)) or ""
        self.found = find_organisations(user, text, inclusive_period(day, day), today)
        choice: Any = self.fields.pop("choice")
        if len(self.found.shown) > 1:
            choice.choices = [
                (str(organisation.pk), typed_as(organisation)) for organisation in self.found.shown
            ]
            if self.found.has_more:
                choice.help_text = _("More of them fit: type more of the name.")
            names = [*self.fields]
            names.insert(names.index(self.named) + 1, "choice")
            self.fields["choice"] = choice
            self.order_fields(names)

    def _day(self) -> date | None:
        """The day of the change, if the input is valid."""
        try:
            return self.fields["on"].clean(self["on"].value())
        except ValidationError:
            return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        shown = {str(organisation.pk): organisation for organisation in self.found.shown}
        if self.named in cleaned and not shown:
            self.add_error(
                self.named, _("No organisation of that day fits this. Type less of its name.")
            )
        elif self.named in cleaned:
            key = next(iter(shown)) if len(shown) == 1 else cleaned.get("choice", "")
            cleaned[self.named] = shown.get(key)
        return cleaned

"""Forms of the browser admin: the input, and the reasons for a refused write."""

from typing import Any

from django import forms
from django.contrib.admin.utils import display_for_field
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.records import RecordChangedError, RecordError, state_of
from accounts.trail import actor_label
from config.lib.dates import format_moment
from config.lib.period_forms import describe_period
from config.lib.periods import PeriodField
from config.lib.resident_ids import holds_resident_id

SEEN = "seen"


class PortalModelForm(forms.ModelForm):
    """A model form that detects changes since the row was opened, and shows why saving failed."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    # Set by the admin for each request.
    refusal: RecordError | None = None
    person: Any = None

    # Form fields that may contain an ID number; in any other field it is a mistake.
    id_number_fields: frozenset[str] = frozenset()

    # Columns with constraints that hold only after the action has changed other rows too.
    left_to_action: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.fields.pop(SEEN, None)
        elif SEEN in self.fields:
            state = state_of(self.instance, self.stored_fields(), self.linked_fields())
            self.initial[SEEN] = state
            if self.is_bound and isinstance(self.refusal, RecordChangedError):
                # The stored values have now been shown, so the next save may replace them.
                data: Any = self.data.copy()  # type: ignore[attr-defined]
                data[self.add_prefix(SEEN)] = state
                self.data = data

    def stored_fields(self) -> list[str]:
        """The columns that this form may write."""
        columns = {field.name for field in self.instance._meta.concrete_fields}
        return [name for name in self.fields if name in columns]

    def linked_fields(self) -> list[str]:
        """The many-to-many fields that this form may write."""
        links = {field.name for field in self.instance._meta.many_to_many}
        return [name for name in self.fields if name in links]

    def links(self) -> dict[str, Any]:
        """The objects chosen for the many-to-many fields."""
        return {name: self.cleaned_data[name] for name in self.linked_fields()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if name in self.id_number_fields or not isinstance(value, str):
                continue
            if holds_resident_id(value):
                self.add_error(name, _("An ID number does not belong here."))
        if self.refusal is not None:
            field = self.refusal.field if self.refusal.field in self.fields else None
            self.add_error(field, refusal_text(self.refusal))
        return cleaned

    def validate_constraints(self) -> None:
        """Check every constraint of the model, also those on fields that this form lacks."""
        failed = {name for name in self.errors if name in self.fields}
        try:
            self.instance.validate_constraints(exclude=failed | self.left_to_action)
        except forms.ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]


def refusal_text(refusal: RecordError) -> str:
    """The message for the user. After a conflict: who, when, and the values stored now."""
    if not isinstance(refusal, RecordChangedError):
        return refusal.message
    colon = pgettext("punctuation", ": ")
    stored = _("; ").join(
        f"{capfirst(field_label(refusal.stored, name))}{colon}{shown_value(refusal.stored, name)}"
        for name in refusal.differing
    )
    last = refusal.last
    return _(
        "%(who)s changed this at %(when)s. Stored now: %(stored)s. Your own entries are kept "
        "below: save again to replace what is stored, or leave the page to keep it."
    ) % {
        "who": actor_label(last) if last else _("Somebody else"),
        "when": format_moment(last.at) if last else "–",
        "stored": stored,
    }


def field_label(obj: models.Model | type[models.Model], name: str) -> str:
    """The display name of a field."""
    return str(obj._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def shown_value(obj: models.Model, name: str) -> str:
    """The display value of a field."""
    field = obj._meta.get_field(name)
    if field.many_to_many:
        return _(", ").join(str(related) for related in getattr(obj, name).all()) or "–"
    value = getattr(obj, name)
    if value is None:
        return "–"
    if isinstance(field, PeriodField):
        return describe_period(value)
    if field.is_relation or not isinstance(field, models.Field):
        return str(value)
    return str(display_for_field(value, field, "–"))


class KeyLookup(ForeignKeyRawIdWidget):
    """A text field for the number or code of an object, with the stock look-up window.

    A list of 38,000 members is no choice, and a database key means nothing to people. Users without
    `may_look` just type the key: the look-up window and the object's page refuse them.
    """

    def __init__(self, rel: Any, admin_site: Any, *, key: str, may_look: bool) -> None:
        self.key, self.may_look = key, may_look
        super().__init__(rel, admin_site)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if not self.may_look:
            context |= {"related_url": None, "link_url": ""}
        return context

    def url_parameters(self) -> dict[str, Any]:
        return {**self.base_url_parameters(), "_to_field": self.key}

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        """The name of the object with this key, and the address of its page or "".

        Django's own looks for the database key. It shows the name beside the field, linked to the
        page; `get_context` takes the link away from those who may not look.
        """
        obj = self.rel.model._default_manager.filter(**{self.key: value}).first()
        if obj is None:
            return "", ""
        name = f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change"
        try:
            return str(obj), reverse(name, args=[obj.pk])
        except NoReverseMatch:
            return str(obj), ""


class KeyChoiceField(forms.ModelChoiceField):
    """Selects an object by its number or code (`to_field_name`) instead of its database key."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("Nothing has the number or code “%(value)s”.")
    }

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int) and self.to_field_name and self.queryset is not None:
            # The stored key, as passed by a model form.
            values = self.queryset.filter(pk=value).values_list(self.to_field_name, flat=True)
            return values.first()
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.strip() if isinstance(value, str) else value)

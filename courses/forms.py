"""Forms for venues and sessions."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.admin_forms import PortalModelForm
from config.lib.period_forms import DayField
from config.lib.periods import inclusive_period, last_day, local_date, period
from config.lib.telephones import TelephoneField
from courses.enums import EquipmentKind
from courses.models import Venue


class VenueField(forms.ModelChoiceField):
    """A venue with the facts for choosing it: capacity, address and equipment.

    The label names its school unless that is `own_school`. The rows come from `with_detail`.
    """

    own_school: int | None = None

    def label_from_instance(self, obj: Any) -> str:
        people = ngettext("%(n)d person", "%(n)d people", obj.capacity) % {"n": obj.capacity}
        equipment = _(", ").join(item.get_kind_display() for item in obj.equipment.all())
        school = "" if obj.school_id == self.own_school else str(obj.school)
        return " · ".join(
            part for part in (school, obj.name, people, obj.address, equipment) if part
        )


class SessionForm(PortalModelForm):
    """Computes the date before the constraint on it is checked.

    Errors about place, lecturer and hours come from the action, which names the conflict.
    """

    left_to_action = frozenset({"venue", "place", "instructor", "hours"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("starts_at"):
            self.instance.held_on = local_date(cleaned["starts_at"])
        return cleaned


class _CountField(forms.IntegerField):
    """The count of one kind; its errors name the kind."""

    def clean(self, value: Any) -> int:
        try:
            return super().clean(value) or 0
        except forms.ValidationError as error:
            colon = pgettext("punctuation", ": ")
            raise forms.ValidationError(
                [f"{self.label}{colon}{message}" for message in error.messages]
            ) from error


class EquipmentInput(forms.MultiWidget):
    """A narrow number field beside each kind."""

    template_name = "widgets/counts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        number = {"class": "form-control", "min": 0, "inputmode": "numeric"}
        super().__init__({kind.value: forms.NumberInput(number) for kind in EquipmentKind}, attrs)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_{EquipmentKind.values[0]}"

    def decompress(self, value: Any) -> list[int | None]:
        return [(value or {}).get(kind.value) for kind in EquipmentKind]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        parts = zip(EquipmentKind.labels, context["widget"]["subwidgets"], strict=True)
        context["widget"]["parts"] = list(parts)
        return context


class EquipmentField(forms.MultiValueField):
    """Counts of a venue's equipment, by kind."""

    widget = EquipmentInput

    def __init__(self, **kwargs: Any) -> None:
        counts = [
            _CountField(label=kind.label, min_value=0, max_value=30_000, required=False)
            for kind in EquipmentKind
        ]
        super().__init__(fields=counts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[int]) -> dict[str, int]:
        values = [kind.value for kind in EquipmentKind]
        return {kind: count for kind, count in zip(values, data_list, strict=False) if count}


class VenueForm(PortalModelForm):
    """A venue, its equipment, and the days on which it is open."""

    first_day = DayField(label=gettext_lazy("Open from"))
    last_day = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Leave the last day empty while no end is known."),
    )

    equipment = EquipmentField(
        label=gettext_lazy("Equipment"),
        required=False,
        help_text=gettext_lazy("How many of each; leave empty what is not there."),
    )

    class Meta:
        model = Venue
        fields = ("name", "kind", "capacity", "address", "contact", "telephone")
        field_classes = {"telephone": TelephoneField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venue = self.instance
        if not venue._state.adding:
            days = {"first_day": venue.period.lower, "last_day": last_day(venue.period)}
            counts = dict(venue.equipment.values_list("kind", "count"))
            self.initial.update(days, equipment=counts)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first day."))
        elif first:
            self.instance.period = inclusive_period(first, last) if last else period(first)
        return cleaned

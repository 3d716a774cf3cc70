"""Form fields for periods as people write them: a first and a last day, both included."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.periods import inclusive_period, is_in_reach, last_day, period


class DayInput(forms.DateInput):
    """The browser's own date field: it uses the reader's language and needs no script."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A date within the accepted years (see `REACH`)."""

    widget = DayInput
    default_error_messages = {"out_of_reach": gettext_lazy("This date is too far away.")}

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not is_in_reach(value):
            raise ValidationError(self.error_messages["out_of_reach"], code="out_of_reach")


def read_day(text: str) -> date | None:
    """The day that a field sends, if it is one within reach."""
    try:
        return DayField(required=False).clean(text)
    except ValidationError:
        return None


class MomentInput(forms.DateTimeInput):
    """The browser's own field for date and time, in the page's time zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class ClockInput(forms.TimeInput):
    """The browser's own field for a time of day."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class PeriodInput(forms.MultiWidget):
    """Two labelled date fields in a fieldset."""

    template_name = "widgets/period.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__((DayInput(), DayInput()), attrs)

    def decompress(self, value: Any) -> list[date | None]:
        if not value:
            return [None, None]
        return [value.lower, last_day(value)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = (_("First day"), _("Last day"))
        context["widget"]["parts"] = list(zip(labels, context["widget"]["subwidgets"], strict=True))
        context["widget"]["open_hint"] = _("Leave the last day empty while no end is known.")
        return context


class PeriodFormField(forms.MultiValueField):
    """Reads a first and a last day into a half-open period; no last day means no end."""

    widget = PeriodInput
    default_error_messages = {
        "no_start": gettext_lazy("Enter the first day."),
        "ends_before_start": gettext_lazy("The last day is before the first day."),
    }

    def __init__(self, **kwargs: Any) -> None:
        # Passed by the model field for Django's own range field; not used here.
        kwargs.pop("base_field", None)
        kwargs.pop("range_type", None)
        super().__init__(
            fields=(DayField(required=False), DayField(required=False)),
            require_all_fields=False,
            **kwargs,
        )

    def compress(self, data_list: list[date | None]) -> DateRange | None:
        first, last = data_list or (None, None)
        if first is None and last is None and not self.required:
            return None
        if first is None:
            raise ValidationError(self.error_messages["no_start"], code="no_start")
        if last is None:
            return period(first)
        if last < first:
            raise ValidationError(
                self.error_messages["ends_before_start"], code="ends_before_start"
            )
        return inclusive_period(first, last)


def describe_period(value: DateRange) -> str:
    """A period in the reader's language, shown with its last day."""
    first = date_format(value.lower) if value.lower else "…"
    last = last_day(value)
    if last is None:
        return _("since %(first)s") % {"first": first}
    return _("%(first)s to %(last)s") % {"first": first, "last": date_format(last)}

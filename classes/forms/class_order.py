"""The order of a class: monitor, groups, seats and pockets."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backstage.forms import IdempotentForm
from classes.actions.class_order import Order, Place, merge_orders, name_values, order_of
from classes.errors import OrderConflictError
from classes.models import Enrolment
from classes.models.rosters import HIGHEST_NUMBER
from config.lib.dates import format_moment
from trainees.queries.people import TAIL

MOST_GROUPS = 60


class OrderForm(IdempotentForm):
    """Pocket, seat and study group of each trainee, the monitor, and the requested action.

    `kept` are the members whose pocket cannot change. `seen` is the order that the page showed.
    """

    act = forms.ChoiceField(
        choices=[(act, "") for act in ("save", "split", "number", "seat")],
        widget=forms.HiddenInput,
    )
    seen = forms.CharField(widget=forms.HiddenInput)
    groups = forms.IntegerField(
        label=gettext_lazy("Number of groups"),
        min_value=1,
        max_value=MOST_GROUPS,
        initial=4,
        required=False,
    )
    monitor = forms.TypedChoiceField(
        label=gettext_lazy("Monitor"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, data: Any = None, *, roster: list[Enrolment], kept: Collection[int]) -> None:
        super().__init__(data)
        self.roster, self.kept = roster, kept
        self.fields["monitor"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *((enrolment.member_id, _tell_apart(enrolment)) for enrolment in roster),
        ]
        for enrolment in roster:
            key, name = enrolment.member_id, enrolment.member.name
            self._add_number(f"pocket-{key}", _("Pocket: %(name)s"), name, enrolment.phone_pocket)
            self.fields[f"pocket-{key}"].disabled = key in kept
            self._add_number(f"seat-{key}", _("Seat: %(name)s"), name, enrolment.seat)
            self._add_number(f"group-{key}", _("Group: %(name)s"), name, enrolment.study_group)
        order = order_of(roster)
        self.initial["monitor"] = order.monitor
        self.initial["seen"] = _write_order(order)

    def _add_number(self, field: str, label: str, name: str, stored: int | None) -> None:
        self.fields[field] = forms.IntegerField(
            label=label % {"name": name},
            min_value=1,
            max_value=HIGHEST_NUMBER,
            required=False,
            initial=stored,
        )

    def clean_seen(self) -> Order:
        return _read_order(self.cleaned_data["seen"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("act") == "split" and not cleaned.get("groups"):
            self.add_error("groups", _("Say how many groups there are to be."))
        return cleaned

    @property
    def places(self) -> dict[int, Place]:
        """The place that the valid form gives each trainee whom the page showed."""
        return {
            enrolment.member_id: Place(
                self.cleaned_data[f"pocket-{enrolment.member_id}"],
                self.cleaned_data[f"group-{enrolment.member_id}"],
                self.cleaned_data[f"seat-{enrolment.member_id}"],
            )
            for enrolment in self.roster
            if enrolment.member_id in self.cleaned_data["seen"].places
        }

    def show_conflicts(self, error: OrderConflictError, wanted: Order) -> OrderForm:
        """The wanted order, with both values at the fields that somebody else also changed.

        All other fields show the stored values; the next save treats these as seen and unchanged.
        """
        stored = order_of(self.roster)
        shown = name_values(merge_orders(wanted, self.cleaned_data["seen"], stored))
        data = self.data.copy()  # type: ignore[attr-defined]
        data["seen"] = _write_order(stored)
        for name, value in shown.items():
            data[name] = "" if value is None else str(value)
        form = OrderForm(data, roster=self.roster, kept=self.kept)
        form.is_valid()
        names = {enrolment.member_id: _tell_apart(enrolment) for enrolment in self.roster}
        text = _(
            "%(who)s set this to %(stored)s at %(when)s; yours is %(yours)s. Save again to "
            "replace it, or enter what it is now."
        )
        for conflict in error.conflicts:
            theirs: Any = conflict.stored
            yours: Any = shown[conflict.name]
            if conflict.name == "monitor":
                theirs, yours = names.get(theirs), names.get(yours)
            facts = {
                "who": error.changed_by,
                "when": format_moment(error.at) if error.at else "–",
                "stored": theirs or "–",
                "yours": yours or "–",
            }
            form.add_error(conflict.name, text % facts)
        return form


def _tell_apart(enrolment: Enrolment) -> str:
    """A trainee by name, organisation and the end of the number, to distinguish namesakes."""
    member = enrolment.member
    return f"{member.name} · {enrolment.organisation.name} · …{member.number[-TAIL:]}"


def _write_order(order: Order) -> str:
    """The monitor, then member, pocket, group and seat of each: 7;7:1:2:5,8:2:0:0."""
    places = (
        f"{key}:{place.pocket or 0}:{place.group or 0}:{place.seat or 0}"
        for key, place in order.places.items()
    )
    return f"{order.monitor or 0};{','.join(places)}"


def _read_order(text: str) -> Order:
    """The reverse of `_write_order`. Raises ValidationError."""
    monitor, _separator, rest = text.partition(";")
    try:
        rows = [[int(number) or None for number in row.split(":")] for row in rest.split(",")]
        return Order({key or 0: Place(*place) for key, *place in rows}, int(monitor) or None)
    except (ValueError, TypeError) as error:
        raise forms.ValidationError(_("Load the page again."), code="seen") from error

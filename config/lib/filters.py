"""List filters live in the query string; an invalid value is ignored and reported to the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from config.lib.dates import format_day
from config.lib.period_forms import DayField
from config.lib.periods import local_date, parse_day
from config.lib.row_keys import is_row_key

LONGEST_TEXT = 40


@dataclass(frozen=True)
class ListRequest:
    """A request for a list: the user, the query string and the time."""

    user: Any
    query: Mapping[str, str]
    now: datetime

    @property
    def today(self) -> date:
        """The date of the request in Asia/Shanghai."""
        return local_date(self.now)

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """The text typed for `name`; U+FFFD, which no name has, replaces NUL for PostgreSQL."""
        return self.query.get(name, "").replace("\0", "\ufffd").strip()[:longest]

    def key(self, name: str) -> int:
        """The key of a row; for anything else 0, which no row has."""
        text = self.query.get(name, "")
        return int(text) if is_row_key(text) else 0


@dataclass(frozen=True)
class Filter:
    """One field of the filter bar: its value, the value in words and its condition on rows.

    Without `words` it narrows nothing; without a `field` there is nothing to choose. `is_private`:
    the words may be a person's name. `audit_text`: what the audit trail stores if the value is a
    database key, which would mean nothing to its reader. `note`: says that the requested value is
    not applied.
    """

    name: str
    label: str
    value: str
    field: forms.Field | None
    words: str = ""
    condition: Q | None = None
    is_private: bool = False
    audit_text: str = ""
    note: str = ""
    is_unread: bool = False


@dataclass(frozen=True)
class Filters:
    """The filter bar of a list."""

    items: Sequence[Filter]

    def __getitem__(self, name: str) -> Filter:
        return {item.name: item for item in self.items}[name]

    def value(self, name: str) -> str:
        """The value of a filter; empty if it is unset or does not exist."""
        return next((item.value for item in self.items if item.name == name), "")

    def apply[Rows: QuerySet](self, rows: Rows) -> Rows:
        """`rows` narrowed by all filters that have a condition."""
        for item in self.items:
            if item.condition is not None:
                rows = rows.filter(item.condition)
        return rows

    @property
    def query(self) -> dict[str, str]:
        """The values as query parameters."""
        return {item.name: item.value for item in self.items if item.value}

    @property
    def words(self) -> list[tuple[str, str]]:
        """What narrows the list, as pairs of label and value in words."""
        return [(item.label, item.words) for item in self.items if item.words]

    @property
    def notes(self) -> list[str]:
        """Notes on requested values that are not applied."""
        return [item.note for item in self.items if item.note]

    @property
    def unread(self) -> list[Filter]:
        """The filters with a value that could not be read."""
        return [item for item in self.items if item.is_unread]

    @property
    def form(self) -> forms.Form:
        """The bar as a form that shows the current values."""
        form = forms.Form({item.name: item.value for item in self.items})
        form.fields |= {item.name: item.field for item in self.items if item.field is not None}
        return form


def choose(
    asked: ListRequest,
    name: str,
    label: str,
    options: Mapping[str, str],
    *,
    conditions: Mapping[str, Q] | None = None,
    any_label: str = "",
    default: str = "",
    widget: forms.Select | None = None,
) -> Filter:
    """A select with the value from the query string, if that is one of the options.

    `conditions` maps an option to its condition on rows; `any_label` is the label for no choice;
    `widget` is another one than a plain select.
    For any other value, the note names it and says what is shown instead.
    """
    typed = asked.query.get(name, default)
    value = typed if typed in options or (any_label and not typed) else default
    is_unread = bool(typed) and value != typed
    shown = {"": any_label, **options} if any_label else options
    field = forms.ChoiceField(
        label=label, choices=list(shown.items()), required=False, widget=widget
    )
    return Filter(
        name,
        label,
        value,
        field if len(shown) > 1 else None,
        str(options.get(value, "")),
        (conditions or {}).get(value),
        note=_unread_note(asked, name, label, str(options.get(value, ""))) if is_unread else "",
        is_unread=is_unread,
    )


def _unread_note(asked: ListRequest, name: str, label: str, shown: str) -> str:
    words = {"label": label, "value": asked.text(name), "shown": shown}
    if shown:
        return _("%(label)s: “%(value)s” is not a choice. Shown: %(shown)s.") % words
    return _("%(label)s: “%(value)s” could not be read. The list is not narrowed by it.") % words


def search(asked: ListRequest, label: str, condition: Q | None = None, name: str = "q") -> Filter:
    """A text field. The text may be a person's name."""
    text = asked.text(name)
    field = forms.CharField(label=label, required=False, max_length=LONGEST_TEXT)
    return Filter(name, label, text, field, text, condition if text else None, is_private=True)


def day(asked: ListRequest, name: str, label: str) -> Filter:
    """A date. The caller sets the condition, because it knows which moment of the day counts."""
    field, typed = DayField(label=label, required=False), asked.text(name)
    if not typed:
        return Filter(name, label, "", field)
    chosen = parse_day(typed)
    if chosen is None:
        note = _unread_note(asked, name, label, "")
        return Filter(name, label, "", field, note=note, is_unread=True)
    return Filter(name, label, chosen.isoformat(), field, format_day(chosen))


def begin_with(asked: ListRequest, *, day_name: str, keys: Sequence[str]) -> dict[str, Any]:
    """What a link asks a form to begin with: a day, and rows by their keys.

    What cannot be read is left out; whether a row may be chosen is the form's to say.
    """
    wanted: dict[str, Any] = {name: key for name in keys if (key := asked.key(name))}
    chosen = day(asked, day_name, "").value
    return wanted | ({day_name: date.fromisoformat(chosen)} if chosen else {})


def yes_or_no(value: bool) -> str:
    """A boolean in words."""
    return _("yes") if value else _("no")


def no_filters(_asked: ListRequest) -> Filters:
    """No filters, for a list that is always shown whole."""
    return Filters([])


def fixed_filter(name: str, label: str, row: Model | None, words: str) -> Filter:
    """The single object that a list is about; there is nothing to choose."""
    return Filter(name, label, str(row.pk) if row else "", None, words, audit_text=words)

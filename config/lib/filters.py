"""Filters of lists: they live in the address; a value that is none filters nothing and is named."""

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
from config.lib.periods import is_in_reach, local_date
from config.lib.row_keys import is_row_key

LONGEST_TEXT = 40


@dataclass(frozen=True)
class ListRequest:
    """Who asks for a list, by which words of the address, and when."""

    user: Any
    query: Mapping[str, str]
    now: datetime

    @property
    def today(self) -> date:
        """The day on which it is asked, in Asia/Shanghai."""
        return local_date(self.now)

    def text(self, name: str) -> str:
        """What was typed for `name`. PostgreSQL knows no NUL; no name holds what stands for it."""
        return self.query.get(name, "").replace("\0", "\ufffd").strip()[:LONGEST_TEXT]

    def key(self, name: str) -> int:
        """The key of one row; 0, which is nobody's, for anything else."""
        text = self.query.get(name, "")
        return int(text) if is_row_key(text) else 0


@dataclass(frozen=True)
class Filter:
    """One field of the filter bar with its value, the value in words, and what it stands for.

    Without `words` it narrows nothing; without a `field` there is nothing to choose. `is_private`
    says that the words may be a person's name. `told` is what the trail keeps where the value, a
    database key, would tell its reader nothing. `note` says that what was asked for is not shown.
    """

    name: str
    label: str
    value: str
    field: forms.Field | None
    words: str = ""
    condition: Q | None = None
    is_private: bool = False
    told: str = ""
    note: str = ""
    is_unread: bool = False


@dataclass(frozen=True)
class Filters:
    """The filter bar of a list."""

    items: Sequence[Filter]

    def __getitem__(self, name: str) -> Filter:
        return {item.name: item for item in self.items}[name]

    def value(self, name: str) -> str:
        """The value of one filter; empty if it is left open or not there."""
        return next((item.value for item in self.items if item.name == name), "")

    def apply[Rows: QuerySet](self, rows: Rows) -> Rows:
        """`rows` narrowed by every filter that says something about a row."""
        for item in self.items:
            if item.condition is not None:
                rows = rows.filter(item.condition)
        return rows

    @property
    def query(self) -> dict[str, str]:
        """The values as an address holds them."""
        return {item.name: item.value for item in self.items if item.value}

    @property
    def words(self) -> list[tuple[str, str]]:
        """What narrows the list, as label and value in words."""
        return [(item.label, item.words) for item in self.items if item.words]

    @property
    def notes(self) -> list[str]:
        """What was asked for and is not shown."""
        return [item.note for item in self.items if item.note]

    @property
    def unread(self) -> list[Filter]:
        """The filters whose value could not be read."""
        return [item for item in self.items if item.is_unread]

    @property
    def form(self) -> forms.Form:
        """The bar as a form that shows the values."""
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
) -> Filter:
    """A select with the value of the address, if it is one of the options.

    `conditions` says what an option means for a row; `any_label` is the choice of none of them.
    Any other value is named in the note, beside what is shown instead.
    """
    typed = asked.query.get(name, default)
    value = typed if typed in options or (any_label and not typed) else default
    is_unread = bool(typed) and value != typed
    shown = {"": any_label, **options} if any_label else options
    field = forms.ChoiceField(label=label, choices=list(shown.items()), required=False)
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
    """A text field; what is typed may be a person's name."""
    text = asked.text(name)
    field = forms.CharField(label=label, required=False, max_length=LONGEST_TEXT)
    return Filter(name, label, text, field, text, condition if text else None, is_private=True)


def day(asked: ListRequest, name: str, label: str) -> Filter:
    """A date; the condition is for the caller, who knows which moment of it counts."""
    field, typed = DayField(label=label, required=False), asked.text(name)
    if not typed:
        return Filter(name, label, "", field)
    try:
        chosen = date.fromisoformat(typed)
    except ValueError:
        chosen = date.max
    if not is_in_reach(chosen):
        note = _unread_note(asked, name, label, "")
        return Filter(name, label, "", field, note=note, is_unread=True)
    return Filter(name, label, chosen.isoformat(), field, format_day(chosen))


def yes_or_no(value: bool) -> str:
    """A truth in words."""
    return _("yes") if value else _("no")


def no_filters(_asked: ListRequest) -> Filters:
    """For a list that is shown whole."""
    return Filters([])


def fixed_filter(name: str, label: str, row: Model | None, words: str) -> Filter:
    """The one object that a list is about; there is nothing to choose."""
    return Filter(name, label, str(row.pk) if row else "", None, words, told=words)

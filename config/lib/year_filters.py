"""The filters by year and part of a year, which most lists have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django import forms
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.dates import format_days
from config.lib.filters import Filter, Filters, ListRequest, choose, day
from config.lib.periods import calendar_year, months_of
from config.lib.years import FIRST_YEAR, day_of_judgement

# The audit trail stores this value for a list of this year plus unfinished items of other years.
OPEN_YEAR = "open"
OPEN_YEAR_LABEL = gettext_lazy("this year and unfinished")


def year_filter(asked: ListRequest, path: str = "") -> Filter:
    """The years since the network began; the current year is the default."""
    years = range(asked.today.year, FIRST_YEAR - 1, -1)
    return choose(
        asked,
        "year",
        _("Year"),
        {str(year): str(year) for year in years},
        conditions={str(year): Q(**{path: year}) for year in years} if path else None,
        default=str(asked.today.year),
    )


def part_filter(asked: ListRequest, year: Filter, path: str = "") -> Filter:
    """A quarter or a month of the chosen year."""
    part = choose(asked, "part", _("Part of the year"), part_words(), any_label=_("the whole year"))
    days = part_of(year.value, part.value)
    if not days or not path:
        return part
    return replace(part, condition=Q(**{f"{path}__gte": days.lower, f"{path}__lt": days.upper}))


def part_words() -> dict[str, str]:
    """The names of the parts of a year, by value."""
    quarters = {f"q{n}": _("quarter %(n)d") % {"n": n} for n in range(1, 5)}
    return quarters | {f"m{n}": str(MONTHS[n]) for n in range(1, 13)}


def part_of(year: str, part: str) -> DateRange | None:
    """The days of a quarter or a month; None for the whole year."""
    if not part:
        return None
    number = int(part[1:])
    first, last = (3 * number - 2, 3 * number) if part[0] == "q" else (number, number)
    return months_of(int(year), first, last)


def judged_on(asked: ListRequest, year: Filter) -> date:
    """The day on which posts and tree count for the chosen year."""
    return day_of_judgement(int(year.value), asked.today)


def days_asked(asked: ListRequest, path: str) -> list[Filter]:
    """First- and last-day filters if a link from another page sets them; otherwise no fields."""
    filters = []
    for asked_for, bound in (
        (day(asked, "from", _("From")), "gte"),
        (day(asked, "to", _("To")), "lte"),
    ):
        if asked_for.value:
            condition = Q(**{f"{path}__{bound}": asked_for.value})
            filters.append(replace(asked_for, condition=condition))
        elif asked_for.is_unread:
            filters.append(asked_for)
    return filters


def without_year(year: Filter, label: str) -> Filter:
    """The same select with no year chosen; `label` explains that choice."""
    years = [(value, name) for value, name in year.field.choices if value]  # type: ignore[union-attr]
    every = forms.ChoiceField(label=year.label, choices=[("", label), *years], required=False)
    return replace(year, value="", words=label, field=every)


def days_chosen(filters: Filters) -> DateRange:
    """The days of the chosen time."""
    year = filters.value("year")
    return part_of(year, filters.value("part")) or calendar_year(int(year))


def part_in_words(filters: Filters) -> str:
    """The days of the chosen part of the year; empty for the whole year."""
    days = part_of(filters.value("year"), filters.value("part"))
    return format_days(days) if days else ""


def current_year(asked: ListRequest) -> Filter:
    """The current year, as a filter without a choice."""
    return Filter("year", _("Year"), str(asked.today.year), None, "", None)

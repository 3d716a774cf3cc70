"""Filters of the figures of the money: year, school, channel, purpose, and what a figure is of."""

from __future__ import annotations

from dataclasses import replace

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.lib.filters import Filter, Filters, ListRequest, choose
from courses.enums import Format
from courses.models import Module
from fund_reports.enums import Figure
from fund_reports.queries.figures import AFTER, BEFORE
from funding.enums import Purpose
from funding.forms import years_of
from funding.queries.funds import schools_with_seen_funds
from schools.enums import FundingChannel


def figure_filters(asked: ListRequest) -> Filters:
    """For the figures of a year."""
    return Filters([*_fund_filters(asked), _purpose(asked)])


def move_filters(asked: ListRequest) -> Filters:
    """For the transactions behind a figure."""
    months = {str(place): name for place, name in months_in_words().items()}
    return Filters(
        [
            choose(
                asked,
                "figure",
                _("Figure"),
                {one.value: str(one.label) for one in Figure},
                default=Figure.BUDGET.value,
            ),
            *_fund_filters(asked),
            _purpose(asked),
            choose(asked, "fund_month", _("Month"), months, any_label=_("all months")),
        ]
    )


def cost_filters(asked: ListRequest) -> Filters:
    """For what classes cost."""
    return Filters(_fund_filters(asked))


def class_cost_filters(asked: ListRequest) -> Filters:
    """For the classes behind a cost."""
    modules = {str(key): name for key, name in Module.objects.values_list("pk", "name")}
    formats = {value: str(label) for value, label in Format.choices}
    module = choose(asked, "module", _("Module"), modules, any_label=_("all modules"))
    return Filters(
        [
            *_fund_filters(asked),
            replace(module, audit_text=module.words),
            choose(asked, "format", _("Format"), formats, any_label=_("all formats")),
        ]
    )


def account_filters(asked: ListRequest) -> Filters:
    """For the account of one school and channel."""
    return Filters(_fund_filters(asked, of_one=True))


def months_in_words() -> dict[int, str]:
    """The months, and what lies before and after the year, by their places."""
    return {
        BEFORE: _("before the year"),
        **{month: str(name) for month, name in MONTHS.items()},
        AFTER: _("after the year"),
    }


def month_in_words(place: str) -> str:
    """A month as the trail names what a list was narrowed to."""
    return months_in_words().get(int(place), place)


def _fund_filters(asked: ListRequest, *, of_one: bool = False) -> list[Filter]:
    """Year, school and channel; `of_one`: exactly one school and channel is chosen."""
    years = [str(year) for year in years_of(asked.today)]
    schools = {
        str(key): name
        for key, name in schools_with_seen_funds(asked.user, asked.today).values_list("pk", "name")
    }
    channels = {value: str(label) for value, label in FundingChannel.choices}
    only = of_one or len(schools) == 1
    school = choose(
        asked,
        "school",
        _("School"),
        schools,
        any_label="" if only else _("all schools"),
        default=next(iter(schools), "") if only else "",
    )
    return [
        choose(
            asked,
            "year",
            _("Year"),
            {year: year for year in years},
            default=str(asked.today.year),
        ),
        replace(school, audit_text=school.words),
        choose(
            asked,
            "fund_channel",
            _("Channel"),
            channels,
            any_label="" if of_one else _("both channels"),
            default=FundingChannel.FISCAL.value if of_one else "",
        ),
    ]


def _purpose(asked: ListRequest) -> Filter:
    purposes = {value: str(label) for value, label in Purpose.choices}
    any_label = pgettext("of money", "all purposes")
    return choose(asked, "purpose", _("Purpose"), purposes, any_label=any_label)

"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filter, Filters, ListRequest, choose, search
from config.lib.periods import in_force
from config.lib.years import FIRST_YEAR
from courses.enums import Format, RegulationTask, Strand
from courses.models import Module
from courses.querysets import is_for_school
from schools.enums import Audience
from schools.filters import school_filter

MARK_LABELS = {
    "premium": gettext_lazy("premium course"),
    "elective": gettext_lazy("elective"),
}
OFFERED_NOW, NOT_OFFERED = "now", "not"
OFFER_LABELS = {
    OFFERED_NOW: gettext_lazy("offered today"),
    NOT_OFFERED: gettext_lazy("retired or not offered yet"),
}


def menu_filters(asked: ListRequest) -> Filters:
    """Filters of the menu; at first it shows what is offered today."""
    text = asked.text("course")
    titled = Q(title__icontains=text) | Q(code__istartswith=text)
    strands = {value: str(label) for value, label in Strand.choices}
    tasks = {value: str(label) for value, label in RegulationTask.choices}
    offered = in_force(asked.today)
    return Filters(
        [
            search(asked, _("Title or code of the course"), titled, "course"),
            module_filter(asked),
            choose(
                asked,
                "strand",
                _("Strand"),
                strands,
                conditions={value: Q(strand=value) for value in strands},
                any_label=_("all strands"),
            ),
            _format_filter(asked),
            _audience_filter(asked),
            choose(
                asked,
                "task",
                _("Task of the regulation"),
                tasks,
                conditions={value: Q(tasks__contains=[value]) for value in tasks},
                any_label=_("all tasks"),
            ),
            choose(
                asked,
                "mark",
                _("Mark"),
                {key: str(label) for key, label in MARK_LABELS.items()},
                conditions={"premium": Q(is_premium=True), "elective": Q(is_elective=True)},
                any_label=_("with and without a mark"),
            ),
            choose(
                asked,
                "offered",
                _("Offered"),
                {key: str(label) for key, label in OFFER_LABELS.items()},
                conditions={OFFERED_NOW: offered, NOT_OFFERED: ~offered},
                any_label=_("all courses"),
                default="" if "offered" in asked.query else OFFERED_NOW,
            ),
        ]
    )


def mix_filters(asked: ListRequest) -> Filters:
    """Filters of the mix: the year, of which the next may be planned already, school, audience."""
    years = [str(year) for year in range(asked.today.year + 1, FIRST_YEAR - 1, -1)]
    year = choose(
        asked,
        "year",
        _("Year"),
        {year: year for year in years},
        default=str(asked.today.year),
    )
    audiences = {value: str(label) for value, label in Audience.choices}
    audience = choose(
        asked,
        "audience",
        _("Audience"),
        audiences,
        conditions={value: Q(training_class__audience=value) for value in audiences},
        any_label=_("all audiences"),
    )
    return Filters([year, sharing_school_filter(asked), audience])


def sharing_school_filter(asked: ListRequest) -> Filter:
    """Of sessions: the school that holds their class, or joins it."""
    school = school_filter(asked)
    if not school.value:
        return school
    return replace(school, condition=is_for_school(school.value, "training_class"))


def module_filter(asked: ListRequest, path: str = "module") -> Filter:
    """The modules by code; `path` leads to one."""
    modules = dict(Module.objects.values_list("code", "name"))
    return choose(
        asked,
        "module",
        _("Module"),
        modules,
        conditions={code: Q(**{f"{path}__code": code}) for code in modules},
        any_label=_("all modules"),
    )


def _format_filter(asked: ListRequest) -> Filter:
    """Courses of a format, and those that suit any."""
    formats = {value: str(label) for value, label in Format.choices}
    return choose(
        asked,
        "course_format",
        _("Format"),
        formats,
        conditions={value: Q(format__in=["", value]) for value in formats},
        any_label=_("all formats"),
    )


def _audience_filter(asked: ListRequest) -> Filter:
    """Courses for an audience, and those for everybody."""
    audiences = {value: str(label) for value, label in Audience.choices}
    return choose(
        asked,
        "audience",
        _("Audience"),
        audiences,
        conditions={value: Q(audiences=[]) | Q(audiences__contains=[value]) for value in audiences},
        any_label=_("all audiences"),
    )

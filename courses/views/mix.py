"""The mix of each module as planned and delivered, and the rule that it is measured by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.entry import page_if
from accounts.requests import PersonRequest
from backstage.submissions import submit_once
from config.lib.dates import format_day
from config.lib.filters import Filters, ListRequest
from config.lib.hours import ZERO, format_hours
from config.lib.methods import read_or_write
from courses.enums import Strand
from courses.errors import CoursesError
from courses.filters import mix_filters
from courses.menu_actions import set_mix
from courses.menu_forms import MixForm
from courses.mix import Target, Targets, Verdict
from courses.models import Module
from courses.permissions import keeps_menu
from courses.queries.mix import (
    Gauge,
    Gauges,
    ModuleMix,
    list_coming_rules,
    list_mixes,
    list_rules,
    read_targets,
)
from schools.enums import Audience
from schools.models import School
from schools.permissions import staff_page
from schools.views.acting import acting, sent

# The three figures, in the order of `Gauges`.
FIGURES = (gettext_lazy("Year plan"), gettext_lazy("Sessions planned"), gettext_lazy("Delivered"))
VERDICTS: dict[Verdict, tuple[str, str | Promise]] = {
    Verdict.INSIDE: ("ok", gettext_lazy("inside the tolerance")),
    Verdict.TOO_LITTLE: ("due", gettext_lazy("too little")),
    Verdict.TOO_MUCH: ("due", gettext_lazy("too much")),
    Verdict.OUTSIDE: ("due", gettext_lazy("outside the tolerance")),
    Verdict.NONE: ("none", gettext_lazy("nothing to judge")),
}


@dataclass(frozen=True)
class Measure:
    """One strand on one gauge: hours, share and verdict in words, and the widths of its drawing."""

    hours: Decimal
    share: str
    width: str
    verdict: Verdict

    @property
    def is_judged(self) -> bool:
        """Whether there are hours and a rule."""
        return self.verdict is not Verdict.NONE

    @property
    def state(self) -> tuple[str, str | Promise]:
        """The kind of state and its word."""
        return VERDICTS[self.verdict]


@dataclass(frozen=True)
class StrandLine:
    """A strand on the gauge of a module: its rule, and its three figures."""

    label: str
    rule: str
    band_from: str
    band_width: str
    intended: Measure
    planned: Measure
    delivered: Measure


@dataclass(frozen=True)
class Figure:
    """One of the three figures of a module: its name, its hours, its shares and its verdict."""

    name: str | Promise
    hours: Decimal
    shares: str
    state: tuple[str, str | Promise]


@dataclass(frozen=True)
class ModuleTable:
    """A module as a page shows it: a line for each strand, and all strands together."""

    mix: ModuleMix
    lines: list[StrandLine]
    totals: list[Figure]


@dataclass(frozen=True)
class GroupCell:
    """A module in the table of schools or audiences: its gauge, and the figures that have hours."""

    module: str
    lines: list[StrandLine]
    figures: list[Figure]


@dataclass(frozen=True)
class GroupLine:
    """A school or an audience with a cell for each module; its link narrows the page to it."""

    label: str
    url: str
    cells: list[GroupCell]


@require_safe
@staff_page
def mix(request: PersonRequest) -> HttpResponse:
    """Each module's gauge with its table and the smallest changes, then schools and audiences."""
    asked = ListRequest(request.user, request.GET, request.now)
    filters = mix_filters(asked)
    mixes = list_mixes(asked, filters)
    context = {
        "filters": filters,
        "year": filters.value("year"),
        "modules": [(tabulate(mix), mix.planned.verdict is Verdict.OUTSIDE) for mix in mixes],
        "coming": [
            (module, days, _in_words(targets))
            for module, days, targets in list_coming_rules(asked.today)
        ],
        "by_school": _school_lines(asked, filters, mixes),
        "by_audience": _audience_lines(filters, mixes),
        "is_open": int(filters.value("year")) >= asked.today.year,
        "keeps_menu": keeps_menu(request.user),
        "crumbs": _crumbs(),
    }
    return render(request, "courses/mix.html", context)


@read_or_write
@page_if(keeps_menu)
def rule(request: PersonRequest, module_id: int) -> HttpResponse:
    """Set the mix of a module from a day on."""
    module = get_object_or_404(Module, pk=module_id)
    on = request.today
    form = MixForm(sent(request), today=on, targets=read_targets(on)[module.pk])

    def do() -> None:
        day = form.cleaned_data["on"]
        set_mix(module_id=module.pk, targets=form.targets, on=day, **acting(request))

    def done() -> str:
        day = format_day(form.cleaned_data["on"])
        facts = {"module": module, "mix": _in_words(form.targets), "day": day}
        return _("The mix of %(module)s is %(mix)s from %(day)s.") % facts

    to = reverse("courses:mix_rule", args=[module.pk])
    if answer := submit_once(request, form, do=do, to=to, done=done, refusals=(CoursesError,)):
        return answer
    title = _("Change the mix of %(module)s") % {"module": module}
    context = {
        "form": form,
        "title": title,
        "rules": [
            (days, on not in days, _in_words(targets)) for days, targets in list_rules(module, on)
        ],
        "submit_label": _("Set the mix"),
        "cancel_url": reverse("courses:mix"),
        "crumbs": [*_crumbs(), {"label": title, "url": ""}],
    }
    return render(request, "courses/mix_rule.html", context, status=422 if form.errors else 200)


def _in_words(targets: Targets) -> str:
    """A rule by its strands, in their order: political theory 40% ± 5."""
    parts = (f"{strand.label} {_rule(targets[strand])}" for strand in Strand if strand in targets)
    return _("; ").join(parts)


def tabulate(mix: ModuleMix) -> ModuleTable:
    """The table of a module."""
    return ModuleTable(mix, _lines(mix.gauges), describe_gauges(mix.gauges))


def describe_gauges(gauges: Gauges) -> list[Figure]:
    """The three figures in words."""
    return [
        Figure(name, gauge.whole, *describe_gauge(gauge))
        for name, gauge in zip(FIGURES, gauges, strict=True)
    ]


def _lines(gauges: Gauges) -> list[StrandLine]:
    return [_line(gauges, strand) for strand in Strand]


def _line(gauges: Gauges, strand: Strand) -> StrandLine:
    target = gauges.planned.targets.get(strand)
    return StrandLine(
        str(strand.label),
        _rule(target) if target else "–",
        _percent(target.lower) if target else "0",
        _percent(target.upper - target.lower) if target else "0",
        *(_measure(gauge, strand) for gauge in gauges),
    )


def _measure(gauge: Gauge, strand: Strand) -> Measure:
    share = gauge.share(strand)
    return Measure(
        gauge.hours[strand],
        "–" if share is None else f"{_percent(share)}%",
        "0" if share is None else _percent(share),
        gauge.verdict_of(strand),
    )


def _rule(target: Target) -> str:
    return f"{format_hours(target.percent)}% ± {format_hours(target.tolerance)}"


def _percent(value: Decimal) -> str:
    """With one decimal, which is what people compare; the verdict itself is not rounded."""
    return format_hours(value.quantize(Decimal("0.1"), ROUND_HALF_UP))


def _school_lines(asked: ListRequest, filters: Filters, mixes: list[ModuleMix]) -> list[GroupLine]:
    """The schools with hours; none if the page is about one school."""
    if filters.value("school"):
        return []
    keys = {key for mix in mixes for key in mix.by_school}
    schools = School.objects.visible_to(asked.user, asked.today).filter(pk__in=keys)
    return [
        GroupLine(
            school.name,
            _narrowed(filters, school=str(school.pk)),
            _cells(mixes, (mix.by_school.get(school.pk) for mix in mixes)),
        )
        for school in schools.order_by("code")
    ]


def _audience_lines(filters: Filters, mixes: list[ModuleMix]) -> list[GroupLine]:
    """The audiences with hours; none if the page is about one audience."""
    if filters.value("audience"):
        return []
    return list_audiences(mixes, lambda key: _narrowed(filters, audience=key))


def _cells(mixes: Sequence[ModuleMix], of_group: Iterable[Gauges | None]) -> list[GroupCell]:
    """The gauge of each module in a school or audience, with the figures that have hours."""
    return [
        GroupCell(
            mix.module.name,
            _lines(gauges) if gauges and not gauges.is_empty else [],
            [one for one in describe_gauges(gauges) if one.hours] if gauges else [],
        )
        for mix, gauges in zip(mixes, of_group, strict=True)
    ]


def list_audiences(
    mixes: Sequence[ModuleMix], address: Callable[[str], str] | None = None
) -> list[GroupLine]:
    """A line for each audience with hours in one of these mixes; `address` says where it leads."""
    return [
        GroupLine(
            str(audience.label),
            address(audience.value) if address else "",
            _cells(mixes, (mix.by_audience.get(audience.value) for mix in mixes)),
        )
        for audience in Audience
        if any(audience.value in mix.by_audience for mix in mixes)
    ]


def describe_gauge(gauge: Gauge) -> tuple[str, tuple[str, str | Promise]]:
    """The shares of a gauge in the order of the strands, and its verdict."""
    shares = [_percent(gauge.share(strand) or ZERO) for strand in Strand]
    return " / ".join(shares), VERDICTS[gauge.verdict]


def _narrowed(filters: Filters, **more: str) -> str:
    return f"{reverse('courses:mix')}?{urlencode(filters.query | more)}"


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Menu of courses"), "url": reverse("courses:menu")},
        {"label": _("Mix of strands"), "url": reverse("courses:mix")},
    ]

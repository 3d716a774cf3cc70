"""Filters of the lists: they live in the address, and an unknown value filters nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import PersonRequest
from config.lib.periods import local_date
from schools.models import Organisation, School
from trainees.enums import CreditCategory
from trainees.queries.members import COUNTED
from trainees.queries.requirements import Outcome
from trainees.queries.rolls import RollDue

FIRST_YEAR = 2019

DUE_LABELS = {
    RollDue.TODAY: gettext_lazy("today"),
    RollDue.DUE: gettext_lazy("roll due"),
    RollDue.UPCOMING: gettext_lazy("upcoming"),
    RollDue.SUBMITTED: gettext_lazy("submitted"),
}

# States of a session whose roll somebody still has to submit.
UNFINISHED = {RollDue.TODAY, RollDue.DUE, "missing"}

OUTCOME_LABELS = {
    Outcome.MET: gettext_lazy("target met"),
    Outcome.SHORT: gettext_lazy("short"),
    Outcome.EXEMPT: gettext_lazy("exempt"),
    Outcome.OUT: gettext_lazy("not counted"),
}


@dataclass(frozen=True)
class Filter:
    """One select of the filter bar, and the condition that its value stands for."""

    name: str
    label: str
    options: dict[str, str]
    value: str
    condition: Callable[[str], Q] | None = None
    any_label: str = ""

    @property
    def field(self) -> forms.ChoiceField:
        options = {"": self.any_label, **self.options} if self.any_label else self.options
        return forms.ChoiceField(label=self.label, choices=list(options.items()), required=False)


@dataclass(frozen=True)
class Filters:
    """The filter bar of a list."""

    items: list[Filter]
    search: str | None = None
    search_label: str = ""

    def apply(self, rows: QuerySet) -> QuerySet:
        """`rows` narrowed by every filter that has a value."""
        for item in self.items:
            if item.value and item.condition:
                rows = rows.filter(item.condition(item.value))
        return rows

    def value(self, name: str) -> str:
        """The chosen value of one filter; empty if it is left open."""
        return next((item.value for item in self.items if item.name == name), "")

    @property
    def form(self) -> forms.Form:
        """The bar as a form that shows the chosen values; a filter without choice is left out."""
        form = forms.Form({item.name: item.value for item in self.items} | {"q": self.search})
        for item in self.items:
            if len(item.options) > 1 or item.any_label:
                form.fields[item.name] = item.field
        if self.search is not None:
            form.fields["q"] = forms.CharField(label=self.search_label, required=False)
        return form


def choose(
    request: PersonRequest,
    name: str,
    label: str,
    options: dict[str, str],
    *,
    condition: Callable[[str], Q] | None = None,
    any_label: str = "",
    default: str = "",
) -> Filter:
    """A filter with the value of the address, if it is one of the options."""
    asked = request.GET.get(name, default)
    value = asked if asked in options else default
    return Filter(name, label, options, value, condition, any_label)


def school_filter(
    request: PersonRequest, now: datetime, field: str | None = "training_class__school"
) -> Filter:
    """The schools in sight; a person of one school has no choice to make."""
    schools = School.objects.visible_to(request.user, local_date(now))
    options = {str(school.pk): school.name for school in schools}
    return choose(
        request,
        "school",
        _("School"),
        options,
        condition=(lambda value: Q(**{field: value})) if field else None,
        any_label=_("all schools") if len(options) > 1 else "",
        default="" if len(options) > 1 else next(iter(options), ""),
    )


def organisation_filter(request: PersonRequest, now: datetime) -> Filter:
    """The organisation that the address names, if it is in sight; its page leads here."""
    asked = request.GET.get("organisation", "")
    pk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    found = (
        Organisation.objects.visible_to(request.user, local_date(now)).filter(pk=pk) if pk else ()
    )
    options = {str(organisation.pk): organisation.name for organisation in found}
    return choose(
        request,
        "organisation",
        _("Party organisation"),
        options,
        any_label=_("all organisations") if options else "",
    )


def year_filter(
    request: PersonRequest, now: datetime, condition: Callable[[str], Q] | None = None
) -> Filter:
    """Years since the network began, the current one chosen."""
    current = local_date(now).year
    options = {str(year): str(year) for year in range(current, FIRST_YEAR - 1, -1)}
    return choose(request, "year", _("Year"), options, condition=condition, default=str(current))


def _held_in(field: str) -> Callable[[str], Q]:
    return lambda year: Q(**{f"{field}__year": int(year)})


def session_filters(request: PersonRequest, now: datetime) -> Filters:
    """For sessions: school, year and state of the roll."""
    due = {value.value: str(label) for value, label in DUE_LABELS.items()}
    state = choose(
        request,
        "due",
        _("State"),
        due | {"missing": _("over, not submitted"), "held": _("over")},
        condition=lambda value: _session_state(value, now),
        any_label=_("all states"),
    )
    in_year = _held_in("held_on")
    years = year_filter(request, now, in_year)
    # What is unfinished stays in sight on 1 January, unless somebody asks for a year.
    if "year" not in request.GET:
        years = replace(years, condition=lambda year: in_year(year) | Q(due=RollDue.DUE))
        if state.value in UNFINISHED:
            years = replace(years, value="", any_label=_("all years"))
    return Filters([school_filter(request, now), years, state])


def _session_state(value: str, now: datetime) -> Q:
    if value == "held":
        return Q(ends_at__lte=now)
    if value == "missing":
        return Q(ends_at__lte=now) & ~Q(due=RollDue.SUBMITTED)
    return Q(due=value)


def class_filters(request: PersonRequest, now: datetime) -> Filters:
    """For classes: school, and the year in which a session was over."""
    return Filters([school_filter(request, now, "school"), year_filter(request, now)])


def attendance_filters(request: PersonRequest, now: datetime) -> Filters:
    """For person-times: school and year."""
    school = school_filter(request, now, "session__training_class__school")
    return Filters([school, year_filter(request, now, _held_in("session__held_on"))])


def entry_filters(request: PersonRequest, now: datetime) -> Filters:
    """For ledger entries: school of their day, year, category."""
    categories = {value: str(label) for value, label in CreditCategory.choices}
    category = choose(
        request,
        "category",
        _("Category"),
        categories,
        condition=lambda value: Q(category=value),
        any_label=_("all categories"),
    )
    years = year_filter(request, now, lambda year: Q(credit_year=int(year)))
    return Filters([school_filter(request, now, "school"), years, category])


def member_filters(request: PersonRequest, now: datetime) -> Filters:
    """For members: school, year, verdict, organisation, and a search by name or number."""
    outcomes = {value.value: str(label) for value, label in OUTCOME_LABELS.items()}
    outcomes[COUNTED] = _("owes hours")
    outcome = choose(request, "outcome", _("Verdict"), outcomes, any_label=_("all verdicts"))
    return Filters(
        [
            school_filter(request, now, None),
            year_filter(request, now),
            outcome,
            organisation_filter(request, now),
        ],
        # PostgreSQL knows no NUL; no name holds the character that stands in for it.
        search=request.GET.get("q", "").replace("\0", "\ufffd").strip()[:40],
        search_label=_("Name, pinyin initials or member number"),
    )


def chosen_schools(request: PersonRequest, filters: Filters, now: datetime) -> list[School]:
    """The school that the filter names, or all in sight, as far as they existed in the year."""
    schools = School.objects.visible_to(request.user, local_date(now))
    schools = schools.in_year(int(filters.value("year")))
    return list(schools.filter(pk=filters.value("school")) if filters.value("school") else schools)

"""Filters of the overviews, their lists, single members' hours, and disputes."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filter, Filters, ListRequest, choose, fixed_filter, search
from config.lib.year_filters import part_filter, year_filter
from config.lib.years import FIRST_YEAR
from courses.filters import module_filter
from hours.enums import (
    MAIN_CATEGORIES,
    UNFINISHED_DISPUTES,
    YEARLY_GROUPS,
    CreditCategory,
    DisputeState,
    RequirementGroup,
)
from hours.filters import CATEGORY_LABELS, DISPUTE_STAGES, OTHER_CATEGORIES, UNFINISHED
from hours.queries.clocks import CLOCK_STATE_LABELS
from hours.queries.members import BY_NAME, BY_ORGANISATION
from hours.queries.requirements import COUNTED, TRAINED_ONCE, Outcome, name_of_unreached
from rolls.filters import title_filter
from schools.filters import organisation_filter, school_filter
from trainees.enums import DepartureKind
from trainees.filters import audience_filter
from years.queries.hours import list_seen_in_year


def served_filters(asked: ListRequest) -> Filters:
    """For the members whom the user serves: a search."""
    return Filters([search(asked, _("Name, pinyin initials or member number"))])


def own_hours_filters(asked: ListRequest) -> Filters:
    """For the user's own hours: the year."""
    return Filters([year_filter(asked)])


def member_hours_filters(asked: ListRequest) -> Filters:
    """For the hours of one member: the member's number, and the year.

    A member whom the user may not see is as one who does not exist.
    """
    year = year_filter(asked)
    seen = list_seen_in_year(asked.user, int(year.value), asked.today)
    member = seen.only("number").filter(pk=asked.key("member")).first()
    number = member.number if member else ""
    return Filters([fixed_filter("member", _("Member number"), member, number), year])


OUTCOME_LABELS = {
    Outcome.MET: gettext_lazy("target met"),
    Outcome.SHORT: gettext_lazy("short"),
    Outcome.NOT_YET_DUE: gettext_lazy("not yet on target"),
    Outcome.EXEMPT: gettext_lazy("exempt"),
    Outcome.OUT: gettext_lazy("not counted"),
}


# The verdicts by which members can be filtered: the same, all who owe hours, and those trained.
VERDICT_LABELS = {value.value: label for value, label in OUTCOME_LABELS.items()} | {
    COUNTED: gettext_lazy("owes hours"),
    TRAINED_ONCE: gettext_lazy("owes hours, attended a training"),
}


def overview_filters(asked: ListRequest) -> Filters:
    """For the overview by school: school, year and its part, audience."""
    year = year_filter(asked)
    part, audience = part_filter(asked, year), audience_filter(asked)
    return Filters([school_filter(asked, of_members=True), year, part, audience])


def organisation_figures_filters(asked: ListRequest) -> Filters:
    """For the overview by organisation: the same, and the parent organisation."""
    year = year_filter(asked)
    part, audience = part_filter(asked, year), audience_filter(asked)
    school, organisation = school_filter(asked, of_members=True), organisation_filter(asked, year)
    return Filters([school, organisation, year, part, audience])


def class_filters(asked: ListRequest) -> Filters:
    """For classes: school, audience, and the time in which a session took place."""
    year = year_filter(asked)
    part, audience = part_filter(asked, year), audience_filter(asked, path="audience")
    module = module_filter(asked, "module")
    school = school_filter(asked, "school")
    return Filters([title_filter(asked), school, year, part, audience, module])


def attendance_filters(asked: ListRequest) -> Filters:
    """For attendances: school, organisation of the day, time, audience."""
    year = year_filter(asked, "session__held_on__year")
    return Filters(
        [
            school_filter(asked, "session__training_class__school"),
            organisation_filter(asked, year, "organisation"),
            year,
            part_filter(asked, year, "session__held_on"),
            audience_filter(asked, year, "holder"),
            module_filter(asked, "session__training_class__module"),
        ]
    )


def member_filters(asked: ListRequest) -> Filters:
    """For members: school, organisation, year, audience, rule, verdict, order, and a search."""
    rules = {value.value: str(value.label) for value in YEARLY_GROUPS}
    orders = {BY_NAME: _("by name"), BY_ORGANISATION: _("by Party organisation")}
    order = choose(asked, "order", _("Order"), orders, default=BY_NAME)
    year = year_filter(asked)
    return Filters(
        [
            school_filter(asked, of_members=True),
            organisation_filter(asked, year),
            year,
            audience_filter(asked),
            choose(asked, "rule", _("Rule"), rules, any_label=_("all rules")),
            _outcome_filter(asked, year),
            replace(order, words=""),
            search(asked, _("Name, pinyin initials or member number")),
        ]
    )


CLOCK_GROUPS = {
    group.value: group.label for group in RequirementGroup if group not in YEARLY_GROUPS
}


def clock_filters(asked: ListRequest) -> Filters:
    """For trainings owed within some months: school, year, who owes them, state, and a search."""
    groups = {value: str(label) for value, label in CLOCK_GROUPS.items()}
    states = {state.value: str(label) for state, label in CLOCK_STATE_LABELS.items()}
    return Filters(
        [
            school_filter(asked, of_members=True),
            year_filter(asked),
            choose(asked, "clock", _("Owed by"), groups, any_label=_("all groups")),
            choose(asked, "clock_state", _("State"), states, any_label=_("all states")),
            search(asked, _("Name, pinyin initials or member number")),
        ]
    )


def _outcome_filter(asked: ListRequest, year: Filter) -> Filter:
    """Verdicts of the chosen year; SHORT and NOT_YET_DUE both select the one that applies to it."""
    unreached = (Outcome.SHORT, Outcome.NOT_YET_DUE)
    named = name_of_unreached(int(year.value), asked.today)
    if asked.query.get("outcome") in unreached:
        asked = replace(asked, query={**asked.query, "outcome": named.value})
    outcomes = {
        value: str(label)
        for value, label in VERDICT_LABELS.items()
        if value == named or value not in unreached
    }
    return choose(asked, "outcome", _("Verdict"), outcomes, any_label=_("all verdicts"))


def departure_filters(asked: ListRequest) -> Filters:
    """Filters for members who left: the year, the reason, and a search."""
    kinds = {value: str(label) for value, label in DepartureKind.choices}
    return Filters(
        [
            year_filter(asked, "left_on__year"),
            choose(
                asked,
                "leaving",
                _("Reason of leaving"),
                kinds,
                conditions={value: Q(kind=value) for value in kinds},
                any_label=_("all reasons"),
            ),
            search(asked, _("Name, pinyin initials or member number")),
        ]
    )


def dispute_filters(asked: ListRequest) -> Filters:
    """For disputes: school, state, and the year of the study; pending ones remain listed."""
    stages = {value: str(label) for value, label in DISPUTE_STAGES.items()}
    conditions = {value: Q(state=value) for value in DisputeState.values}
    years = [str(year) for year in range(asked.today.year, FIRST_YEAR - 1, -1)]
    return Filters(
        [
            school_filter(asked, "school"),
            choose(
                asked,
                "stage",
                _("State"),
                stages,
                conditions=conditions | {UNFINISHED: Q(state__in=UNFINISHED_DISPUTES)},
                any_label=_("all states"),
            ),
            choose(
                asked,
                "year",
                _("Year"),
                {year: year for year in years},
                conditions={year: Q(occurred_on__year=year) for year in years},
                any_label=_("all years"),
            ),
        ]
    )


def entry_filters(asked: ListRequest) -> Filters:
    """Filters for ledger entries: school and organisation then, period, audience, category."""
    year = year_filter(asked, "credit_year")
    conditions = {value: Q(category=value) for value in CreditCategory.values}
    others = {OTHER_CATEGORIES: ~Q(category__in=MAIN_CATEGORIES)}
    category = choose(
        asked,
        "category",
        _("Category"),
        {value: str(label) for value, label in CATEGORY_LABELS.items()},
        conditions=conditions | others,
        any_label=_("all categories"),
    )
    return Filters(
        [
            school_filter(asked, "school"),
            organisation_filter(asked, year, "organisation"),
            year,
            part_filter(asked, year, "occurred_on"),
            audience_filter(asked, year, "member"),
            category,
            module_filter(asked, "assessment__source__roll__session__training_class__module"),
        ]
    )

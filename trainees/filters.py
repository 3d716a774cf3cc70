"""The filters of this app's lists: what can be chosen, and what it means for a row."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Asked, Filter, Filters, choose, search
from config.lib.year_filters import (
    OPEN_YEAR,
    OPEN_YEAR_LABEL,
    current_year,
    days_asked,
    judged_on,
    part_filter,
    without_year,
    year_filter,
)
from config.lib.years import FIRST_YEAR
from courses.models import TrainingClass
from schools.enums import Audience
from schools.filters import organisation_filter, school_filter
from trainees.enums import (
    MAIN_CATEGORIES,
    YEARLY_GROUPS,
    CreditCategory,
    DisputeState,
    StudyKind,
    StudyState,
)
from trainees.models import Study
from trainees.permissions import sees_schools, serves_organisations
from trainees.queries.audiences import in_audience
from trainees.queries.deadlines import is_due
from trainees.queries.members import BY_NAME, BY_ORGANISATION
from trainees.queries.requirements import COUNTED, Outcome, name_of_unreached
from trainees.queries.rolls import RollDue

OTHER_CATEGORIES = "other"  # all besides the main ones
CATEGORY_LABELS: dict[str, str | Promise] = {
    **dict(CreditCategory.choices),
    OTHER_CATEGORIES: gettext_lazy("besides concentrated training and collective study"),
}

DUE_LABELS = {
    RollDue.TODAY: gettext_lazy("today"),
    RollDue.DUE: gettext_lazy("roll due"),
    RollDue.UPCOMING: gettext_lazy("upcoming"),
    RollDue.SUBMITTED: gettext_lazy("submitted"),
    RollDue.CALLED_OFF: gettext_lazy("called off"),
}

MISSING, OVERDUE, REOPENED = "missing", "overdue", "reopened"

# What sessions are narrowed to: the same, some of them, or several together.
STATE_LABELS = {value.value: label for value, label in DUE_LABELS.items()} | {
    OVERDUE: gettext_lazy("roll overdue"),
    "closed": gettext_lazy("closed"),
    REOPENED: gettext_lazy("reopened"),
    MISSING: gettext_lazy("over, not submitted"),
    "held": gettext_lazy("over"),
}

# States of a session whose roll somebody still has to submit or to correct.
UNFINISHED = {RollDue.TODAY, RollDue.DUE, OVERDUE, MISSING, REOPENED}

# States of a record of study as a person asks for them: what waits for the person comes first.
REVIEW, RETURNED = "review", "returned"
STUDY_STATE_LABELS = {
    REVIEW: gettext_lazy("waits for my review"),
    RETURNED: gettext_lazy("returned to me"),
    **dict(StudyState.choices),
}
RECORDER_LABELS = {"me": gettext_lazy("me")}

OUTCOME_LABELS = {
    Outcome.MET: gettext_lazy("target met"),
    Outcome.SHORT: gettext_lazy("short"),
    Outcome.NOT_YET_DUE: gettext_lazy("not yet on target"),
    Outcome.EXEMPT: gettext_lazy("exempt"),
    Outcome.OUT: gettext_lazy("not counted"),
}


# What members are narrowed to: the same, and all who owe hours.
VERDICT_LABELS = {value.value: label for value, label in OUTCOME_LABELS.items()} | {
    COUNTED: gettext_lazy("owes hours")
}


def audience_filter(asked: Asked, year: Filter | None = None, path: str = "") -> Filter:
    """Secretaries, Party-affairs workers or ordinary members.

    `path` leads to a member, or without a `year` to the audience that a class is meant for.
    """
    options = {value: str(label) for value, label in Audience.choices}
    conditions = {}
    if path:
        on = judged_on(asked, year) if year else None
        conditions = {
            value: in_audience(value, on, path) if on else Q(**{path: value}) for value in options
        }
    return choose(
        asked,
        "audience",
        _("Audience"),
        options,
        conditions=conditions,
        any_label=_("all audiences"),
    )


def dashboard_filters(asked: Asked) -> Filters:
    """For the overview by school: school, year and its part, audience."""
    year = year_filter(asked)
    part, audience = part_filter(asked, year), audience_filter(asked)
    return Filters([school_filter(asked), year, part, audience])


def organisation_figures_filters(asked: Asked) -> Filters:
    """For the overview by organisation: the same, and the organisation to look below."""
    year = year_filter(asked)
    part, audience = part_filter(asked, year), audience_filter(asked)
    return Filters([school_filter(asked), organisation_filter(asked, year), year, part, audience])


def session_filters(asked: Asked) -> Filters:
    """For sessions: school, time, the audience of the class, and state of the roll."""
    conditions = {value.value: Q(due=value) for value in DUE_LABELS} | {
        OVERDUE: Q(is_overdue=True),
        "closed": Q(roll__closed_at__isnull=False),
        REOPENED: Q(roll__reopened_at__isnull=False),
        "held": Q(ends_at__lte=asked.now, called_off_at=None),
        MISSING: is_due(asked.now),
    }
    state = choose(
        asked,
        "due",
        _("State"),
        {value: str(label) for value, label in STATE_LABELS.items()},
        conditions=conditions,
        any_label=_("all states"),
    )
    year = year_filter(asked, "held_on__year")
    part = part_filter(asked, year, "held_on")
    # What is unfinished stays in sight on 1 January, unless somebody asks for a time.
    days = days_asked(asked, "held_on")
    if any(one.value for one in days) and not asked.query.get("year"):
        year = replace(without_year(replace(year, condition=None), _("all years")), words="")
    elif not asked.query.get("year") and not part.value:
        this_year = Q(held_on__year=int(year.value))
        year = replace(year, condition=this_year | Q(due=RollDue.DUE), told=OPEN_YEAR)
        year = without_year(year, str(OPEN_YEAR_LABEL))
        if state.value in UNFINISHED:
            year = replace(without_year(year, _("all years")), words="")
    school = school_filter(asked, "training_class__school")
    audience = audience_filter(asked, path="training_class__audience")
    title = title_filter(asked, "training_class__")
    return Filters([title, school, year, part, *days, audience, state])


def title_filter(asked: Asked, path: str = "") -> Filter:
    """A part of the title of a class, or how its number begins; `path` leads to the class."""
    text = asked.text("title")
    condition = Q(**{f"{path}title__icontains": text}) | Q(**{f"{path}code__startswith": text})
    return search(asked, _("Title or number of the class"), condition, name="title")


def class_filters(asked: Asked) -> Filters:
    """For classes: school, audience, and the time in which a session was over."""
    year = year_filter(asked)
    part, audience = part_filter(asked, year), audience_filter(asked, path="audience")
    return Filters([title_filter(asked), school_filter(asked, "school"), year, part, audience])


def attendance_filters(asked: Asked) -> Filters:
    """For person-times: school, organisation of the day, time, audience."""
    year = year_filter(asked, "session__held_on__year")
    return Filters(
        [
            school_filter(asked, "session__training_class__school"),
            organisation_filter(asked, year, "organisation"),
            year,
            part_filter(asked, year, "session__held_on"),
            audience_filter(asked, year, "member"),
        ]
    )


def supervision_filters(asked: Asked) -> Filters:
    """For supervision notes: the school visited, and the time of the session."""
    year = year_filter(asked, "session__held_on__year")
    part = part_filter(asked, year, "session__held_on")
    return Filters([school_filter(asked, "session__training_class__school"), year, part])


def entry_filters(asked: Asked) -> Filters:
    """For ledger entries: school and organisation of their day, time, audience, category."""
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
        ]
    )


def member_filters(asked: Asked) -> Filters:
    """For members: school, organisation, year, audience, rule, verdict, order, and a search."""
    rules = {value.value: str(value.label) for value in YEARLY_GROUPS}
    orders = {BY_NAME: _("by name"), BY_ORGANISATION: _("by Party organisation")}
    order = choose(asked, "order", _("Order"), orders, default=BY_NAME)
    year = year_filter(asked)
    return Filters(
        [
            school_filter(asked),
            organisation_filter(asked, year),
            year,
            audience_filter(asked),
            choose(asked, "rule", _("Rule"), rules, any_label=_("all rules")),
            _outcome_filter(asked, year),
            replace(order, words=""),
            search(asked, _("Name, pinyin initials or member number")),
        ]
    )


def roster_filters(asked: Asked, training_class: TrainingClass) -> Filters:
    """Whom a class could take: organisation, audience, shortfall, and a search.

    To begin with the class's audience, as far as it is short.
    """
    audiences = {value: str(label) for value, label in Audience.choices}
    outcomes = {Outcome.SHORT.value: _("short of hours"), COUNTED: _("owes hours")}
    year = current_year(asked)
    return Filters(
        [
            organisation_filter(asked, year),
            choose(
                asked,
                "audience",
                _("Audience"),
                audiences,
                any_label=_("all audiences"),
                default=training_class.audience,
            ),
            choose(
                asked,
                "outcome",
                _("Shortfall"),
                outcomes,
                any_label=_("everybody"),
                default=Outcome.SHORT.value,
            ),
            search(asked, _("Name, pinyin initials or member number")),
        ]
    )


def _outcome_filter(asked: Asked, year: Filter) -> Filter:
    """Verdicts of the year chosen; who has not reached what is owed is asked for by either name."""
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


def dispute_filters(asked: Asked) -> Filters:
    """For disputes: school, state, and the year of the study; what waits stays in sight."""
    stages = {value: str(label) for value, label in DisputeState.choices}
    years = [str(year) for year in range(asked.today.year, FIRST_YEAR - 1, -1)]
    return Filters(
        [
            school_filter(asked, "school"),
            choose(
                asked,
                "stage",
                _("State"),
                stages,
                conditions={stage: Q(state=stage) for stage in stages},
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


def study_filters(asked: Asked) -> Filters:
    """For records of study: organisation, year and its part, kind, state, and by whom recorded.

    What waits for somebody is shown of all years, unless a year is asked for.
    """
    on = asked.today
    conditions = {value: Q(state=value) for value in StudyState.values} | {
        REVIEW: Q(pk__in=Study.objects.to_review_by(asked.user, on).values("pk")),
        RETURNED: Q(pk__in=Study.objects.returned_to(asked.user).values("pk")),
    }
    state = choose(
        asked,
        "progress",
        _("State"),
        {value: str(label) for value, label in STUDY_STATE_LABELS.items()},
        conditions=conditions,
        any_label=_("all states"),
    )
    year = year_filter(asked, "held_on__year")
    part = part_filter(asked, year, "held_on")
    if state.value in {REVIEW, RETURNED} and not asked.query.get("year") and not part.value:
        year = replace(without_year(replace(year, condition=None), _("all years")), words="")
    kind = choose(
        asked,
        "study_kind",
        _("Kind"),
        {value: str(label) for value, label in StudyKind.choices},
        conditions={value: Q(kind=value) for value in StudyKind.values},
        any_label=_("all kinds of study"),
    )
    recorder = choose(
        asked,
        "recorder",
        _("Recorded by"),
        {"me": str(RECORDER_LABELS["me"])},
        conditions={"me": Q(recorded_by=asked.user)},
        any_label=_("anybody"),
    )
    items: list[Filter] = [year, part, kind, state]
    if sees_schools(asked.user):
        items.insert(0, organisation_filter(asked, year, "organisation"))
    if serves_organisations(asked.user):
        items.append(recorder)
    return Filters(items)

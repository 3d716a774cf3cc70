"""Filters of the lists of member cards and sessions."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classes.models import Enrolment
from config.lib.filters import Filter, Filters, ListRequest, choose, search
from config.lib.year_filters import (
    OPEN_YEAR,
    OPEN_YEAR_LABEL,
    days_asked,
    part_filter,
    without_year,
    year_filter,
)
from courses.filters import sharing_school_filter
from courses.models import Session, TrainingClass
from rolls.queries.deadlines import is_due
from rolls.queries.rolls import RollDue
from schools.filters import school_filter
from schools.permissions import sees_schools
from trainees.filters import audience_filter, filters_of_served


def card_filters(asked: ListRequest) -> Filters:
    """For member cards: organisation, a class that is not over, and search."""
    sessions = Session.objects.to_be_held().filter(held_on__gte=asked.today)
    classes: dict[str, str] = {}
    if sees_schools(asked.user):
        seen = TrainingClass.objects.visible_to(asked.user, asked.today)
        ahead = seen.filter(pk__in=sessions.values("training_class")).order_by("code")
        classes = {str(training_class.pk): training_class.title for training_class in ahead}
    rosters = {pk: Enrolment.objects.lasting().filter(training_class=int(pk)) for pk in classes}
    chosen = choose(
        asked,
        "class",
        _("Training class"),
        classes,
        conditions={pk: Q(pk__in=rows.values("member")) for pk, rows in rosters.items()},
        any_label=_("all classes") if classes else "",
    )
    typed = search(asked, _("Name, pinyin initials or member number"))
    of_class = replace(chosen, audit_text=chosen.words)
    return Filters([*filters_of_served(asked), of_class, typed])


DUE_LABELS = {
    RollDue.TODAY: gettext_lazy("today"),
    RollDue.DUE: gettext_lazy("roll due"),
    RollDue.UPCOMING: gettext_lazy("upcoming"),
    RollDue.SUBMITTED: gettext_lazy("submitted"),
    RollDue.CALLED_OFF: gettext_lazy("called off"),
}

MISSING, OVERDUE, REOPENED = "missing", "overdue", "reopened"

# The states by which sessions can be filtered: the same, parts of them, or several combined.
STATE_LABELS = {value.value: label for value, label in DUE_LABELS.items()} | {
    OVERDUE: gettext_lazy("roll overdue"),
    "closed": gettext_lazy("closed"),
    REOPENED: gettext_lazy("reopened"),
    MISSING: gettext_lazy("over, not submitted"),
    "held": gettext_lazy("over"),
}

# States in which the roll of a session still has to be submitted or corrected.
UNFINISHED = {RollDue.TODAY, RollDue.DUE, OVERDUE, MISSING, REOPENED}
# States of which somebody reminds the clerk.
CHASED = UNFINISHED - {RollDue.TODAY}


def session_filters(asked: ListRequest) -> Filters:
    """For sessions: school, time, the audience of the class, and the state of the roll."""
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
    # Unfinished sessions of last year remain listed after 1 January, unless a time is chosen.
    days = days_asked(asked, "held_on")
    if any(day_filter.value for day_filter in days) and not asked.query.get("year"):
        year = replace(without_year(replace(year, condition=None), _("all years")), words="")
    elif not asked.query.get("year") and not part.value:
        this_year = Q(held_on__year=int(year.value))
        year = replace(year, condition=this_year | Q(due=RollDue.DUE), audit_text=OPEN_YEAR)
        year = without_year(year, str(OPEN_YEAR_LABEL))
        if state.value in UNFINISHED:
            year = replace(without_year(year, _("all years")), words="")
    # A roll is asked of the school that holds the class, so figures of such rolls count there.
    school = sharing_school_filter(asked)
    if state.value in CHASED:
        school = school_filter(asked, "training_class__school")
        state = replace(state, condition=conditions[state.value] & Q(is_guest=False))
    audience = audience_filter(asked, path="training_class__audience")
    title = title_filter(asked, "training_class__")
    return Filters([title, school, year, part, *days, audience, state])


def walk_in_filters(asked: ListRequest) -> Filters:
    """For walk-ins without a member: the school that holds the class, and the year, or all."""
    year = year_filter(asked, "session__held_on__year")
    if not asked.query.get("year"):
        year = replace(without_year(replace(year, condition=None), _("all years")), words="")
    return Filters([school_filter(asked, "session__training_class__school"), year])


def title_filter(asked: ListRequest, path: str = "") -> Filter:
    """Search by part of a class's title or the start of its number; `path` leads to the class."""
    text = asked.text("title")
    condition = Q(**{f"{path}title__icontains": text}) | Q(**{f"{path}code__startswith": text})
    return search(asked, _("Title or number of the class"), condition, name="title")

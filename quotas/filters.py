"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filters, ListRequest, choose
from config.lib.year_filters import year_filter
from quotas.enums import TO_DECIDE, ClaimState
from quotas.permissions import own_claims, sets_tasks
from quotas.queries.progress import lines_of
from schools.filters import school_filter

CLAIM_STATES = dict(ClaimState.choices) | {TO_DECIDE: gettext_lazy("waiting for my decision")}
WARNED = {"schools": gettext_lazy("schools"), "members": gettext_lazy("members")}


def claim_filters(asked: ListRequest) -> Filters:
    """For claims: the year, the school, the state, or those on which the person decides."""
    states = {value: str(label) for value, label in CLAIM_STATES.items()}
    conditions = {value: Q(state=value) for value in states}
    if not sets_tasks(asked.user):
        del states[TO_DECIDE]
    elif asked.query.get("claim_state") == TO_DECIDE:
        of_others = ~own_claims(asked.user, asked.today)
        conditions[TO_DECIDE] = Q(state=ClaimState.SUBMITTED) & of_others
    state = choose(
        asked,
        "claim_state",
        _("State"),
        states,
        conditions=conditions,
        any_label=_("all states"),
    )
    return Filters([year_filter(asked, "year"), school_filter(asked, "school"), state])


def warning_filters(asked: ListRequest) -> Filters:
    """For warnings: the year, the school, and who was warned."""
    warned = choose(
        asked,
        "warned",
        _("Who was warned"),
        {value: str(label) for value, label in WARNED.items()},
        conditions={"schools": Q(member=None), "members": Q(member__isnull=False)},
        any_label=_("everybody"),
    )
    return Filters([year_filter(asked, "year"), school_filter(asked, "school"), warned])


def progress_filters(asked: ListRequest) -> Filters:
    """For the progress: the year, the school, and the line that is shown in all its parts."""
    year = year_filter(asked)
    options = {line.code: line.label for line in lines_of(int(year.value))}
    line = choose(
        asked, "task_line", _("Line of the task"), options, default=next(iter(options), "")
    )
    return Filters([year, school_filter(asked), line])

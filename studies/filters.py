"""The filters of this app's lists: their choices and the conditions on rows."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filter, Filters, ListRequest, choose
from config.lib.year_filters import part_filter, without_year, year_filter
from schools.filters import organisation_filter, school_filter
from schools.models import Organisation
from schools.permissions import sees_schools
from studies.enums import SENT_STUDIES, WAITING_STUDIES, StudyKind, StudyState
from studies.models import Study
from studies.permissions import serves_organisations

# States by which records can be filtered; those waiting for the user come first.
REVIEW, RETURNED = "review", "returned"
# Several states together: those that wait for anybody's review, and all that were not taken back.
WAITING, SENT = "waiting", "sent"
STUDY_STATE_LABELS = {
    REVIEW: gettext_lazy("waits for my review"),
    RETURNED: gettext_lazy("returned to me"),
    WAITING: gettext_lazy("waits for somebody's review"),
    SENT: gettext_lazy("sent to review or approved"),
    **dict(StudyState.choices),
}
RECORDER_LABELS = {"me": gettext_lazy("me")}


def _school(asked: ListRequest) -> Filter:
    """The school that serves the organisation today; those who see one school need not choose."""
    school = school_filter(asked)
    if not school.value or not asked.query.get("school"):
        return school
    served = Organisation.objects.for_school(int(school.value), asked.today)
    return replace(school, condition=Q(organisation__in=served.values("pk")))


def study_filters(asked: ListRequest) -> Filters:
    """For records of study: school, organisation, year and its part, kind, state, and recorder.

    Records waiting for somebody are shown for all years, unless a year is chosen.
    """
    on = asked.today
    conditions = {value: Q(state=value) for value in StudyState.values} | {
        REVIEW: Q(pk__in=Study.objects.to_review_by(asked.user, on).values("pk")),
        RETURNED: Q(pk__in=Study.objects.returned_to(asked.user).values("pk")),
        WAITING: Q(state__in=WAITING_STUDIES),
        SENT: Q(state__in=SENT_STUDIES),
    }
    state = choose(
        asked,
        "progress",
        _("State"),
        {value: str(label) for value, label in STUDY_STATE_LABELS.items()},
        conditions=conditions,
        any_label=_("all states"),
    )
    year = chosen_year = year_filter(asked, "held_on__year")
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
        items.insert(0, _school(asked))
        items.insert(1, organisation_filter(asked, chosen_year, "organisation"))
    if serves_organisations(asked.user):
        items.append(recorder)
    return Filters(items)


def themed_day_filters(asked: ListRequest) -> Filters:
    """For themed days: the year, the school, and a month without one."""
    months = {str(month): str(MONTHS[month]) for month in range(1, 13)}
    missing = choose(asked, "without_day", _("Not held in"), months, any_label=_("no matter"))
    return Filters([year_filter(asked), school_filter(asked), missing])

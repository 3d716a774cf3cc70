"""Lists of this app: the rows that a user may see, narrowed by filters."""

from __future__ import annotations

from django.db.models import Case, QuerySet, Value, When

from config.lib.filters import Filters, ListRequest
from instructors.enums import NominationState
from instructors.models import AppointmentLetter, Nomination

_WAITING_FIRST = Case(When(state=NominationState.WAITING, then=Value(0)), default=Value(1))


def nominations(asked: ListRequest, filters: Filters) -> QuerySet[Nomination]:
    """Nominations, those that wait first, then the newest first."""
    rows = filters.apply(Nomination.objects.visible_to(asked.user, asked.today))
    rows = rows.select_related("school", "nominated_by", "decided_by")
    return rows.order_by(_WAITING_FIRST, "-nominated_at", "-id")


def letters(asked: ListRequest, filters: Filters) -> QuerySet[AppointmentLetter]:
    """Letters of appointment, the last to end first."""
    rows = filters.apply(AppointmentLetter.objects.visible_to(asked.user, asked.today))
    rows = rows.select_related("instructor__nominated_by").with_state(asked.today)
    return rows.order_by("-period__endswith", "number")

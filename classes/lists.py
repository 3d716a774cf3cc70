"""Lists of this app: the rows that a user may see, narrowed by filters.

A page shows them in parts, an export shows all of them.
"""

from __future__ import annotations

from django.db.models import QuerySet

from classes.models import SupervisionNote
from config.lib.filters import Filters, ListRequest
from courses.models import TrainingClass
from hours.queries.members import BY_ORGANISATION, MemberLines
from schools.filters import chosen_organisation


def supervision_notes(asked: ListRequest, filters: Filters) -> QuerySet:
    """Current versions of supervision notes, latest session first."""
    rows = SupervisionNote.objects.visible_to(asked.user, asked.today).current()
    return (
        filters.apply(rows)
        .select_related("session__training_class__school", "session__course", "supervisor")
        .order_by("-session__held_on", "-session__starts_at", "-id")
    )


def roster_candidates(
    asked: ListRequest, filters: Filters, training_class: TrainingClass
) -> MemberLines:
    """Members of the class's school whom the class could take."""
    return MemberLines(
        school_ids=[training_class.school_id],
        year=asked.today.year,
        on=asked.today,
        outcome=filters.value("outcome"),
        text=filters.value("q"),
        audience=filters.value("audience"),
        organisation_ids=chosen_organisation(filters).ids,
        order=BY_ORGANISATION,
    )

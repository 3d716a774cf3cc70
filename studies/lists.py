"""The lists of this app: the rows that the user may see, narrowed by filters.

A page shows them in parts; an export contains all of them.
"""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from config.lib.filters import Filters, ListRequest
from config.lib.years import day_of_judgement
from schools.enums import OrganisationKind
from schools.models import Organisation
from studies.enums import ReviewVerdict
from studies.models import Study, StudyParticipant, StudyReview, StudySubmission
from studies.queries.themed_days import has_held


def studies(asked: ListRequest, filters: Filters) -> QuerySet:
    """Records of study that the user may see, latest first.

    Annotated with `people` (number of participants), `next_step`, `waits_since` (time of the last
    submission) and `return_reason` (why a draft was returned).
    """
    submissions = StudySubmission.objects.filter(study=OuterRef("pk")).order_by("-round")
    returned = StudyReview.objects.filter(
        study=OuterRef("pk"), round=OuterRef("round"), verdict=ReviewVerdict.RETURNED
    )
    people = StudyParticipant.objects.filter(study=OuterRef("pk")).values("study")
    rows = Study.objects.visible_to(asked.user, asked.today).with_next_step(asked.today)
    return (
        filters.apply(rows)
        .select_related("organisation", "recorded_by")
        .annotate(
            people=Coalesce(Subquery(people.annotate(n=Count("pk")).values("n")), 0),
            waits_since=Subquery(submissions.values("submitted_at")[:1]),
            return_reason=Subquery(returned.values("reason")[:1]),
        )
        .order_by("-held_on", "-id")
    )


def branches(asked: ListRequest, filters: Filters) -> QuerySet[Organisation]:
    """Branches that existed on the day of judgement of the chosen year, by code.

    A chosen month keeps those that held no themed day in it.
    """
    year, on = int(filters.value("year")), asked.today
    as_of = day_of_judgement(year, on)
    rows = Organisation.objects.in_force(as_of).filter(kind=OrganisationKind.BRANCH)
    rows = rows.with_members_visible_to(asked.user, on, as_of)
    if filters.value("school"):
        rows = rows.for_school(int(filters.value("school")), as_of)
    if month := filters.value("without_day"):
        rows = rows.exclude(has_held(year, int(month)))
    return rows.order_by("code", "pk")

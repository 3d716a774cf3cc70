"""Which branches held their themed Party day in which month. Two statements for a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import ExtractMonth

from schools.models import Organisation
from studies.enums import SENT_STUDIES, StudyKind
from studies.models import Study


@dataclass(frozen=True)
class BranchYear:
    """A branch with the number of its themed days by month, January first."""

    branch: Organisation
    days: list[int]


def _held(year: int, month: int | None = None) -> QuerySet[Study]:
    rows = Study.objects.filter(
        kind=StudyKind.THEMED_DAY, state__in=SENT_STUDIES, held_on__year=year
    )
    return rows.filter(held_on__month=month) if month else rows


def has_held(year: int, month: int) -> Exists:
    """The condition that an organisation held a themed day in that month."""
    return Exists(_held(year, month).filter(organisation=OuterRef("pk")))


def with_days(branches: Collection[Organisation], year: int) -> list[BranchYear]:
    """These branches with their themed days. One statement."""
    rows = (
        _held(year)
        .filter(organisation__in=[branch.pk for branch in branches])
        .annotate(month=ExtractMonth("held_on"))
        .order_by()
        .values_list("organisation", "month")
        .annotate(Count("pk"))
    )
    counts: Counter[tuple[int, int]] = Counter()
    for organisation, month, count in rows:
        counts[organisation, month] = count
    return [
        BranchYear(branch, [counts[branch.pk, month] for month in range(1, 13)])
        for branch in branches
    ]


def months_due(year: int, on: date) -> int:
    """How many months of `year` have begun by the day `on`."""
    if on.year == year:
        return on.month
    return 12 if on.year > year else 0

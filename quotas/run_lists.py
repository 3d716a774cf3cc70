"""Lists about a reconciliation: what a user may see of it, narrowed by filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from config.lib.filters import Filters, ListRequest
from quotas.models import MemberResult
from quotas.queries.claim_differences import ClaimDifference, ClaimDifferences
from quotas.queries.results import Sums, sum_results
from quotas.queries.run_differences import Differences
from quotas.queries.statements import schools_of_run
from quotas.querysets import MemberResultQuerySet
from quotas.run_filters import find_run
from schools.filters import OUTSIDE, holds_outside
from schools.models import School


def results(asked: ListRequest, filters: Filters) -> MemberResultQuerySet:
    """Results of members by name: persons are not ranked."""
    rows = filters.apply(MemberResult.objects.visible_to(asked.user, asked.today))
    rows = rows.select_related("member", "organisation", "school")
    return rows.order_by("member__name_pinyin", "member")


def sums(asked: ListRequest, filters: Filters) -> list[Sums]:
    """The sums of each organisation, by code."""
    rows = filters.apply(MemberResult.objects.visible_to(asked.user, asked.today))
    return sum_results(rows, "organisation")


@dataclass(frozen=True)
class _Seen:
    schools: list[School]
    outside: bool


def _seen(asked: ListRequest, filters: Filters) -> _Seen:
    """The chosen school or all that the user may see, and whether members of none count."""
    schools = School.objects.visible_to(asked.user, asked.today)
    chosen = filters.value("school")
    if chosen == OUTSIDE:
        return _Seen([], outside=True)
    rows = schools.filter(pk=chosen) if chosen else schools
    return _Seen(list(rows.order_by("code")), holds_outside(asked, filters))


def differences(asked: ListRequest, filters: Filters) -> Any:
    """Members whose result differs between two runs; none if there is no other run."""
    run, beside = filters.value("run"), filters.value("beside")
    if not run or not beside:
        return []
    seen = _seen(asked, filters)
    return Differences(
        int(run),
        int(beside),
        [school.pk for school in seen.schools],
        outside=seen.outside,
        changed=filters.value("changed"),
    )


def claim_differences(asked: ListRequest, filters: Filters) -> list[ClaimDifference]:
    """Results beside the accepted claims, of the schools of the run's year.

    A run of one school alone is about that one.
    """
    run = find_run(filters)
    if run is None:
        return []
    seen, of_run = _seen(asked, filters), {school.pk for school in schools_of_run(run)}
    schools = [school for school in seen.schools if school.pk in of_run]
    return ClaimDifferences(run, schools, asked.now, outside=seen.outside).rows()

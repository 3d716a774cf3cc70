"""The runs of a year as their pages list them, and the sums of one of them level by level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from quotas.models import MemberResult, Reconciliation, ReconciliationPart
from quotas.queries.results import Sums, sum_all, sum_results
from schools.filters import OUTSIDE, OUTSIDE_AREAS


def list_runs(user: User, on: date) -> QuerySet[Any]:
    """Runs that `user` may see, the newest first, with `members`, `done` and `total` of the parts
    that they see, and whether results are kept (`has_results`).
    """
    parts = ReconciliationPart.objects.visible_to(user, on).filter(reconciliation=OuterRef("pk"))
    grouped = parts.order_by().values("reconciliation")
    return (
        Reconciliation.objects.visible_to(user, on)
        .select_related("started_by", "discarded_by", "lock", "job")
        .annotate(
            members=Subquery(grouped.annotate(n=Sum("members")).values("n")),
            done=Subquery(grouped.annotate(n=Count("pk", filter=_DONE)).values("n")),
            total=Subquery(grouped.annotate(n=Count("pk")).values("n")),
            has_results=Exists(MemberResult.objects.filter(reconciliation=OuterRef("pk"))),
        )
    )


_DONE = Q(done_at__isnull=False)


@dataclass(frozen=True)
class SumLine:
    """One line of sums: its name, the page below it if any, and the list of its members."""

    name: str
    sums: Sums
    below: str
    members: str


@dataclass(frozen=True)
class Level:
    """The sum of all lines of a level, which must be the same on every one."""

    name: str
    lines: int
    members: int
    met: int
    done: object


def school_lines(run: Reconciliation, results: QuerySet[MemberResult]) -> list[SumLine]:
    """The sums of each school; those outside every school's area come last."""
    made = []
    for line in sum_results(results, "school"):
        school = line.key if line.key is not None else OUTSIDE
        query = urlencode({"run": run.pk, "school": school})
        made.append(
            SumLine(
                line.name or str(OUTSIDE_AREAS),
                line,
                f"{reverse('quotas:sums')}?{query}",
                f"{reverse('quotas:results')}?{query}",
            )
        )
    return made


def whole_line(run: Reconciliation, results: QuerySet[MemberResult]) -> SumLine:
    """The sums of all results that the person sees."""
    query = urlencode({"run": run.pk})
    return SumLine(_("All together"), sum_all(results), "", f"{reverse('quotas:results')}?{query}")


def list_levels(
    lines: list[SumLine], whole: SumLine, results: QuerySet[MemberResult]
) -> list[Level]:
    """Members, organisations and schools, each summed by itself. One statement more."""
    branches = sum_results(results, "organisation")
    schools = [line.sums for line in lines]
    members = whole.sums
    return [
        Level(
            _("Members, one by one"), members.members, members.members, members.met, members.done
        ),
        _level(_("Organisations"), branches),
        _level(_("Schools"), schools),
    ]


def _level(name: str, sums: list[Sums]) -> Level:
    return Level(
        name,
        len(sums),
        sum(line.members for line in sums),
        sum(line.met for line in sums),
        sum(line.done for line in sums),
    )

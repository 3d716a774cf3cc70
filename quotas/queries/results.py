"""What a reconciliation finds of the members of one school: the statement of the member page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from config.lib.hours import ZERO
from config.lib.years import is_over
from hours.queries.requirements import HOURS_DONE, OWED_BY_MANY, TRAINED, VERDICT_SQL, Outcome
from quotas.models import MemberResult, Reconciliation
from schools.enums import Audience
from trainees.queries.audiences import audience_sql

# The columns of a result, in the order of _FOUND.
COLUMNS = """
member_id, organisation_id, school_id, membership_status, exemption, audience, owed, done,
concentrated, collective, trainings, trained, verdict, rule_id, rule_group, rule_version, months
"""
_AUDIENCE = "CASE {whens} ELSE 'ordinary' END".format(
    whens=" ".join(
        f"WHEN {audience_sql(audience, 'owed.member_id')} THEN '{audience}'"
        for audience in (Audience.SECRETARIES, Audience.AFFAIRS_WORKERS)
    )
)
_VERDICT = f"""
CASE WHEN {VERDICT_SQL[Outcome.OUT]} THEN 'out' WHEN {VERDICT_SQL[Outcome.EXEMPT]} THEN 'exempt'
     WHEN {VERDICT_SQL[Outcome.MET].replace(TRAINED, "attended.trained")} THEN 'met'
     WHEN %(is_over)s THEN 'short' ELSE 'not_yet_due' END
"""
# The members of %(school)s on the day of judgement, or with NULL those outside every school's area;
# their entries of the year are read member by member, in the order of the covering index.
_FOUND = f"""
WITH chosen AS MATERIALIZED (
    SELECT ms.member_id AS id FROM trainees_membership ms
    LEFT JOIN schools_placement place
           ON place.organisation_id = ms.organisation_id AND place.period @> %(as_of)s::date
    LEFT JOIN schools_schoolarea area
           ON area.township_id = place.township_id AND area.period @> %(as_of)s::date
    WHERE ms.period @> %(as_of)s::date AND area.school_id IS NOT DISTINCT FROM %(school)s::bigint
    ORDER BY ms.member_id
)
SELECT owed.member_id, owed.organisation_id, owed.school_id, owed.membership_status,
       coalesce(owed.exemption, ''), {_AUDIENCE}, owed.owed, coalesce(done.hours, 0),
       coalesce(done.concentrated, 0), coalesce(done.collective, 0), owed.trainings,
       attended.trained, {_VERDICT}, owed.rule_id, owed.rule_group, owed.rule_version, owed.parts
FROM ({OWED_BY_MANY}) owed
LEFT JOIN (
    SELECT member_id, {HOURS_DONE},
           sum(hours) FILTER (WHERE category = 'collective') AS collective
    FROM hours_creditentry
    WHERE credit_year = %(year)s AND member_id IN (SELECT id FROM chosen)
    GROUP BY member_id
) done ON done.member_id = owed.member_id
CROSS JOIN LATERAL (SELECT {TRAINED} AS trained OFFSET 0) attended  -- counted once, not twice
"""  # noqa: S608 - fixed text, no input
_STORE = f"""
INSERT INTO quotas_memberresult (reconciliation_id, {COLUMNS})
SELECT %(reconciliation)s, found.* FROM ({_FOUND} ORDER BY owed.member_id) found
"""  # noqa: S608 - fixed text, no input
# Members whose result differs from what is found now, or who are on one side alone.
_MOVED = f"""
WITH stored AS (
    SELECT {COLUMNS} FROM quotas_memberresult
    WHERE reconciliation_id = %(reconciliation)s
      AND school_id IS NOT DISTINCT FROM %(school)s::bigint
), found ({COLUMNS}) AS ({_FOUND})
SELECT member_id FROM (SELECT * FROM stored EXCEPT SELECT * FROM found) gone
UNION
SELECT member_id FROM (SELECT * FROM found EXCEPT SELECT * FROM stored) new
"""  # noqa: S608 - fixed text, no input


def _values(run: Reconciliation, school_id: int | None, on: date) -> dict[str, Any]:
    return {
        "reconciliation": run.pk,
        "school": school_id,
        "year": run.year,
        "as_of": run.as_of,
        "is_over": is_over(run.year, on),
    }


def store_results(run: Reconciliation, school_id: int | None, on: date) -> int:
    """Compute and store the results of a school's members; returns how many. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE, _values(run, school_id, on))
        return int(cursor.rowcount)


def list_moved(run: Reconciliation, school_id: int | None, on: date) -> list[int]:
    """The members of a school of whom another result is found than the run stored."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, _values(run, school_id, on))
        return [row[0] for row in cursor.fetchall()]


def list_moved_in_closed_years() -> list[int]:
    """The members whose result under a lock that holds is no longer what the rows say.

    A check of `verify_ledger`: neither hours nor facts of a closed year move, so nothing is found.
    """
    runs = Reconciliation.objects.final().filter(lock__released_at=None, computed_at__isnull=False)
    return [
        member
        for run in runs
        for part in run.parts.order_by("pk")
        for member in list_moved(run, part.school_id, date(run.year + 1, 1, 1))
    ]


@dataclass(frozen=True)
class Sums:
    """Sums of results: of a school or an organisation (`key`), or of all of them."""

    key: int | None
    code: str
    name: str
    members: int
    counted: int
    met: int
    exempt: int
    out: int
    owed: Decimal
    done: Decimal
    concentrated: Decimal
    collective: Decimal

    @property
    def other(self) -> Decimal:
        """Hours done that are neither concentrated training nor collective study."""
        return self.done - self.concentrated - self.collective

    @property
    def not_met(self) -> int:
        """The number of members counted who did not reach what they owe."""
        return self.counted - self.met


_COUNTED = Q(verdict__in=[Outcome.MET, Outcome.SHORT, Outcome.NOT_YET_DUE])
_SUMS = {
    "members": Count("pk"),
    "counted": Count("pk", filter=_COUNTED),
    "met": Count("pk", filter=Q(verdict=Outcome.MET)),
    "exempt": Count("pk", filter=Q(verdict=Outcome.EXEMPT)),
    "out": Count("pk", filter=Q(verdict=Outcome.OUT)),
    "all_owed": Sum("owed", filter=_COUNTED, default=ZERO),
    "all_done": Sum("done", default=ZERO),
    "all_concentrated": Sum("concentrated", default=ZERO),
    "all_collective": Sum("collective", default=ZERO),
}


def sum_results(results: QuerySet[MemberResult], by: str) -> list[Sums]:
    """The sums of results by `school` or `organisation`, by code. One statement."""
    code, name = f"{by}__code", f"{by}__name"
    rows = results.values(by, code, name).annotate(**_SUMS).order_by(code)
    return [_sums(row, row[by], row[code] or "", row[name] or "") for row in rows]


def sum_all(results: QuerySet[MemberResult]) -> Sums:
    """The sums of all these results. One statement."""
    return _sums(results.aggregate(**_SUMS), None)


def _sums(row: dict[str, Any], key: int | None, code: str = "", name: str = "") -> Sums:
    counts = {field: row[field] for field in ("members", "counted", "met", "exempt", "out")}
    hours = {f: row[f"all_{f}"] for f in ("owed", "done", "concentrated", "collective")}
    return Sums(key, code, name, **counts, **hours)

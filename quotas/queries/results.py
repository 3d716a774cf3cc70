"""What a reconciliation finds of members: the statement of the member page, over the ledger.

It reads the ledger and the facts themselves, never what `hours/queries/balances.py` reads: a final
result is a snapshot under the lock of its year and must not rest on a cache.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from config.lib.hours import ZERO
from config.lib.periods import local_date
from config.lib.rows import select_column, select_map
from config.lib.sql_steps import Once, with_steps
from config.lib.years import is_over
from hours.enums import BalanceVerdict
from hours.queries.requirements import (
    AUDIENCE,
    EVERYBODY,
    HOLDER,
    HOURS_DONE,
    MANY_CHOSEN,
    TRAINED,
    VERDICT,
    Outcome,
    facts_of,
    owed_steps,
)
from quotas.models import MemberResult, Reconciliation

# The columns of a result, as the statement finds them.
COLUMNS = """
member_id, organisation_id, school_id, membership_status, exemption, audience, owed, done,
concentrated, collective, trainings, trained, verdict, rule_id, rule_group, rule_version, months
"""
# The members of %(schools)s on the day of judgement, and if %(outside)s those outside all areas.
_CHOSEN = Once("""
SELECT ms.member_id AS id FROM trainees_membership ms
LEFT JOIN schools_placement place
       ON place.organisation_id = ms.organisation_id AND place.period @> %(as_of)s::date
LEFT JOIN schools_schoolarea area
       ON area.township_id = place.township_id AND area.period @> %(as_of)s::date
WHERE ms.period @> %(as_of)s::date
  AND (area.school_id = ANY(%(schools)s::bigint[]) OR %(outside)s AND area.school_id IS NULL)
ORDER BY ms.member_id
""")
# The covering index is read once, in its order, so each member's entries are added up as they come.
_DONE = f"""
SELECT member_id, {HOURS_DONE}, sum(hours) FILTER (WHERE category = 'collective') AS collective
FROM (SELECT member_id, category, hours FROM hours_creditentry
      WHERE credit_year = %(year)s AND {{of}} ORDER BY member_id) entry
GROUP BY member_id
"""  # noqa: S608 - fixed text, no input
# OFFSET 0 keeps trainings from being counted for the verdict once more.
_JUDGED = f"""
SELECT owed.member_id, owed.organisation_id, owed.school_id, owed.membership_status,
       coalesce(owed.exemption, '') AS exemption,
       {AUDIENCE} AS audience,
       owed.owed, coalesce(done.hours, 0) AS hours,
       coalesce(done.concentrated, 0) AS concentrated,
       coalesce(done.collective, 0) AS collective, owed.trainings, {TRAINED} AS trained,
       owed.rule_id, owed.rule_group, owed.rule_version, owed.parts
FROM owed
LEFT JOIN done ON done.member_id = owed.member_id
LEFT JOIN holder ON holder.member_id = owed.member_id
OFFSET 0
"""  # noqa: S608 - fixed text, no input
# With the columns of a result, in their order.
_FOUND = f"""
SELECT judged.member_id, organisation_id, school_id, membership_status, exemption, audience, owed,
       hours AS done, concentrated, collective, trainings, trained,
       coalesce(nullif({VERDICT}, '{BalanceVerdict.UNREACHED}'),
                CASE WHEN %(is_over)s THEN '{Outcome.SHORT}' ELSE '{Outcome.NOT_YET_DUE}' END)
       AS verdict, rule_id, rule_group, rule_version, parts AS months
FROM judged
"""  # noqa: S608 - fixed text, no input


def _found_steps(of: str) -> dict[str, str]:
    """The steps to `found`, the results of these members."""
    return {
        **owed_steps(facts_of(of)),
        "done": _DONE.format(of=of),
        "holder": HOLDER,
        "judged": _JUDGED,
        "found": _FOUND,
    }


# In the order of the members, which is that of the key of the results.
_STORED = f"""
WITH stored AS (
    INSERT INTO quotas_memberresult (reconciliation_id, {COLUMNS})
    SELECT %(reconciliation)s, found.* FROM ({{found}}) found
    RETURNING school_id
)
SELECT school_id, count(*) FROM stored GROUP BY school_id
"""  # noqa: S608 - fixed text, no input
_IN_ORDER = "SELECT * FROM found ORDER BY member_id"
_STORE_CHOSEN = _STORED.format(
    found=with_steps({"chosen": _CHOSEN} | _found_steps(MANY_CHOSEN), _IN_ORDER)
)
_STORE_ALL = _STORED.format(found=with_steps(_found_steps(EVERYBODY), _IN_ORDER))
# Members whose result differs from what is found now, or who are on one side alone.
_MOVED = f"""
WITH stored AS (
    SELECT {COLUMNS} FROM quotas_memberresult WHERE reconciliation_id = %(reconciliation)s
), found AS ({with_steps(_found_steps(EVERYBODY), f"SELECT {COLUMNS} FROM found")})
SELECT member_id FROM (SELECT * FROM stored EXCEPT SELECT * FROM found) gone
UNION
SELECT member_id FROM (SELECT * FROM found EXCEPT SELECT * FROM stored) new
"""  # noqa: S608 - fixed text, no input


def _values(run: Reconciliation) -> dict[str, Any]:
    """Whether the year is over is asked of the beginning, as `as_of` is: parts take their time."""
    return {
        "reconciliation": run.pk,
        "year": run.year,
        "as_of": run.as_of,
        "is_over": is_over(run.year, local_date(run.started_at)),
    }


def store_results(run: Reconciliation, school_ids: Collection[int | None]) -> Counter[int | None]:
    """Compute and store the results of the members of these schools; None is outside all areas.

    Returns how many each school has. One statement, which looks at all memberships once.
    """
    chosen = {
        "schools": [key for key in school_ids if key is not None],
        "outside": None in school_ids,
    }
    return Counter(select_map(_STORE_CHOSEN, _values(run) | chosen))


def store_all_results(run: Reconciliation) -> Counter[int | None]:
    """The same for everybody at once. One statement, which reads the ledger in its order."""
    return Counter(select_map(_STORE_ALL, _values(run)))


def list_moved(run: Reconciliation) -> list[int]:
    """The members of whom another result is found than the run of all schools stored."""
    return select_column(_MOVED, _values(run))


def list_moved_in_closed_years() -> list[int]:
    """The members whose result under a lock that holds is no longer what the rows say.

    A check of `verify_ledger`: neither hours nor facts of a closed year move, so nothing is found.
    """
    runs = Reconciliation.objects.final().filter(lock__released_at=None, computed_at__isnull=False)
    return [member for run in runs for member in list_moved(run)]


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

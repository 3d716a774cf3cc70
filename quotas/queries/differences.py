"""What differs between two reconciliations of a year, member by member."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from quotas.models import Reconciliation

# Members whose results differ in what a statement rests on, or who are on one side alone. With
# %(school)s NULL of the whole district, else those of the school on either side.
_DIFFERENT = """
FROM (SELECT * FROM quotas_memberresult WHERE reconciliation_id = %(before)s) b
FULL JOIN (SELECT * FROM quotas_memberresult WHERE reconciliation_id = %(after)s) a
       ON a.member_id = b.member_id
JOIN trainees_member m ON m.id = coalesce(a.member_id, b.member_id)
WHERE (a.school_id, a.organisation_id, a.audience, a.owed, a.done, a.concentrated, a.trained,
       a.verdict) IS DISTINCT FROM
      (b.school_id, b.organisation_id, b.audience, b.owed, b.done, b.concentrated, b.trained,
       b.verdict)
  AND (%(school)s::bigint IS NULL OR %(school)s IN (a.school_id, b.school_id))
"""
_LIST = f"""
SELECT m.id, m.name, m.number, b.owed, a.owed, b.done, a.done, b.verdict, a.verdict {_DIFFERENT}
ORDER BY m.number, m.id LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True)
class Difference:
    """A member whose result differs; None on the side that has no result of them."""

    member_id: int
    name: str
    number: str
    owed_before: Decimal | None
    owed_after: Decimal | None
    done_before: Decimal | None
    done_after: Decimal | None
    verdict_before: str | None
    verdict_after: str | None


def count_differences(before: Reconciliation, after: Reconciliation, school_id: int | None) -> int:
    """How many members have another result, of a school or of all. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_DIFFERENT}", _values(before, after, school_id))
        return int(cursor.fetchone()[0])


def list_differences(
    before: Reconciliation, after: Reconciliation, school_id: int | None, offset: int, limit: int
) -> list[Difference]:
    """Members with another result, by number: `limit` of them after `offset`. One statement."""
    values = _values(before, after, school_id) | {"offset": offset, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_LIST, values)
        return [Difference(*row) for row in cursor.fetchall()]


def _values(before: Reconciliation, after: Reconciliation, school_id: int | None) -> dict[str, Any]:
    return {"before": before.pk, "after": after.pk, "school": school_id}

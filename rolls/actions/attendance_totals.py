"""Settling the totals of attendances, with the balances of the same members.

As settling balances, this writes nothing that the marks do not say; nobody has to trust it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from hours.queries.requirements import THESE
from rolls.queries.attendances import COUNTED_OF_ALL, COUNTED_OF_THESE, days_of_year

_KEY = "year, school_id, member_id, organisation_id"
# Only rows that differ are written.
_SETTLE = f"""
WITH counted AS MATERIALIZED ({{counted}}), gone AS (
    DELETE FROM rolls_attendancetotal kept WHERE year = %(year)s AND {{of}} AND NOT EXISTS (
        SELECT FROM counted WHERE (counted.school_id, counted.member_id, counted.organisation_id)
                                = (kept.school_id, kept.member_id, kept.organisation_id))
)
INSERT INTO rolls_attendancetotal AS kept ({_KEY}, times)
SELECT {_KEY}, times FROM counted ORDER BY {_KEY}
ON CONFLICT ({_KEY}) DO UPDATE SET times = excluded.times WHERE kept.times <> excluded.times
"""  # noqa: S608 - fixed text, no input
_SETTLE_ALL = _SETTLE.format(counted=COUNTED_OF_ALL, of="true")
_SETTLE_THESE = _SETTLE.format(counted=COUNTED_OF_THESE, of=THESE)


def settle_attendance_totals(year: int, members: list[int] | None) -> None:
    """Count the attendances of a year again, of these members or, without any, of everybody."""
    if members == []:
        return
    values: dict[str, Any] = days_of_year(year) | {"members": members}
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE_ALL if members is None else _SETTLE_THESE, values)

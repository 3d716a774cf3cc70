"""The list of members, and settling what it reads, beside hand-written SQL over the same rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib.periods import today
from hours.actions.balances import settle_balances
from hours.models import Balance, BalanceChange
from hours.queries.members import BY_ORGANISATION, MemberLines
from hours.queries.requirements import COUNTED, Outcome
from schools.models import School
from tests.bench.figures import Row, compare, require_truth
from tests.bench.limits import Limits

TURNS = 31
PAGE = 50
ONE_CLASS, BUSY_DAY = 50, 1000
HALF_DAY = 4
# What the list may be narrowed to; each page of it is full.
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "short, by organisation": {"outcome": Outcome.SHORT, "order": BY_ORGANISATION},
    "exempt": {"outcome": Outcome.EXEMPT},
    "secretaries who owe hours": {"outcome": COUNTED, "audience": "secretaries"},
}
# A page reads no more rows than this, whoever it is narrowed to and however many members there are.
MOST_ROWS = 100 * PAGE

_READ_PAGE = """
SELECT member.id, member.number, member.name, organisation.name, school.name, balance.exemption,
       balance.membership_status, balance.owed, balance.hours, balance.trainings, balance.trained,
       balance.concentrated,
       (SELECT sum(members) FROM hours_balancecount WHERE year = %(year)s) AS length
FROM hours_balance balance
JOIN trainees_member member ON member.id = balance.member_id
JOIN schools_organisation organisation ON organisation.id = balance.organisation_id
LEFT JOIN schools_school school ON school.id = balance.school_id
WHERE balance.year = %(year)s AND verdict <> 'none'
ORDER BY balance.name_pinyin, balance.member_id LIMIT 50
"""

_RECOUNT = """
UPDATE hours_balance balance
SET hours = coalesce(done.hours, 0), concentrated = coalesce(done.concentrated, 0),
    trained = coalesce(attended.trainings, 0)
FROM unnest(%(members)s) AS these (id)
LEFT JOIN (
    SELECT member_id, sum(hours) AS hours,
           sum(hours) FILTER (WHERE category = 'concentrated') AS concentrated
    FROM hours_creditentry WHERE credit_year = %(year)s AND member_id = ANY(%(members)s)
    GROUP BY member_id
) done ON done.member_id = these.id
LEFT JOIN (
    SELECT member_id, count(*) AS trainings FROM (
        SELECT entry.member_id FROM hours_creditentry entry
        JOIN hours_assessment a ON a.id = entry.assessment_id
        JOIN hours_source source ON source.id = a.source_id
        WHERE entry.credit_year = %(year)s AND entry.member_id = ANY(%(members)s)
          AND entry.category = 'concentrated'
        GROUP BY entry.member_id, source.training
        HAVING sum(entry.hours) > 0
           AND sum(sign(entry.hours) * a.gross_hours) >= %(half_day)s
    ) training GROUP BY member_id
) attended ON attended.member_id = these.id
WHERE balance.year = %(year)s AND balance.member_id = these.id
"""

# The totals of attendances of the same members, which are settled with the balances.
_COUNT_MARKS = """
INSERT INTO rolls_attendancetotal AS kept (year, school_id, member_id, organisation_id, times)
SELECT %(year)s, class.school_id, mark.member_id, mark.organisation_id, count(*)
FROM rolls_attendance mark
JOIN courses_session session ON session.id = mark.session_id
JOIN courses_trainingclass class ON class.id = session.training_class_id
JOIN classes_roll roll ON roll.session_id = session.id AND roll.state = 'submitted'
WHERE mark.member_id = ANY(%(members)s) AND mark.status IN ('present', 'late')
  AND session.held_on BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)
GROUP BY class.school_id, mark.member_id, mark.organisation_id
ON CONFLICT (year, school_id, member_id, organisation_id) DO UPDATE SET times = excluded.times
"""


def measure_balances(limits: Limits) -> list[Row]:
    """Compare the list's page with one statement, and settling with another."""
    on = today()
    settle_balances(on=on)
    values = {"year": on.year}
    rows = [
        compare(
            f"list of members, {name}",
            asked=3,
            turns=TURNS,
            limit=lambda: limits.read(_READ_PAGE, values)[0],
            ours=lambda narrowed=narrowed: _open(**narrowed),
        )
        for name, narrowed in FILTERS.items()
    ]
    return [*rows, *_look_at_plans(), *_measure_settling(limits)]


def _look_at_plans() -> Iterator[Row]:
    """How many rows a page reads, also while a class waits to be settled."""
    members = Balance.objects.filter(year=today().year).values_list("member_id", flat=True)
    waiting = {"settled": [], "a class waits": list(members[:ONE_CLASS])}
    for name, these in waiting.items():
        with transaction.atomic():
            BalanceChange.objects.create(year=today().year, members=these)
            read = max(_rows_read(**narrowed) for narrowed in FILTERS.values())
            transaction.set_rollback(True)
        yield require_truth(f"list, {name}: {read:,} rows read", is_true=read <= MOST_ROWS)


def _measure_settling(limits: Limits) -> Iterator[Row]:
    year = today().year
    balances = Balance.objects.filter(year=year).order_by("organisation_code", "pk")
    members = list(balances.values_list("member_id", flat=True)[:BUSY_DAY])
    for name, size in (("one class", ONE_CLASS), ("a busy day", BUSY_DAY)):
        values = {"year": year, "members": members[:size], "half_day": Decimal(HALF_DAY)}
        yield compare(
            f"balances settled after {name} ({size:,})",
            asked=2,
            turns=TURNS,
            limit=lambda values=values: limits.write(f"{_RECOUNT}; {_COUNT_MARKS}", values),
            ours=lambda values=values: _settle(values["members"]),
        )


def _list(**narrowed: Any) -> MemberLines:
    on = today()
    schools = list(School.objects.values_list("pk", flat=True))
    return MemberLines(school_ids=schools, year=on.year, on=on, outside=True, **narrowed)


def _open(**narrowed: Any) -> float:
    lines = _list(**narrowed)
    started = time.perf_counter()
    assert len(lines) >= len(lines[0:PAGE]) == PAGE
    return time.perf_counter() - started


def _settle(members: list[int]) -> float:
    """Settle hours of these members that were posted this year."""
    on = today()
    with transaction.atomic():
        BalanceChange.objects.create(year=on.year, members=members)
    started = time.perf_counter()
    assert settle_balances(on=on) == 1
    return time.perf_counter() - started


def _rows_read(**narrowed: Any) -> int:
    """The most rows that one node of the page's plan reads."""
    lines = _list(**narrowed)
    statement = lines._statement(is_whole=False)
    with connection.cursor() as cursor:
        values = {**lines._values, "reach": PAGE}
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement} LIMIT {PAGE}", values)
        [plan] = cursor.fetchone()[0]
    return max(
        int(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))
        for node in _nodes(plan["Plan"])
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)

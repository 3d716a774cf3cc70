"""Early warnings to schools and members who will fall short: each once a year, and logged."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from accounts.audit import record_act
from accounts.origin import Actor
from config.lib.hours import ZERO
from config.lib.lock_classes import LockClass
from config.lib.periods import in_force, local_date
from config.lib.rows import select_rows
from hours.forecast import FIRST_FORECAST_DAY, FORECAST_SQL
from hours.queries.balances import HAS, balance_source
from hours.queries.requirements import Outcome
from quotas.enums import Measure
from quotas.models import ShortfallWarning, TaskLine, WarningRule
from quotas.notices import tell_members, tell_school
from quotas.queries.progress import Progress, Standing, lines_of
from schools.models import School
from trainees.models import Member

# Members with an account who owe hours, are not on target, and whose pace leads below what they
# owe; those whom nobody warned this year.
_MEMBERS = f"""
SELECT balance.member_id, balance.school_id, balance.owed,
       {FORECAST_SQL.format(done="balance.hours")} AS expected
FROM {{balances}}
JOIN trainees_member member ON member.id = balance.member_id
JOIN accounts_user account ON account.id = member.user_id AND account.is_active
WHERE {HAS[Outcome.NOT_YET_DUE]}
  AND {FORECAST_SQL.format(done="balance.hours")} < balance.owed
  AND NOT EXISTS (SELECT FROM quotas_shortfallwarning given
                  WHERE given.year = %(year)s AND given.member_id = balance.member_id)
ORDER BY balance.member_id
"""  # noqa: S608 - fixed text, no input


class _Short(NamedTuple):
    """A member to warn, as `_MEMBERS` finds them."""

    member_id: int
    school_id: int | None
    owed: Decimal
    expected: Decimal


def warn_of_shortfalls(*, by: Actor, at: datetime) -> int:
    """Give the warnings that are due on this day by the rule, and return how many.

    Two runs at once wait for each other, so that nobody is told twice.
    """
    on = local_date(at)
    rule = WarningRule.objects.filter(in_force(on)).first()
    if rule is None or on.timetuple().tm_yday < FIRST_FORECAST_DAY:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [LockClass.ANNUAL_TASKS, on.year]
            )
        schools = _warn_schools(rule, at) if on.month >= rule.schools_from_month else 0
        members = _warn_members(on, at) if on.month >= rule.members_from_month else 0
        if schools or members:
            facts = {"year": on.year, "schools_warned": schools, "members_warned": members}
            record_act(act="warn_of_shortfalls", obj=rule, by=by, at=at, after=facts)
    return schools + members


def _warn_schools(rule: WarningRule, at: datetime) -> int:
    """One warning for each school and line whose projection is below what is tolerated."""
    on = local_date(at)
    lines = lines_of(on.year)
    if not lines:
        return 0
    schools = list(School.objects.in_force(on).order_by("code"))
    progress = Progress(schools, on.year, at)
    given = set(
        ShortfallWarning.objects.filter(year=on.year, member=None).values_list(
            "school", "measure", "audience", "module"
        )
    )
    due: defaultdict[School, list[tuple[TaskLine, Standing]]] = defaultdict(list)
    for school in schools:
        for line in lines:
            standing = progress.of_school(line, school)
            if (school.pk, *line.key) not in given and falls_short(standing, rule.tolerance):
                due[school].append((line, standing))
    for school, missed in due.items():
        told = tell_school(school, on.year, [_facts_of(*one) for one in missed], at=at)
        ShortfallWarning.objects.bulk_create(
            ShortfallWarning(
                year=on.year,
                school=school,
                measure=line.measure,
                audience=line.audience,
                module_id=line.module_id,
                expected=standing.expected or ZERO,
                due=standing.claimed or ZERO,
                told=told,
                given_at=at,
            )
            for line, standing in missed
        )
    return sum(len(missed) for missed in due.values())


def falls_short(standing: Standing, tolerance: int) -> bool:
    """Whether the projection is more than `tolerance` per cent below the claim."""
    if standing.claimed is None or standing.expected is None or standing.is_reached:
        return False
    return standing.expected < standing.claimed * (100 - Decimal(tolerance)) / 100


def _facts_of(line: TaskLine, standing: Standing) -> dict[str, str]:
    return {
        "measure": line.measure,
        "audience": line.audience,
        "module": line.module.name if line.module else "",
        "expected": str(standing.expected),
        "due": str(standing.claimed),
    }


def _warn_members(on: date, at: datetime) -> int:
    balances = balance_source(on.year, on)
    values: dict[str, Any] = {
        **balances.values,
        "gone": on.timetuple().tm_yday,
        "days": date(on.year, 12, 31).timetuple().tm_yday,
    }
    columns = "member_id, school_id, owed, hours, verdict"
    rows = select_rows(_Short, _MEMBERS.format(balances=balances.rows(columns)), values)
    if not rows:
        return 0
    keys = [row.member_id for row in rows]
    members = Member.objects.filter(pk__in=keys).select_related("user")
    tell_members(members, on.year, at=at)
    ShortfallWarning.objects.bulk_create(
        [
            ShortfallWarning(
                year=on.year,
                member_id=row.member_id,
                school_id=row.school_id,
                measure=Measure.HOURS,
                expected=row.expected,
                due=row.owed,
                told=1,
                given_at=at,
            )
            for row in rows
        ],
        batch_size=2000,
    )
    return len(rows)

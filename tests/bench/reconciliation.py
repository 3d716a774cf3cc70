"""The full reconciliation, beside the plain sum of the ledger and beside hand-written SQL.

The ledger of the year is first filled up to twenty entries a member by plain SQL. Of those entries
only the sums mean anything, so this is measured last.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import psycopg2
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts.enums import ActorChannel
from accounts.origin import Actor
from config.lib.periods import today
from quotas.actions.reconciliations import reconcile_parts, start_reconciliation
from quotas.models import MemberResult, Reconciliation
from quotas.queries.results import _STORE_ALL, COLUMNS, _values
from quotas.reconciliation_job import compute_all
from tests.bench.database import tell, vacuum
from tests.bench.figures import Row, compare, require_truth

TURNS = 9
ENTRIES = 20
BY = Actor(None, ActorChannel.COMMAND)

# Entries that nothing claims, until each member has as many as the year of a busy member.
_FILL = """
INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year, category,
    occurred_on, hours, assessment_id, reason, source_key, posted_at, posted_by_id)
SELECT counted.member_id, model.school_id, model.organisation_id, model.credit_year,
       (ARRAY['collective', 'online', 'activity'])[1 + mod(n, 3)],
       make_date(model.credit_year, 1, 1) + n, 1, model.assessment_id, '',
       'filled:' || counted.member_id || ':' || n, model.posted_at, model.posted_by_id
FROM (SELECT member.id AS member_id, count(entry.id) AS entries FROM trainees_member member
      LEFT JOIN hours_creditentry entry
             ON entry.member_id = member.id AND entry.credit_year = %(year)s
      GROUP BY member.id) counted
CROSS JOIN (SELECT * FROM hours_creditentry WHERE credit_year = %(year)s LIMIT 1) model
CROSS JOIN generate_series(1, %(entries)s) n
WHERE n > counted.entries ORDER BY n, counted.member_id
"""
_TABLE = "CREATE TABLE IF NOT EXISTS plain_sum (member_id bigint, category text, hours numeric)"
# The least that any reconciliation does: add up the ledger by member and category, and keep it.
_SUM = """
INSERT INTO plain_sum
SELECT member_id, category, sum(hours)
FROM (SELECT member_id, category, hours FROM hours_creditentry
      WHERE credit_year = %(year)s ORDER BY member_id) entry
GROUP BY member_id, category
"""
_HAND_WRITTEN = f"""
WITH changed AS (
    SELECT member_id FROM trainees_membership
    WHERE period && %(days)s AND NOT period @> %(days)s
    UNION SELECT member_id FROM trainees_exemption
    WHERE period && %(days)s AND NOT period @> %(days)s
    UNION SELECT member_id FROM trainees_post
    WHERE period && %(days)s AND NOT period @> %(days)s
      AND kind IN ('secretary', 'deputy_secretary', 'committee_member')
), days AS (
    SELECT member_id, coalesce(range_agg(period) FILTER (WHERE fact = 2), datemultirange()) AS led,
           coalesce(range_agg(period) FILTER (WHERE fact = 0), datemultirange()) AS belonged,
           coalesce(range_agg(period) FILTER (WHERE fact = 0), datemultirange())
           - coalesce(range_agg(period) FILTER (WHERE fact = 1), datemultirange()) AS duty
    FROM (SELECT 0 AS fact, member_id, period FROM trainees_membership
          WHERE membership_status = 'normal' AND period && %(days)s
          UNION ALL SELECT 1, member_id, period FROM trainees_exemption WHERE period && %(days)s
          UNION ALL SELECT 2, member_id, period FROM trainees_post
          WHERE kind IN ('secretary', 'deputy_secretary', 'committee_member')
            AND period && %(days)s) fact
    JOIN changed USING (member_id) GROUP BY member_id
), part AS (
    SELECT member_id, isempty(duty * datemultirange(%(days)s::daterange)) AS is_exempt,
           count(*) FILTER (WHERE duty @> month AND led @> month) AS led,
           floor(coalesce(sum(CASE WHEN led @> month THEN 56 ELSE 32 END)
                          FILTER (WHERE duty @> month),
                          max(CASE WHEN led @> month THEN 56 ELSE 32 END)
                          FILTER (WHERE belonged @> month), 0) / 6.0 + 0.5) / 2 AS owed,
           ('[' || coalesce(
               string_agg(CASE WHEN led @> month THEN of_leader ELSE of_member END, ','
                          ORDER BY month) FILTER (WHERE duty @> month),
               max(CASE WHEN led @> month THEN of_leader ELSE of_member END)
               FILTER (WHERE belonged @> month), 'null') || ']')::jsonb AS months
    FROM days
    CROSS JOIN (SELECT daterange(m::date, (m + interval '1 month')::date) AS month
                FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 month') m) months
    CROSS JOIN (
        SELECT max(text) FILTER (WHERE "group" = 'leading_post') AS of_leader,
               max(text) FILTER (WHERE "group" = 'every_member') AS of_member
        FROM (SELECT "group", jsonb_build_array("group", version, hours::text)::text AS text
              FROM hours_requirementrule WHERE period @> %(today)s) rule) rules
    GROUP BY member_id, duty
), judged AS MATERIALIZED (
    SELECT ms.member_id, ms.organisation_id, area.school_id, ms.membership_status,
           CASE WHEN part.is_exempt OR part.member_id IS NULL THEN exemption.category END
           AS exemption,
           CASE WHEN holder.is_secretary THEN 'secretaries'
                WHEN holder.member_id IS NOT NULL THEN 'affairs_workers' ELSE 'ordinary' END
           AS audience,
           coalesce(part.owed, CASE WHEN post.member_id IS NULL THEN 32 ELSE 56 END) AS owed,
           coalesce(done.hours, 0) AS hours, coalesce(done.concentrated, 0) AS concentrated,
           coalesce(done.collective, 0) AS collective,
           CASE WHEN post.member_id IS NULL OR part.led = 0 THEN 0 ELSE 1 END AS trainings,
           CASE WHEN coalesce(done.concentrated, 0) = 0 THEN 0
                WHEN post.member_id IS NULL OR part.led = 0 THEN 1
                ELSE (SELECT count(*) FROM (
                    SELECT FROM hours_creditentry entry
                    JOIN hours_assessment a ON a.id = entry.assessment_id
                    JOIN hours_source source ON source.id = a.source_id
                    WHERE entry.member_id = ms.member_id AND entry.credit_year = %(year)s
                      AND entry.category = 'concentrated'
                    GROUP BY source.training
                    HAVING sum(entry.hours) > 0
                       AND sum(sign(entry.hours) * a.gross_hours) >= 4) training) END AS trained,
           rule.id AS rule_id, rule."group" AS rule_group, rule.version, part.months
    FROM trainees_membership ms
    LEFT JOIN schools_placement place
      ON place.organisation_id = ms.organisation_id AND place.period @> %(today)s
    LEFT JOIN schools_schoolarea area
      ON area.township_id = place.township_id AND area.period @> %(today)s
    LEFT JOIN trainees_exemption exemption
           ON exemption.member_id = ms.member_id AND exemption.period @> %(today)s
    LEFT JOIN (SELECT DISTINCT member_id FROM trainees_post
               WHERE kind IN ('secretary', 'deputy_secretary', 'committee_member')
                 AND period @> %(today)s) post ON post.member_id = ms.member_id
    LEFT JOIN (SELECT member_id, bool_or(kind = 'secretary') AS is_secretary FROM trainees_post
               WHERE kind IN ('secretary', 'affairs_worker') AND period @> %(today)s
               GROUP BY member_id) holder ON holder.member_id = ms.member_id
    JOIN hours_requirementrule rule ON rule.period @> %(today)s
     AND rule."group" IN ('every_member', 'leading_post')
     AND (rule."group" = 'leading_post') = (post.member_id IS NOT NULL)
    LEFT JOIN (
        SELECT member_id, sum(hours) AS hours,
               sum(hours) FILTER (WHERE category = 'concentrated') AS concentrated,
               sum(hours) FILTER (WHERE category = 'collective') AS collective
        FROM (SELECT member_id, category, hours FROM hours_creditentry
              WHERE credit_year = %(year)s ORDER BY member_id) entry
        GROUP BY member_id
    ) done ON done.member_id = ms.member_id
    LEFT JOIN part ON part.member_id = ms.member_id
    WHERE ms.period @> %(today)s
)
INSERT INTO quotas_memberresult (reconciliation_id, {COLUMNS})
SELECT %(run)s, member_id, organisation_id, school_id, membership_status,
       coalesce(exemption, ''), audience, owed, hours, concentrated, collective, trainings, trained,
       CASE WHEN membership_status <> 'normal' THEN 'out' WHEN exemption IS NOT NULL THEN 'exempt'
            WHEN hours >= owed AND trained >= trainings THEN 'met' ELSE 'not_yet_due' END,
       rule_id, rule_group, version, months
FROM judged ORDER BY member_id
"""
_DIFFERENT = f"""
SELECT count(*) FROM (
    (SELECT {COLUMNS} FROM quotas_memberresult WHERE reconciliation_id = %(one)s
     EXCEPT SELECT {COLUMNS} FROM quotas_memberresult WHERE reconciliation_id = %(other)s)
    UNION ALL
    (SELECT {COLUMNS} FROM quotas_memberresult WHERE reconciliation_id = %(other)s
     EXCEPT SELECT {COLUMNS} FROM quotas_memberresult WHERE reconciliation_id = %(one)s)
) different
"""


def measure_reconciliation(turns: int = TURNS) -> Iterator[Row]:
    """Compare the whole reconciliation of this year with both, and look at its plan and rows."""
    fill_ledger()
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as plain:
        plain.autocommit = True
        members, entries = _count(plain)
        job = f"reconcile {members:,} ({entries:,} entries)"
        yield from _look(plain)
        yield compare(
            f"{job}, plain sum",
            asked=3,
            turns=turns,
            warm_up=1,
            limit=lambda: _add_up(plain),
            ours=_reconcile,
        )
        yield compare(
            f"{job}, by hand",
            asked=1.25,
            turns=turns,
            warm_up=1,
            limit=lambda: _write_by_hand(plain),
            ours=_reconcile,
        )
        yield compare(
            f"{job}, by parts, one after another",
            asked=3,
            turns=turns,
            warm_up=1,
            limit=_reconcile,
            ours=_reconcile_by_parts,
        )


def fill_ledger() -> None:
    """Give every member twenty entries of this year, past all triggers, as the owner."""
    with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(_FILL, {"year": today().year, "entries": ENTRIES})
            cursor.execute(_TABLE)
            cursor.execute("GRANT ALL ON plain_sum TO PUBLIC")
    vacuum()


def _count(plain: Any) -> tuple[int, int]:
    with plain.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT member_id), count(*) FROM hours_creditentry"
            " WHERE credit_year = %s",
            [today().year],
        )
        members, entries = cursor.fetchone()
    return members, entries


def _start() -> Reconciliation:
    """A rehearsal, in an empty table of results."""
    tell(os.environ["DATABASE_OWNER_URL"], "TRUNCATE quotas_memberresult")
    return _begin()


def _begin() -> Reconciliation:
    return start_reconciliation(
        year=today().year, is_rehearsal=True, by=BY, at=timezone.now(), in_background=False
    )


def _reconcile() -> float:
    run = _start()
    started = time.perf_counter()
    compute_all(run.pk, BY, timezone.now)
    return time.perf_counter() - started


def _reconcile_by_parts() -> float:
    """As workers do, if there is but one."""
    run = _start()
    started = time.perf_counter()
    for part in list(run.parts.values_list("pk", flat=True)):
        reconcile_parts(reconciliation_id=run.pk, part_ids=[part], by=BY, at=timezone.now())
    return time.perf_counter() - started


def _add_up(plain: Any) -> float:
    with plain.cursor() as cursor:
        cursor.execute("TRUNCATE plain_sum")
        cursor.execute("SET enable_hashagg = off")
        started = time.perf_counter()
        cursor.execute(_SUM, {"year": today().year})
        seconds = time.perf_counter() - started
        cursor.execute("RESET enable_hashagg")
    return seconds


def _write_by_hand(plain: Any, run: Reconciliation | None = None) -> float:
    run = run or _start()
    on = today()
    values = {
        "run": run.pk,
        "year": on.year,
        "today": on,
        "first": date(on.year, 1, 1),
        "last": date(on.year, 12, 1),
        "days": DateRange(date(on.year, 1, 1), date(on.year + 1, 1, 1)),
    }
    with plain.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(_HAND_WRITTEN, values)
        return time.perf_counter() - started


def _look(plain: Any) -> Iterator[Row]:
    """Whether both write the same rows, and how ours reads the ledger."""
    run = _start()
    compute_all(run.pk, BY, timezone.now)
    by_hand = _begin()
    _write_by_hand(plain, by_hand)
    # Not by the server process of the runs, whose memory is looked at.
    with plain.cursor() as cursor:
        cursor.execute(_DIFFERENT, {"one": by_hand.pk, "other": run.pk})
        [different] = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {_STORE_ALL}", _values(run))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    members = MemberResult.objects.filter(reconciliation=run).count()
    yield require_truth(
        f"reconcile: {different:,} of {members:,} rows differ",
        is_true=different == 0 and members > 0,
    )
    yield require_truth(
        "reconcile: the ledger in index order",
        is_true="Index Only Scan using credit_entry_covering" in plan
        and "Seq Scan on hours_creditentry" not in plan,
    )

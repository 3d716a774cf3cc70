"""The demo's assessments and ledger entries, posted from its rolls and studies.

The hours follow the same rules as the `hours` app:

- a roll counts once it is submitted; a study counts for its participants;
- on leave or absent: all hours are cut; late: the rule's deduction, at most all hours;
- study is worth its minutes by the rule's minutes per credit hour, rounded down to 0.25;
- the hours of one day are limited by the rule's cap, all categories together: sessions in order of
  their start, then studies, each taking what the earlier ones left (no two sessions of a member are
  in one half day or overlap, and the demo's studies have no start time, so no other cap applies);
- an assessment of zero hours posts no entry.

One statement per month bounds the server's work and the size of the parameters. A cap never crosses
the end of a day, so each month can be posted separately.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

from django.db import connection

from hours.queries.evidence import SOURCE_KEY
from rolls.hours_source import BEGINS, ENDS, MARK_CUT
from studies.demo.studies import StudyRow

_OWN_CUT = MARK_CUT.format(status="status", hours="gross", deduction="late_deduction")

_POST = f"""
WITH evidence AS (
    SELECT t.member_id, r.source_id, t.id AS mark, t.version,
           s.held_on AS occurred_on, {BEGINS} AS begins, {ENDS} AS ends,
           'concentrated' AS category, t.status,
           s.hours AS hours, NULL::integer AS minutes,
           c.school_id, t.organisation_id, r.submitted_at AS at, r.submitted_by_id AS by_id
    FROM courses_session s
    JOIN classes_roll r ON r.session_id = s.id AND r.state = 'submitted'
    JOIN courses_trainingclass c ON c.id = s.training_class_id
    JOIN rolls_attendance t ON t.session_id = s.id
    WHERE s.held_on >= %(first)s AND s.held_on < %(after)s
  UNION ALL
    SELECT p.member_id, b.source_id, NULL, 1,
           b.held_on, NULL, NULL, 'collective', 'present',
           NULL, b.minutes,
           a.school_id, b.organisation_id, review.reviewed_at, review.reviewed_by_id
    FROM unnest(%(studies)s::bigint[], %(members)s::bigint[]) AS p (study_id, member_id)
    JOIN studies_study b ON b.id = p.study_id
    JOIN studies_studyreview review ON review.study_id = b.id AND review.step = 'school'
    JOIN schools_placement o
      ON o.organisation_id = b.organisation_id AND o.period @> b.held_on
    JOIN schools_schoolarea a ON a.township_id = o.township_id AND a.period @> b.held_on
), valued AS (
    SELECT e.*, r.id AS rule_id, r.daily_cap, r.late_deduction,
           coalesce(e.hours, e.minutes * 4 / r.minutes_per_hour * 0.25) AS gross
    FROM evidence e
    JOIN hours_creditrule r ON r.category = e.category AND r.period @> e.occurred_on
), judged AS (
    SELECT v.*, {_OWN_CUT} AS own_cut FROM valued v
), placed AS (
    SELECT j.*, greatest(0, daily_cap - coalesce(sum(gross - own_cut) OVER earlier, 0)) AS room
    FROM judged j
    WINDOW earlier AS (
        PARTITION BY member_id, occurred_on ORDER BY begins NULLS LAST, mark, source_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
), decided AS (
    SELECT p.*, greatest(0, gross - own_cut - room) AS cap_cut FROM placed p
), assessed AS (
    INSERT INTO hours_assessment (
        member_id, source_id, owner_id, organisation_id, school_id, version, credit_year,
        occurred_on, begins, ends, category, gross_hours, own_cut, own_reason, cap_cut, cap_reason,
        rule_id, assessed_at, assessed_by_id
    )
    SELECT member_id, source_id, member_id, organisation_id, school_id, version,
           extract(year FROM occurred_on), occurred_on, begins, ends,
           category, gross, own_cut, CASE WHEN own_cut > 0 THEN status ELSE 'none' END,
           cap_cut, CASE WHEN cap_cut > 0 THEN 'day' ELSE 'none' END, rule_id, at, by_id
    FROM decided
    ORDER BY occurred_on, begins NULLS LAST, mark, source_id, member_id
    RETURNING *
)
INSERT INTO hours_creditentry (
    member_id, school_id, organisation_id, credit_year, category, occurred_on, hours,
    assessment_id, reason, source_key, posted_at, posted_by_id
)
SELECT a.member_id, a.school_id, a.organisation_id, a.credit_year, a.category, a.occurred_on,
       a.hours, a.id, '', {SOURCE_KEY}, a.assessed_at, a.assessed_by_id
FROM assessed a
WHERE a.hours > 0
ORDER BY a.id
"""  # noqa: S608 - fixed text, no input

_SETTINGS = {"enable_nestloop": "off", "work_mem": "'64MB'", "jit": "off"}


def post_ledger(studies: list[StudyRow], first: date, after: date) -> None:
    """Post everything that happened from `first` up to, but not including, `after`.

    `studies` must be ordered by day.
    """
    with connection.cursor() as cursor:
        # New tables have no statistics, and without them the planner may choose nested loops.
        for setting, value in _SETTINGS.items():
            cursor.execute(f"SET LOCAL {setting} = {value}")
        for month, next_month in _months(first, after):
            studies_of_month = [study for study in studies if month <= study.day < next_month]
            cursor.execute(
                _POST,
                {
                    "first": month,
                    "after": next_month,
                    "studies": _array(
                        chain.from_iterable([s.id] * len(s.present) for s in studies_of_month)
                    ),
                    "members": _array(chain.from_iterable(s.present for s in studies_of_month)),
                },
            )
        for setting in _SETTINGS:
            cursor.execute(f"SET LOCAL {setting} TO DEFAULT")


def _months(first: date, after: date) -> Iterator[tuple[date, date]]:
    month = first.replace(day=1)
    while month < after:
        next_month = (month + timedelta(days=31)).replace(day=1)
        yield max(month, first), min(next_month, after)
        month = next_month


def _array(ids: Iterator[int]) -> str:
    """An array literal, which the server parses far faster than a list of parameters."""
    return "{" + ",".join(map(str, ids)) + "}"

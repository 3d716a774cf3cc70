"""The limits: the same work in hand-written SQL, on one plain connection of the application.

Statements are prepared once if that makes them faster. A roll takes five statements in one
transaction: the key, the session's lock with the check of the clerk's right, the trainees' locks,
all rows of the roll and of the ledger, and the audit entry. The text and digest of that entry are
computed beforehand and are not part of the measured time.
"""

import json
import os
import time
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg2

from accounts.models import AuditEntry
from tests.bench.classes import HOURS, Lesson

_CLAIM_KEY = """
PREPARE claim_key (uuid, bigint, text, text, text) AS
INSERT INTO backstage_idempotencykey (key, user_id, act, body_hash, location, created_at)
VALUES ($1, $2, $3, $4, $5, now())
"""

_LOCK_SESSION = """
PREPARE lock_session (bigint, bigint) AS
SELECT session.id FROM courses_session session
JOIN courses_trainingclass class ON class.id = session.training_class_id
JOIN schools_rolegrant g ON g.school_id = class.school_id AND g.user_id = $2
     AND g.role = 'school_clerk' AND g.period @> session.held_on
WHERE session.id = $1 FOR NO KEY UPDATE OF session
"""

_LOCK_TRAINEES = """
PREPARE lock_trainees (bigint) AS
SELECT m.id FROM classes_enrolment e JOIN trainees_member m ON m.id = e.member_id
WHERE e.training_class_id = $1 ORDER BY m.id FOR NO KEY UPDATE OF m
"""

_WRITE_ROLL = """
PREPARE write_roll (bigint, bigint, date, numeric, timestamptz, bigint,
                    bigint[], bigint[], text[]) AS
WITH source AS (
    INSERT INTO hours_source (kind, training)
    SELECT 'roll', 'class:' || training_class_id FROM courses_session WHERE id = $1
    RETURNING id
), mark AS (
    INSERT INTO rolls_attendance
        (session_id, member_id, organisation_id, status, version, marked_at, marked_by_id)
    SELECT $1, m, o, s, 1, $5, $6 FROM unnest($7, $8, $9) AS row(m, o, s) ORDER BY m
    RETURNING member_id, organisation_id, status
), worth AS (
    SELECT mark.*, rule.id AS rule_id,
           CASE WHEN status IN ('on_leave', 'absent') THEN $4
                WHEN status = 'late' THEN least(rule.late_deduction, $4) ELSE 0 END AS own_cut,
           greatest(rule.daily_cap - coalesce((
               SELECT sum(e.hours) FROM hours_creditentry e
               WHERE e.credit_year = extract(year FROM $3)::int AND e.member_id = mark.member_id
                 AND e.occurred_on = $3), 0), 0) AS room
    FROM mark
    JOIN hours_creditrule rule ON rule.category = 'concentrated' AND rule.period @> $3
), assessed AS (
    INSERT INTO hours_assessment (member_id, source_id, owner_id, organisation_id, school_id,
        version, credit_year, occurred_on, begins, ends, category, gross_hours, own_cut, own_reason,
        cap_cut, cap_reason, rule_id, assessed_at, assessed_by_id)
    SELECT member_id, source.id, member_id, organisation_id, $2,
           1, extract(year FROM $3), $3, minutes.first,
           minutes.first + extract(epoch FROM session.ends_at - session.starts_at) / 60,
           'concentrated', $4, own_cut, CASE WHEN own_cut > 0 THEN status ELSE 'none' END,
           greatest($4 - own_cut - room, 0),
           CASE WHEN $4 - own_cut > room THEN 'day' ELSE 'none' END, rule_id, $5, $6
    FROM worth CROSS JOIN source
    JOIN courses_session session ON session.id = $1
    CROSS JOIN LATERAL (SELECT extract(epoch FROM
        session.starts_at AT TIME ZONE 'Asia/Shanghai' - $3) / 60 AS first) minutes
    ORDER BY member_id
    RETURNING id, member_id, source_id, organisation_id, hours
), posted AS (
    INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year,
        category, occurred_on, hours, assessment_id, reason, source_key, posted_at, posted_by_id)
    SELECT member_id, $2, organisation_id, extract(year FROM $3), 'concentrated', $3, hours, id, '',
           source_id || ':' || member_id || ':' || to_char($3, 'YYYYMMDD') || ':1', $5, $6
    FROM assessed WHERE hours > 0 ORDER BY member_id
    RETURNING hours
), roll AS (
    INSERT INTO classes_roll (session_id, state, submitted_at, submitted_by_id, source_id)
    SELECT $1, 'submitted', $5, $6, id FROM source
)
SELECT count(*), sum(hours) FROM posted
"""

_WRITE_TRAIL = """
PREPARE write_trail (timestamptz, bigint, text, text, inet, text, text, text, text, text,
                     jsonb, jsonb, text) AS
INSERT INTO accounts_auditentry (at, actor_id, actor_name, channel, address, act, object_type,
    object_id, object_label, school_code, before, after, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""

_READ_MEMBER = """
PREPARE read_member (bigint, date, integer) AS
WITH person AS MATERIALIZED (
    SELECT member.id, member.number, member.name, organisation.name AS organisation,
           school.name AS school, school.code AS school_code, ms.membership_status,
           exemption.category AS exemption, rule.hours AS owed, rule."group" AS rule_group,
           rule.version AS rule_version, rule.source, rule.to_be_verified,
           ARRAY(SELECT DISTINCT credit_year FROM hours_assessment
                 WHERE member_id = member.id ORDER BY 1 DESC) AS years,
           ARRAY(SELECT role FROM schools_rolegrant WHERE user_id = $1 AND period @> $2
                 UNION SELECT 'branch_secretary' FROM trainees_post
                       WHERE member_id = member.id AND kind = 'secretary' AND period @> $2
                 UNION SELECT 'lecturer' FROM instructors_instructor WHERE user_id = $1) AS roles
    FROM trainees_member member
    JOIN trainees_membership ms ON ms.member_id = member.id AND ms.period @> $2
    JOIN schools_organisation organisation ON organisation.id = ms.organisation_id
    LEFT JOIN schools_placement place
           ON place.organisation_id = ms.organisation_id AND place.period @> $2
    LEFT JOIN schools_schoolarea area
           ON area.township_id = place.township_id AND area.period @> $2
    LEFT JOIN schools_school school ON school.id = area.school_id
    LEFT JOIN trainees_exemption exemption
           ON exemption.member_id = member.id AND exemption.period @> $2
    JOIN hours_requirementrule rule
      ON rule.period @> $2 AND rule."group" = CASE (
             SELECT count(*) FROM trainees_post WHERE member_id = member.id AND period @> $2
                AND kind IN ('secretary', 'deputy_secretary', 'committee_member'))
         WHEN 0 THEN 'every_member' ELSE 'leading_post' END
    WHERE member.user_id = $1
)
SELECT person.*, a.source_id, a.owner_id, a.version AS line_version, a.occurred_on, a.category,
       a.gross_hours, a.own_cut, a.own_reason, a.overlap_cut, a.cap_cut, a.cap_reason, a.cause,
       a.reason,
       (SELECT coalesce(sum(hours), 0) FROM hours_creditentry
        WHERE assessment_id = a.id) AS hours,
       rule.version AS line_rule, rule.daily_cap, rule.half_day_cap, rule.yearly_cap,
       a.assessed_at, assessor.display_name AS assessed_by,
       CASE WHEN session.id IS NULL OR a.own_reason = 'withdrawn' THEN NULL
            WHEN a.own_reason = 'none' THEN 'present' ELSE a.own_reason END AS status,
       coalesce(class.title, study.topic) AS title, session.number AS session_number,
       course.title AS course, coalesce(venue.name, study.place) AS place,
       coalesce(school.name, organisation.name) AS host, study.kind
FROM person
LEFT JOIN hours_assessment a ON a.member_id = person.id AND a.credit_year = $3
LEFT JOIN hours_creditrule rule ON rule.id = a.rule_id
LEFT JOIN accounts_user assessor ON assessor.id = a.assessed_by_id
LEFT JOIN classes_roll roll ON roll.source_id = a.source_id
LEFT JOIN courses_session session ON session.id = roll.session_id
LEFT JOIN courses_trainingclass class ON class.id = session.training_class_id
LEFT JOIN courses_course course ON course.id = session.course_id
LEFT JOIN courses_venue venue ON venue.id = session.venue_id
LEFT JOIN schools_school school ON school.id = class.school_id
LEFT JOIN studies_study study ON study.source_id = a.source_id
LEFT JOIN schools_organisation organisation ON organisation.id = study.organisation_id
ORDER BY a.occurred_on DESC, session.starts_at DESC, session.id, study.id, a.source_id,
         a.owner_id, a.version DESC
"""

# Not prepared: the planner estimates periods better if it knows the day.
_READ_FIGURES = """
WITH done AS (
    SELECT member_id, school_id, category, sum(hours) AS hours,
           sum(hours) FILTER (WHERE category = 'concentrated') AS concentrated
    FROM hours_creditentry
    WHERE credit_year = %(year)s GROUP BY GROUPING SETS ((member_id), (school_id, category))
), changed AS (
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
          WHERE membership_status = 'normal'
          UNION ALL SELECT 1, member_id, period FROM trainees_exemption
          UNION ALL SELECT 2, member_id, period FROM trainees_post
          WHERE kind IN ('secretary', 'deputy_secretary', 'committee_member')) fact
    JOIN changed USING (member_id) GROUP BY member_id
), part AS (
    SELECT member_id, isempty(duty * datemultirange(%(days)s::daterange)) AS is_exempt,
           count(*) FILTER (WHERE duty @> month AND led @> month) AS led,
           floor(coalesce(sum(CASE WHEN led @> month THEN 56 ELSE 32 END)
                          FILTER (WHERE duty @> month),
                          max(CASE WHEN led @> month THEN 56 ELSE 32 END)
                          FILTER (WHERE belonged @> month), 0) / 6.0 + 0.5) / 2 AS owed
    FROM days
    CROSS JOIN (SELECT daterange(m::date, (m + interval '1 month')::date) AS month
                FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 month') m) months
    GROUP BY member_id, duty
), judged AS (
    SELECT area.school_id, ms.membership_status = 'normal' AS is_normal,
           exemption.member_id IS NOT NULL AND coalesce(part.is_exempt, true) AS is_exempt,
           coalesce(done.hours, 0) >= coalesce(
               part.owed, CASE WHEN post.member_id IS NULL THEN 32 ELSE 56 END)
           AND (post.member_id IS NULL OR part.led = 0 OR EXISTS (
               SELECT FROM hours_creditentry entry
               JOIN hours_assessment a ON a.id = entry.assessment_id
               JOIN hours_source source ON source.id = a.source_id
               WHERE entry.member_id = ms.member_id AND entry.credit_year = %(year)s
                 AND entry.category = 'concentrated' AND coalesce(done.concentrated, 0) > 0
               GROUP BY source.training
               HAVING sum(entry.hours) > 0
                  AND sum(sign(entry.hours) * a.gross_hours) >= %(half_day)s)) AS is_met
    FROM trainees_membership ms
    JOIN schools_placement place
      ON place.organisation_id = ms.organisation_id AND place.period @> %(today)s
    JOIN schools_schoolarea area
      ON area.township_id = place.township_id AND area.period @> %(today)s
    LEFT JOIN trainees_exemption exemption
           ON exemption.member_id = ms.member_id AND exemption.period @> %(today)s
    LEFT JOIN (SELECT DISTINCT member_id FROM trainees_post
               WHERE kind IN ('secretary', 'deputy_secretary', 'committee_member')
                 AND period @> %(today)s) post ON post.member_id = ms.member_id
    LEFT JOIN done ON done.member_id = ms.member_id
    LEFT JOIN part ON part.member_id = ms.member_id
    WHERE ms.period @> %(today)s
), target AS (
    SELECT school_id, count(*) FILTER (WHERE is_normal AND NOT is_exempt) AS counted,
           count(*) FILTER (WHERE is_normal AND NOT is_exempt AND is_met) AS met,
           count(*) FILTER (WHERE is_normal AND is_exempt) AS exempt,
           count(*) FILTER (WHERE NOT is_normal) AS out
    FROM judged GROUP BY school_id
), hours AS (
    SELECT school_id, sum(hours) FILTER (WHERE category = 'concentrated') AS concentrated,
           sum(hours) FILTER (WHERE category = 'collective') AS collective,
           sum(hours) FILTER (WHERE category NOT IN ('concentrated', 'collective')) AS other
    FROM done WHERE member_id IS NULL GROUP BY school_id
), held AS (
    SELECT class.school_id, count(DISTINCT class.id) AS classes, count(*) AS sessions,
           count(*) - count(*) FILTER (WHERE roll.state = 'submitted') AS due
    FROM courses_session session
    JOIN courses_trainingclass class ON class.id = session.training_class_id
    LEFT JOIN classes_roll roll ON roll.session_id = session.id
    WHERE session.held_on BETWEEN %(first)s AND %(last)s AND session.ends_at <= now()
    GROUP BY class.school_id
), visit AS (
    SELECT class.school_id, mark.member_id, count(*) AS times
    FROM courses_session session
    JOIN courses_trainingclass class ON class.id = session.training_class_id
    JOIN classes_roll roll ON roll.session_id = session.id AND roll.state = 'submitted'
    JOIN rolls_attendance mark ON mark.session_id = session.id
    WHERE session.held_on BETWEEN %(first)s AND %(last)s AND mark.status IN ('present', 'late')
    GROUP BY class.school_id, mark.member_id
), times AS (
    SELECT school_id, sum(times)::int AS person_times, count(*) AS members
    FROM visit GROUP BY school_id
)
SELECT school.name, coalesce(classes, 0) AS classes, coalesce(due, 0) AS due,
       coalesce(person_times, 0) AS person_times, coalesce(members, 0) AS members,
       coalesce(concentrated, 0) AS concentrated, coalesce(collective, 0) AS collective,
       coalesce(other, 0) AS other,
       coalesce(counted, 0) AS counted, coalesce(met, 0) AS met,
       coalesce(exempt, 0) AS exempt, coalesce(out, 0) AS out,
       (SELECT count(DISTINCT member_id) FROM visit) AS members_of_all
FROM schools_school school
LEFT JOIN held ON held.school_id = school.id
LEFT JOIN times ON times.school_id = school.id
LEFT JOIN hours ON hours.school_id = school.id
LEFT JOIN target ON target.school_id = school.id
ORDER BY school.code
"""


_PREPARED = (
    *(_CLAIM_KEY, _LOCK_SESSION, _LOCK_TRAINEES, _WRITE_ROLL, _WRITE_TRAIL),
    _READ_MEMBER,
)
_TRAIL_FIELDS = (
    *("at", "actor_id", "actor_name", "channel", "address", "act", "object_type", "object_id"),
    *("object_label", "school_code", "before", "after", "digest"),
)


class Limits:
    """The hand-written statements and their connection."""

    def __init__(self) -> None:
        self.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        self.cursor = self.connection.cursor()
        self.cursor.execute("SET plan_cache_mode = force_generic_plan")
        for statement in _PREPARED:
            self.cursor.execute(statement)
        self.connection.commit()

    def close(self) -> None:
        self.connection.close()

    def post_roll(
        self, lesson: Lesson, *, key: tuple[Any, ...], entry: AuditEntry, clerk: int, at: datetime
    ) -> tuple[float, int, Decimal]:
        """Post the roll of `lesson`; returns the seconds, the number of entries, and the hours."""
        lines = sorted(zip(lesson.members, lesson.organisations, lesson.marks, strict=True))
        columns = [list(column) for column in zip(*lines, strict=True)]
        roll = (lesson.session_id, lesson.school_id, lesson.held_on, HOURS, at, clerk, *columns)
        facts = [getattr(entry, field) for field in _TRAIL_FIELDS]
        trail = [json.dumps(fact) if isinstance(fact, dict) else fact for fact in facts]
        execute = self.cursor.execute
        started = time.perf_counter()
        execute("EXECUTE claim_key (%s, %s, %s, %s, %s)", key)
        execute("EXECUTE lock_session (%s, %s)", (lesson.session_id, clerk))
        execute("EXECUTE lock_trainees (%s)", (lesson.class_id,))
        execute("EXECUTE write_roll (%s, %s, %s, %s, %s, %s, %s, %s, %s)", roll)
        entries, hours = self.cursor.fetchall()[0]
        execute("EXECUTE write_trail (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", trail)
        self.connection.commit()
        return time.perf_counter() - started, entries, hours

    def read_member(self, values: Mapping[str, Any]) -> tuple[float, list[dict[str, Any]]]:
        """The seconds, and the content of a member's page, one row for each line."""
        return self.read("EXECUTE read_member (%(user)s, %(today)s, %(year)s)", values)

    def read_figures(self, values: Mapping[str, Any]) -> tuple[float, list[dict[str, Any]]]:
        """The seconds, and the overview's figures of every school."""
        return self.read(_READ_FIGURES, values)

    def write(self, statement: str, values: Mapping[str, Any]) -> float:
        """The seconds of one statement and its commit."""
        started = time.perf_counter()
        self.cursor.execute(statement, values)
        self.connection.commit()
        return time.perf_counter() - started

    def read(self, statement: str, values: Mapping[str, Any]) -> tuple[float, list[dict[str, Any]]]:
        """The seconds of one statement, and its rows."""
        self.connection.autocommit = True  # a single statement needs no BEGIN and COMMIT
        started = time.perf_counter()
        self.cursor.execute(statement, values)
        rows = self.cursor.fetchall()
        seconds = time.perf_counter() - started
        self.connection.autocommit = False
        names = [column.name for column in self.cursor.description]
        return seconds, [dict(zip(names, row, strict=True)) for row in rows]

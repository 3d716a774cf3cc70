"""Recomputes the ledger from the rows and tells what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

# What the daily cap had to cut from assessment `a`, of which `{own}` was cut for reasons of its
# own: what stood on that day when it was made. Ids follow the order of the members' locks.
_CAP_DUE = """
greatest(a.gross_hours - {own} - greatest(rule.daily_cap - (
    SELECT coalesce(sum(b.gross_hours - b.cut_hours), 0)
    FROM trainees_assessment b
    LEFT JOIN trainees_assessment next_
           ON next_.attendance_id = b.attendance_id AND next_.version = b.version + 1
    WHERE b.member_id = a.member_id AND b.credit_year = a.credit_year
      AND b.occurred_on = a.occurred_on AND b.id < a.id
      AND (next_.id IS NULL OR next_.id > a.id)), 0), 0)
"""

# Each check is a statement that returns offending ids; none may return a row.
CHECKS: dict[str, str] = {
    "every assessment worth hours has exactly one entry, the others none": """
        SELECT a.id FROM trainees_assessment a
        LEFT JOIN trainees_creditentry e ON e.assessment_id = a.id AND e.reverses_id IS NULL
        GROUP BY a.id HAVING count(e.id) <> CASE WHEN a.gross_hours > a.cut_hours THEN 1 ELSE 0 END
    """,
    "every entry says what its assessment says": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        WHERE e.reverses_id IS NULL AND
            (e.hours, e.member_id, e.credit_year, e.category, e.occurred_on)
            IS DISTINCT FROM
            (a.gross_hours - a.cut_hours, a.member_id, a.credit_year, a.category, a.occurred_on)
    """,
    "entries carry the school and the organisation of their evidence": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        LEFT JOIN trainees_attendance m ON m.id = a.attendance_id
        LEFT JOIN courses_session s ON s.id = m.session_id
        LEFT JOIN courses_trainingclass c ON c.id = s.training_class_id
        LEFT JOIN trainees_branchstudy b ON b.id = a.study_id
        LEFT JOIN schools_placement place
               ON place.organisation_id = b.organisation_id AND place.period @> b.held_on
        LEFT JOIN schools_schoolarea area
               ON area.township_id = place.township_id AND area.period @> b.held_on
        WHERE e.reverses_id IS NULL AND (e.school_id, e.organisation_id) IS DISTINCT FROM
              (coalesce(c.school_id, area.school_id),
               coalesce(m.organisation_id, b.organisation_id))
    """,
    "every reversal is the exact negative of its entry": """
        SELECT r.id FROM trainees_creditentry r
        JOIN trainees_creditentry e ON e.id = r.reverses_id
        WHERE (r.hours, r.member_id, r.school_id, r.organisation_id, r.credit_year, r.category,
               r.occurred_on, r.assessment_id)
            IS DISTINCT FROM
              (-e.hours, e.member_id, e.school_id, e.organisation_id, e.credit_year, e.category,
               e.occurred_on, e.assessment_id)
    """,
    "source keys name their evidence": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        WHERE e.source_key <> CASE WHEN a.attendance_id IS NOT NULL
            THEN 'attendance:' || a.attendance_id || ':' || a.version
            ELSE 'study:' || a.study_id || ':' || a.member_id || ':' || a.version END
            || CASE WHEN e.reverses_id IS NULL THEN '' ELSE ':reversal' END
    """,
    "superseded entries are reversed, the latest ones stand": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        LEFT JOIN trainees_attendance m ON m.id = a.attendance_id
        LEFT JOIN trainees_assessment later ON later.study_id = a.study_id
              AND later.member_id = a.member_id AND later.version = a.version + 1
        LEFT JOIN trainees_creditentry r ON r.reverses_id = e.id
        WHERE e.reverses_id IS NULL
          AND (r.id IS NOT NULL) <> coalesce(a.version < m.version, later.id IS NOT NULL)
    """,
    "every mark of a submitted roll is assessed in each version, no other mark is": """
        SELECT m.id FROM trainees_attendance m
        LEFT JOIN trainees_roll roll ON roll.session_id = m.session_id
        LEFT JOIN trainees_assessment a ON a.attendance_id = m.id
        GROUP BY m.id, roll.state
        HAVING count(a.id) <> CASE WHEN roll.state = 'submitted' THEN m.version ELSE 0 END
    """,
    "what attendance is worth follows from session, mark and rule": f"""
        SELECT a.id FROM trainees_assessment a
        JOIN trainees_attendance m ON m.id = a.attendance_id
        JOIN courses_session s ON s.id = m.session_id
        JOIN trainees_creditrule rule ON rule.id = a.rule_id
        LEFT JOIN trainees_attendancecorrection c
               ON c.attendance_id = m.id AND c.version = a.version
        CROSS JOIN LATERAL (SELECT coalesce(c.old_status, m.status) AS status) then_
        CROSS JOIN LATERAL (SELECT CASE then_.status WHEN 'present' THEN 0
            WHEN 'late' THEN least(rule.late_deduction, s.hours) ELSE s.hours END AS hours) own
        WHERE (a.gross_hours, a.occurred_on, a.member_id, a.category)
                IS DISTINCT FROM (s.hours, s.held_on, m.member_id, rule.category)
           OR NOT rule.period @> a.occurred_on
           OR a.cut_hours < own.hours
           OR (a.cut_hours > own.hours
               AND (a.cut_reason NOT IN ('daily_cap', 'late_and_daily_cap')
                    OR a.cut_hours > own.hours + {_CAP_DUE.format(own="own.hours")}))
           OR (then_.status IN ('on_leave', 'absent') AND a.cut_reason <> then_.status)
    """,  # noqa: S608 - fixed text, no input
    "what branch study is worth follows from its minutes and rule": f"""
        SELECT a.id FROM trainees_assessment a
        JOIN trainees_branchstudy s ON s.id = a.study_id
        JOIN trainees_creditrule rule ON rule.id = a.rule_id
        WHERE (a.gross_hours, a.occurred_on, a.category) IS DISTINCT FROM
              (floor(s.minutes * 4.0 / rule.minutes_per_hour) / 4, s.held_on, rule.category)
           OR NOT rule.period @> a.occurred_on
           OR (a.cut_hours > 0
               AND (a.cut_reason <> 'daily_cap' OR a.cut_hours > {_CAP_DUE.format(own="0")}))
    """,  # noqa: S608 - fixed text, no input
    "nobody has more hours on one day than the daily cap": """
        SELECT min(e.id) FROM trainees_creditentry e
        JOIN trainees_creditrule rule
          ON rule.category = 'concentrated' AND rule.period @> e.occurred_on
        GROUP BY e.member_id, e.occurred_on, rule.daily_cap
        HAVING sum(e.hours) > rule.daily_cap OR sum(e.hours) < 0
    """,
    "corrections link one version of a mark to the next": """
        SELECT m.id FROM trainees_attendance m
        LEFT JOIN trainees_attendancecorrection c ON c.attendance_id = m.id
        LEFT JOIN trainees_attendancecorrection n
               ON n.attendance_id = m.id AND n.version = c.version + 1
        GROUP BY m.id HAVING count(c.id) <> m.version - 1
            OR bool_or(c.new_status <> coalesce(n.old_status, m.status))
    """,
}


@dataclass(frozen=True)
class Finding:
    """One check that did not hold, with some of the offending ids."""

    check: str
    count: int
    examples: list[int]


def list_findings() -> list[Finding]:
    """Run every check; an empty list means that the ledger holds."""
    findings = []
    with connection.cursor() as cursor:
        for check, statement in CHECKS.items():
            cursor.execute(statement)
            ids = [row[0] for row in cursor.fetchall()]
            if ids:
                findings.append(Finding(check, len(ids), sorted(ids)[:10]))
    return findings

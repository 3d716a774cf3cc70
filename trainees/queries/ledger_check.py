"""Recomputes the ledger, and what was issued from it, from the rows; tells what does not fit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import batched

from django.db import connection

from trainees.assessing import Worth, assess
from trainees.documents import is_intact
from trainees.models import IssuedDocument
from trainees.queries.evidence import HOLDER, Piece, list_pieces

# The latest versions.
_LATEST = """
latest AS (
    SELECT DISTINCT ON (attendance_id, study_id, member_id, occurred_on) *
    FROM trainees_assessment
    ORDER BY attendance_id, study_id, member_id, occurred_on, version DESC
)
"""

# Members and days on which evidence may have taken room or time from other evidence.
_CROWDED = f"""
WITH {_LATEST}
SELECT member_id, array_agg(DISTINCT occurred_on) FROM (
    SELECT latest.member_id, latest.occurred_on
    FROM latest JOIN trainees_creditrule rule ON rule.id = latest.rule_id
    GROUP BY 1, 2
    HAVING count(*) > 1 OR bool_or(rule.yearly_cap IS NOT NULL)
        OR sum(overlap_cut + cap_cut) > 0
        OR bool_or(gross_hours - own_cut > least(rule.daily_cap, rule.half_day_cap))
) crowded GROUP BY member_id ORDER BY member_id
"""  # noqa: S608 - fixed text, no input

# A record that was never handed in (version 1) was in the ledger before records were reviewed. The
# second step was asked for where a commissioner was in charge when the school passed the record.
# Grants and places can be entered later for earlier days, so only those count that stood then for
# sure: grants that nobody touched since, places from before that year.
_REVIEWED = """
SELECT study.id
FROM trainees_study study
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE step = 'school') AS by_school,
           count(*) FILTER (WHERE step = 'community') AS by_community,
           max(reviewed_at) FILTER (WHERE step = 'school') AS at,
           (max(reviewed_at) FILTER (WHERE step = 'school') AT TIME ZONE 'Asia/Shanghai')::date
           AS day
    FROM trainees_studyreview review
    WHERE review.study_id = study.id AND review.round = study.round
      AND review.verdict = 'passed' AND review.reviewed_by_id <> study.recorded_by_id
) passed
WHERE study.state = 'approved' AND study.version > 1 AND (passed.by_school = 0
    OR passed.by_community = 0 AND EXISTS (
        SELECT FROM trainees_assessment a
        JOIN trainees_creditrule rule ON rule.id = a.rule_id
        WHERE a.study_id = study.id AND rule.review_steps = 2)
    AND EXISTS (
        SELECT FROM schools_rolegrant commissioner
        LEFT JOIN schools_placement place
               ON place.organisation_id = study.organisation_id AND place.period @> passed.day
              AND lower(place.period) < date_trunc('year', passed.day)
        WHERE commissioner.role = 'organisation_commissioner'
          AND commissioner.period @> passed.day
          AND commissioner.user_id <> study.recorded_by_id
          AND commissioner.organisation_id IN (study.organisation_id, place.parent_id)
          AND NOT EXISTS (
              SELECT FROM accounts_auditentry entry
              WHERE entry.object_type = 'schools.rolegrant'
                AND entry.object_id = commissioner.id::text AND entry.at >= passed.at)))
"""

# Each check is a statement that returns offending ids; none may return a row.
CHECKS: dict[str, str] = {
    "every assessment worth hours has exactly one entry, the others none": """
        SELECT a.id FROM trainees_assessment a
        LEFT JOIN trainees_creditentry e ON e.assessment_id = a.id AND e.reverses_id IS NULL
        GROUP BY a.id HAVING count(e.id) <> CASE WHEN a.hours > 0 THEN 1 ELSE 0 END
    """,
    "every entry says what its assessment says": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        WHERE e.reverses_id IS NULL AND
            (e.hours, e.member_id, e.credit_year, e.category, e.occurred_on)
            IS DISTINCT FROM
            (a.hours, a.member_id, a.credit_year, a.category, a.occurred_on)
    """,
    "entries carry the school and the organisation of their evidence": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        LEFT JOIN trainees_attendance m ON m.id = a.attendance_id
        LEFT JOIN courses_session s ON s.id = m.session_id
        LEFT JOIN courses_trainingclass c ON c.id = s.training_class_id
        LEFT JOIN trainees_study study ON study.id = a.study_id
        LEFT JOIN schools_placement place
               ON place.organisation_id = study.organisation_id AND place.period @> a.occurred_on
        LEFT JOIN schools_schoolarea area
               ON area.township_id = place.township_id AND area.period @> a.occurred_on
        WHERE e.reverses_id IS NULL AND (
            (e.school_id, e.organisation_id) IS DISTINCT FROM
            (coalesce(c.school_id, area.school_id), coalesce(m.organisation_id, e.organisation_id))
            OR a.study_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM (
                    SELECT study_id, member_id, organisation_id FROM trainees_studyparticipant
                    UNION ALL
                    SELECT study_id, member_id, organisation_id
                    FROM trainees_studyparticipantcorrection WHERE change = 'removed') p
                WHERE p.study_id = a.study_id AND p.organisation_id = e.organisation_id
                  AND (p.member_id = a.member_id OR EXISTS (
                      SELECT FROM trainees_membermerge merge
                      WHERE merge.given_up_id = p.member_id AND merge.kept_id = a.member_id))))
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
    # Keys of studies named no day as long as a study had only one.
    "source keys name their evidence": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        CROSS JOIN LATERAL (SELECT
            CASE WHEN e.reverses_id IS NULL THEN '' ELSE ':reversal' END AS tail,
            'study:' || a.study_id || ':' || a.member_id || ':' AS study,
            to_char(a.occurred_on, 'YYYYMMDD:') AS day) key
        WHERE a.attendance_id IS NOT NULL AND e.source_key <>
              'attendance:' || a.attendance_id || ':' || a.version || key.tail
           OR a.study_id IS NOT NULL AND e.source_key NOT IN (
              key.study || key.day || a.version || key.tail, key.study || a.version || key.tail)
    """,
    "superseded entries are reversed, the latest ones stand": """
        SELECT e.id FROM trainees_creditentry e
        JOIN trainees_assessment a ON a.id = e.assessment_id
        LEFT JOIN trainees_creditentry r ON r.reverses_id = e.id
        WHERE e.reverses_id IS NULL AND (r.id IS NOT NULL) <> EXISTS (
            SELECT FROM trainees_assessment later
            WHERE later.member_id = a.member_id AND later.version > a.version
              AND (later.attendance_id = a.attendance_id
                   OR (later.study_id, later.occurred_on) = (a.study_id, a.occurred_on)))
    """,
    "versions of an assessment follow one another": """
        SELECT min(id) FROM trainees_assessment
        GROUP BY attendance_id, study_id, occurred_on,
                 CASE WHEN attendance_id IS NULL THEN member_id END
        HAVING max(version) <> count(*) OR min(version) <> 1
    """,
    "every mark of a submitted roll stands assessed, no other mark does": f"""
        WITH {_LATEST}, due AS (
            SELECT mark.id, {HOLDER.format(day="s.held_on")} AS member_id
            FROM trainees_attendance mark
            JOIN trainees_member m ON m.id = mark.member_id
            JOIN courses_session s ON s.id = mark.session_id
            JOIN trainees_roll roll ON roll.session_id = s.id AND roll.state = 'submitted'
            WHERE NOT mark.taken_off
        )
        SELECT coalesce(due.id, stands.attendance_id) FROM due
        FULL JOIN (SELECT attendance_id, member_id FROM latest
                   WHERE attendance_id IS NOT NULL AND own_reason <> 'withdrawn') stands
               ON stands.attendance_id = due.id AND stands.member_id = due.member_id
        WHERE due.id IS NULL OR stands.attendance_id IS NULL
    """,  # noqa: S608 - fixed text, no input
    "no session that was called off has a mark": """
        SELECT DISTINCT session.id FROM courses_session session
        JOIN trainees_attendance mark ON mark.session_id = session.id
        WHERE session.called_off_at IS NOT NULL
    """,
    "every walk-in that is matched has a mark on the roll of its session": """
        SELECT walk_in.id FROM trainees_walkin walk_in
        LEFT JOIN trainees_attendance mark
               ON mark.session_id = walk_in.session_id AND mark.member_id = walk_in.member_id
              AND NOT mark.taken_off
        WHERE walk_in.member_id IS NOT NULL AND mark.id IS NULL
    """,
    "every participant of an approved study stands assessed, no other does": f"""
        WITH {_LATEST}, due AS (
            SELECT DISTINCT s.id, s.held_on + n AS day, {HOLDER.format(day="s.held_on + n")} AS
                   member_id
            FROM trainees_studyparticipant p
            JOIN trainees_member m ON m.id = p.member_id
            JOIN trainees_study s ON s.id = p.study_id AND s.state = 'approved'
            CROSS JOIN generate_series(0, s.days - 1) n
        )
        SELECT coalesce(due.id, stands.study_id) FROM due
        FULL JOIN (SELECT study_id, member_id, occurred_on FROM latest
                   WHERE study_id IS NOT NULL AND own_reason <> 'withdrawn') stands
               ON (stands.study_id, stands.member_id, stands.occurred_on)
                = (due.id, due.member_id, due.day)
        WHERE due.id IS NULL OR stands.study_id IS NULL
    """,  # noqa: S608 - fixed text, no input
    "every approved study was passed by others than its recorder, in the steps of its rule": (
        _REVIEWED
    ),
    "what attendance is worth follows from session, mark and rule": f"""
        WITH {_LATEST}
        SELECT a.id FROM latest a
        JOIN trainees_attendance mark ON mark.id = a.attendance_id
        JOIN courses_session s ON s.id = mark.session_id
        JOIN trainees_creditrule rule ON rule.id = a.rule_id
        CROSS JOIN LATERAL (SELECT
            CASE WHEN a.own_reason = 'withdrawn' OR mark.status IN ('on_leave', 'absent')
                 THEN s.hours
                 WHEN mark.status = 'late' THEN least(rule.late_deduction, s.hours)
                 ELSE 0 END AS cut) own
        WHERE (a.gross_hours, a.occurred_on, a.category, a.own_cut)
                IS DISTINCT FROM (s.hours, s.held_on, rule.category, own.cut)
           OR NOT rule.period @> a.occurred_on
           OR a.own_reason NOT IN
              ('withdrawn', CASE WHEN own.cut > 0 THEN mark.status ELSE 'none' END)
    """,  # noqa: S608 - fixed text, no input
    "what study is worth follows from its minutes and rule": f"""
        WITH {_LATEST}
        SELECT a.id FROM latest a
        JOIN trainees_study s ON s.id = a.study_id
        JOIN trainees_creditrule rule ON rule.id = a.rule_id
        CROSS JOIN LATERAL (SELECT greatest(
            coalesce(floor(s.minutes * 4.0 / rule.minutes_per_hour) / 4, 0),
            coalesce((SELECT max(hours) FROM trainees_creditstep
                      WHERE rule_id = rule.id AND from_minutes <= s.minutes), 0)) AS hours) worth
        WHERE (a.gross_hours, a.category) IS DISTINCT FROM (worth.hours, rule.category)
           OR NOT a.occurred_on BETWEEN s.held_on AND s.held_on + s.days - 1
           OR NOT rule.period @> a.occurred_on
           OR a.own_cut <> CASE WHEN a.own_reason = 'withdrawn' THEN a.gross_hours ELSE 0 END
    """,  # noqa: S608 - fixed text, no input
    "nobody has more hours on one day than the daily cap": """
        SELECT min(e.id) FROM trainees_creditentry e
        JOIN trainees_creditrule rule
          ON rule.category = 'concentrated' AND rule.period @> e.occurred_on
        GROUP BY e.member_id, e.occurred_on, rule.daily_cap
        HAVING sum(e.hours) > rule.daily_cap OR sum(e.hours) < 0
    """,
    # A roll that was taken back is a draft again, in which marks change without a correction.
    "corrections link one version of a mark to the next": """
        SELECT m.id FROM trainees_attendance m
        LEFT JOIN trainees_attendancecorrection c ON c.attendance_id = m.id
        LEFT JOIN trainees_attendancecorrection n
               ON n.attendance_id = m.id AND n.version = c.version + 1
        GROUP BY m.id HAVING count(c.id) <> m.version - 1
            OR (bool_or(c.new_status <> coalesce(n.old_status, m.status))
                AND NOT EXISTS (SELECT FROM trainees_assessment taken_back
                                WHERE taken_back.attendance_id = m.id
                                  AND taken_back.cause = 'withdrawn'))
    """,
    "numbers of issued documents run on without a gap": """
        SELECT max(id) FROM trainees_issueddocument GROUP BY number_year
        HAVING max(serial) <> count(*) OR bool_or(
            number NOT LIKE '%-' || number_year || '-' || to_char(serial, 'FM000000'))
    """,
    "versions of issued documents follow one another": """
        SELECT max(id) FROM trainees_issueddocument GROUP BY member_id, credit_year, kind
        HAVING max(version) <> count(*)
    """,
}


RECOUNT = "overlapping times and caps cut what the evidence before leaves no room for"
SEALS = "issued documents say what was sealed"
ALL_CHECKS = (*CHECKS, RECOUNT, SEALS)
MEMBERS_AT_ONCE = 2000
DOCUMENTS_AT_ONCE = 2000


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
    for check, ids in ((RECOUNT, sorted(list_unsettled())), (SEALS, _broken_documents())):
        if ids:
            findings.append(Finding(check, len(ids), ids[:10]))
    return findings


def _broken_documents() -> list[int]:
    documents = IssuedDocument.objects.order_by("pk").iterator(DOCUMENTS_AT_ONCE)
    return [document.pk for document in documents if not is_intact(document)]


def list_unsettled() -> dict[int, list[date]]:
    """Members whose overlaps and caps are not what their evidence says, with their crowded days."""
    with connection.cursor() as cursor:
        cursor.execute(_CROWDED)
        crowded = cursor.fetchall()
    wrong: dict[int, list[date]] = {}
    for batch in batched(crowded, MEMBERS_AT_ONCE):
        days = dict(batch)
        of_member: defaultdict[int, list[Piece]] = defaultdict(list)
        for piece in list_pieces(list(days), sorted(set().union(*days.values()))):
            of_member[piece.member_id].append(piece)
        wrong |= {member: days[member] for member, own in of_member.items() if not _holds(own)}
    return wrong


def _holds(pieces: list[Piece]) -> bool:
    pieces.sort(key=lambda piece: piece.seniority)
    worth = assess(piece.evidence for piece in pieces)
    return worth == [
        Worth(piece.overlap_cut, piece.cap_cut, piece.cap_reason)  # type: ignore[arg-type]
        for piece in pieces
    ]

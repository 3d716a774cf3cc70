"""Rolls as a source of hours: the value of marks, their claims, and the consistency checks."""

from hours.queries.evidence import LAST_VERSION, LATEST, NEW
from hours.queries.holders import HOLDER
from hours.queries.own_acts import OWN_LINKS, own_act
from hours.source_kinds import SourceKind
from rolls.enums import ATTENDED

KEY = "roll"
# The marks of people who attended, including late ones.
ATTENDED_SQL = "(" + ", ".join(f"'{status.value}'" for status in ATTENDED) + ")"

# The hours deducted for a mark: all of them if the trainee was not there, the rule's deduction if
# late.
MARK_CUT = f"""
CASE WHEN {{status}} NOT IN {ATTENDED_SQL} THEN {{hours}}
     WHEN {{status}} = 'late' THEN least({{deduction}}, {{hours}})
     ELSE 0 END
"""
_CUT = MARK_CUT.format(status="mark.status", hours="s.hours", deduction="rule.late_deduction")

# The start and end of session `s`, in minutes of its day.
BEGINS = "(extract(epoch FROM s.starts_at AT TIME ZONE 'Asia/Shanghai' - s.held_on) / 60)::integer"
ENDS = f"{BEGINS} + (extract(epoch FROM s.ends_at - s.starts_at) / 60)::integer"


def training_of(class_id: int) -> str:
    """The training key under which all sessions of a class are counted together."""
    return f"class:{class_id}"


# The evidence of a roll: the marks in `mark`, for the session %(session)s.
_CLAIM = f"""
SELECT roll.source_id, mark.member_id AS owner_id,
       {HOLDER.format(day="s.held_on")} AS member_id, s.held_on AS occurred_on, rule.category,
       rule.id AS rule_id, s.hours AS gross, own.cut AS own_cut,
       CASE WHEN %(is_withdrawn)s THEN 'withdrawn'
            WHEN own.cut > 0 THEN mark.status ELSE 'none' END AS own_reason,
       mark.organisation_id, class.school_id, {BEGINS} AS begins, {ENDS} AS ends,
       rule.daily_cap, rule.half_day_cap, rule.yearly_cap, '{KEY}' AS kind, {NEW},
       {LAST_VERSION.format(source="roll.source_id", owner="mark.member_id", day="s.held_on")}
       AS last_version
FROM mark
JOIN trainees_member m ON m.id = mark.member_id
JOIN courses_session s ON s.id = %(session)s
JOIN classes_roll roll ON roll.session_id = s.id
JOIN courses_trainingclass class ON class.id = s.training_class_id
JOIN hours_creditrule rule ON rule.category = 'concentrated' AND rule.period @> s.held_on
CROSS JOIN LATERAL (SELECT CASE WHEN %(is_withdrawn)s THEN s.hours ELSE {_CUT} END AS cut) own
"""  # noqa: S608 - fixed text, no input

# The marks of the members %(marked)s in the session %(session)s.
MARKS = """
WITH mark AS (
    SELECT member_id, organisation_id, status FROM rolls_attendance
    WHERE session_id = %(session)s AND member_id = ANY(%(marked)s::bigint[])
)
"""

_TITLE = """
SELECT class.title FROM classes_roll roll
JOIN courses_session s ON s.id = roll.session_id
JOIN courses_trainingclass class ON class.id = s.training_class_id
WHERE roll.source_id = {source}
"""

# Marks of a submitted roll that gave the person hours who made them.
_OWN_MARKS = f"""
WITH {OWN_LINKS}
SELECT mark.id FROM rolls_attendance mark
JOIN classes_roll roll ON roll.session_id = mark.session_id AND roll.state = 'submitted'
JOIN own ON {own_act("mark.marked_by_id", "mark.member_id", "mark.marked_at")}
WHERE NOT mark.taken_off AND coalesce(
    (SELECT first.old_status FROM rolls_attendancecorrection first
     WHERE first.attendance_id = mark.id AND first.version = 1), mark.status) IN {ATTENDED_SQL}
UNION
SELECT mark.id FROM rolls_attendancecorrection correction
JOIN rolls_attendance mark ON mark.id = correction.attendance_id
JOIN own ON {own_act("correction.corrected_by_id", "mark.member_id", "correction.corrected_at")}
"""  # noqa: S608 - fixed text, no input

# Requests answered by somebody who was marked on the roll by then.
_OWN_REOPENINGS = f"""
WITH {OWN_LINKS}
SELECT DISTINCT asked.id FROM rolls_rollreopening asked
JOIN classes_roll roll ON roll.id = asked.roll_id
JOIN rolls_attendance mark ON mark.session_id = roll.session_id AND NOT mark.taken_off
    AND mark.marked_at <= asked.answered_at
JOIN own ON {own_act("asked.answered_by_id", "mark.member_id", "asked.answered_at")}
"""  # noqa: S608 - fixed text, no input

_OWN_WALK_INS = f"""
WITH {OWN_LINKS}
SELECT DISTINCT walk_in.id FROM rolls_walkin walk_in
JOIN own ON {own_act("walk_in.matched_by_id", "walk_in.member_id", "walk_in.matched_at")}
"""  # noqa: S608 - fixed text, no input

# Hours that were taken back by the person who had them: of a whole roll, or of a walk-in.
_OWN_WITHDRAWALS = f"""
WITH {OWN_LINKS}
SELECT DISTINCT assessment.id FROM hours_assessment assessment
JOIN hours_source source ON source.id = assessment.source_id AND source.kind = '{KEY}'
JOIN own ON {own_act("assessment.assessed_by_id", "assessment.member_id", "assessment.assessed_at")}
WHERE assessment.cause = 'withdrawn'
"""  # noqa: S608 - fixed text, no input

# Hours of a session that were changed by somebody whose mark on its roll was there already.
_OWN_FIGURES = f"""
WITH {OWN_LINKS}
SELECT DISTINCT entry.id FROM accounts_auditentry entry
JOIN rolls_attendance mark ON mark.session_id = entry.object_id::bigint AND NOT mark.taken_off
    AND mark.status IN {ATTENDED_SQL} AND mark.marked_at <= entry.at
JOIN own ON {own_act("entry.actor_id", "mark.member_id", "entry.at")}
WHERE entry.act = 'change_record' AND entry.object_type = 'courses.session'
    AND entry.after ? 'hours'
"""  # noqa: S608 - fixed text, no input

_CHECKS = {
    "every roll is counted in the training of its class": f"""
        SELECT roll.id FROM classes_roll roll
        JOIN courses_session s ON s.id = roll.session_id
        JOIN hours_source source ON source.id = roll.source_id
        WHERE (source.kind, source.training)
            IS DISTINCT FROM ('{KEY}', 'class:' || s.training_class_id)
    """,  # noqa: S608 - fixed text, no input
    "every mark of a submitted roll stands assessed, no other mark does": f"""
        WITH {LATEST}, due AS (
            SELECT mark.id, roll.source_id, mark.member_id AS owner_id, s.held_on,
                   {HOLDER.format(day="s.held_on")} AS member_id
            FROM rolls_attendance mark
            JOIN trainees_member m ON m.id = mark.member_id
            JOIN courses_session s ON s.id = mark.session_id
            JOIN classes_roll roll ON roll.session_id = s.id AND roll.state = 'submitted'
            WHERE NOT mark.taken_off
        )
        SELECT coalesce(due.id, other.id, -counted.id) FROM due
        FULL JOIN (SELECT latest.* FROM latest
                   JOIN hours_source source ON source.id = latest.source_id
                   WHERE source.kind = '{KEY}' AND own_reason <> 'withdrawn') counted
               ON (counted.source_id, counted.owner_id, counted.member_id, counted.occurred_on)
                = (due.source_id, due.owner_id, due.member_id, due.held_on)
        LEFT JOIN classes_roll roll ON roll.source_id = counted.source_id
        LEFT JOIN rolls_attendance other
               ON other.session_id = roll.session_id AND other.member_id = counted.owner_id
        WHERE due.id IS NULL OR counted.id IS NULL
    """,  # noqa: S608 - fixed text, no input
    "no session that was called off has a mark": """
        SELECT DISTINCT session.id FROM courses_session session
        JOIN rolls_attendance mark ON mark.session_id = session.id
        WHERE session.called_off_at IS NOT NULL
    """,
    "every walk-in that is matched has a mark on the roll of its session": """
        SELECT walk_in.id FROM rolls_walkin walk_in
        LEFT JOIN rolls_attendance mark
               ON mark.session_id = walk_in.session_id AND mark.member_id = walk_in.member_id
              AND NOT mark.taken_off
        WHERE walk_in.member_id IS NOT NULL AND mark.id IS NULL
    """,
    # The hours of a session may be put right once its roll is taken back.
    "what attendance is worth follows from session, mark and rule": f"""
        WITH {LATEST}
        SELECT a.id FROM latest a
        JOIN classes_roll roll ON roll.source_id = a.source_id
        JOIN courses_session s ON s.id = roll.session_id
        JOIN rolls_attendance mark ON mark.session_id = s.id AND mark.member_id = a.owner_id
        JOIN hours_creditrule rule ON rule.id = a.rule_id
        CROSS JOIN LATERAL (SELECT
            CASE WHEN a.own_reason = 'withdrawn' THEN a.gross_hours ELSE s.hours END AS gross,
            CASE WHEN a.own_reason = 'withdrawn' THEN a.gross_hours ELSE {_CUT} END AS cut) own
        WHERE (a.gross_hours, a.occurred_on, a.category, a.own_cut, a.begins, a.ends)
                IS DISTINCT FROM (own.gross, s.held_on, rule.category, own.cut, {BEGINS}, {ENDS})
           OR NOT rule.period @> a.occurred_on
           OR a.own_reason NOT IN
              ('withdrawn', CASE WHEN own.cut > 0 THEN mark.status ELSE 'none' END)
    """,  # noqa: S608 - fixed text, no input
    "hours of a roll stand at the school of its class and the organisation of the mark": """
        SELECT a.id FROM hours_assessment a
        JOIN classes_roll roll ON roll.source_id = a.source_id
        JOIN courses_session s ON s.id = roll.session_id
        JOIN courses_trainingclass class ON class.id = s.training_class_id
        LEFT JOIN rolls_attendance mark
               ON mark.session_id = s.id AND mark.member_id = a.owner_id
        WHERE a.hours > 0 AND (a.school_id, a.organisation_id)
            IS DISTINCT FROM (class.school_id, mark.organisation_id)
    """,
    "nobody marks themselves present or corrects their own mark": _OWN_MARKS,
    "nobody answers a request to reopen a roll with a mark of theirs": _OWN_REOPENINGS,
    "nobody is the one who matches a walk-in to them": _OWN_WALK_INS,
    "nobody takes back a roll with a mark of theirs": _OWN_WITHDRAWALS,
    "nobody changes the hours of a session that they attended": _OWN_FIGURES,
    # A withdrawn roll is a draft again, and marks in a draft change without a correction.
    "corrections link one version of a mark to the next": """
        SELECT m.id FROM rolls_attendance m
        LEFT JOIN rolls_attendancecorrection c ON c.attendance_id = m.id
        LEFT JOIN rolls_attendancecorrection n
               ON n.attendance_id = m.id AND n.version = c.version + 1
        GROUP BY m.id HAVING count(c.id) <> m.version - 1
            OR (bool_or(c.new_status <> coalesce(n.old_status, m.status))
                AND NOT EXISTS (SELECT FROM hours_assessment taken_back
                                JOIN classes_roll roll ON roll.source_id = taken_back.source_id
                                WHERE roll.session_id = m.session_id
                                  AND taken_back.owner_id = m.member_id
                                  AND taken_back.cause = 'withdrawn'))
    """,
}

ROLL = SourceKind(
    key=KEY,
    claim=_CLAIM,
    title=_TITLE,
    locks=("courses_session",),
    checks=_CHECKS,
    rank=1,
)

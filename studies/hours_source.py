"""Study records as a source of hours: their worth, their claims, and the consistency checks."""

from hours.queries.evidence import LAST_VERSION, LATEST, NEW
from hours.queries.holders import HOLDER, HOLDER_OF_ROW, ROW_GIVEN_UP
from hours.queries.own_acts import OWN_LINKS, own_act
from hours.source_kinds import SourceKind

KEY = "study"
BEGINS = "(extract(epoch FROM study.starts_at) / 60)::integer"

# The school that hours of a study belong to: the one serving its organisation on each of its days.
SERVED = """
LEFT JOIN schools_placement place
       ON place.organisation_id = study.organisation_id AND place.period @> {day}
LEFT JOIN schools_schoolarea area
       ON area.township_id = place.township_id AND area.period @> {day}
"""

# The worth of one day of a study: the last step of the rule that it reaches, before the first step
# its minutes by the rule's rate, and no more than the rule's ceiling (`least` passes over a NULL).
STUDY_WORTH = """
CROSS JOIN LATERAL (SELECT least(rule.piece_cap, coalesce(
    (SELECT hours FROM hours_creditstep
     WHERE rule_id = rule.id AND from_minutes <= study.minutes
     ORDER BY from_minutes DESC LIMIT 1),
    floor(study.minutes * 4.0 / rule.minutes_per_hour) / 4, 0)) AS hours) worth
"""

_HOLDER = HOLDER.format(day="day.on")
_HOLDER_ON_DAY = HOLDER_OF_ROW.format(member="p.member_id", day="study.held_on + n")


def training_of(study_id: int) -> str:
    """The training key under which a study is counted; each study has its own."""
    return f"{KEY}:{study_id}"


# The evidence of the study %(study)s: one piece per participant in %(there)s and day. A study
# counts once per person, so the row that holds the hours owns the piece.
_CLAIM = f"""
SELECT study.source_id, holder.id AS owner_id, holder.id AS member_id, day.on AS occurred_on,
       rule.category, rule.id AS rule_id, worth.hours AS gross,
       CASE WHEN %(is_withdrawn)s THEN worth.hours ELSE 0 END AS own_cut,
       CASE WHEN %(is_withdrawn)s THEN 'withdrawn' ELSE 'none' END AS own_reason,
       participant.organisation_id, area.school_id,
       {BEGINS} AS begins, {BEGINS} + study.minutes AS ends,
       rule.daily_cap, rule.half_day_cap, rule.yearly_cap, '{KEY}' AS kind, {NEW},
       {LAST_VERSION.format(source="study.source_id", owner="holder.id", day="day.on")}
       AS last_version
FROM studies_study study
JOIN studies_studyparticipant participant ON participant.study_id = study.id
JOIN trainees_member m ON m.id = participant.member_id
CROSS JOIN LATERAL (SELECT study.held_on + n AS on FROM generate_series(0, study.days - 1) n) day
CROSS JOIN LATERAL (SELECT {_HOLDER} AS id) holder
JOIN hours_creditrule rule ON rule.category = %(category)s AND rule.period @> day.on
{STUDY_WORTH}
{SERVED.format(day="day.on")}
WHERE study.id = %(study)s AND participant.member_id = ANY(%(there)s::bigint[])
  AND worth.hours > 0
  AND (holder.id = m.id OR NOT EXISTS (
      SELECT FROM studies_studyparticipant other
      WHERE other.study_id = study.id AND other.member_id = holder.id))
"""  # noqa: S608 - fixed text, no input

_TITLE = "SELECT study.topic FROM studies_study study WHERE study.source_id = {source}"

_PARTICIPANTS = """
SELECT study.source_id, participant.member_id, participant.organisation_id
FROM studies_studyparticipant participant
JOIN studies_study study ON study.id = participant.study_id
WHERE study.source_id IS NOT NULL
"""

# A record that was never submitted (version 1) comes from the demo and has no reviews. The
# community's step was required if a commissioner was in charge when the school passed the record.
# Grants and placements can be entered later for earlier days, so only certain ones count: grants
# unchanged since then, and placements from before that year.
_REVIEWED = """
SELECT study.id
FROM studies_study study
LEFT JOIN (
    SELECT passed_study.id,
           count(*) FILTER (WHERE step = 'school') AS by_school,
           count(*) FILTER (WHERE step = 'community') AS by_community,
           max(reviewed_at) FILTER (WHERE step = 'school') AS at,
           (max(reviewed_at) FILTER (WHERE step = 'school') AT TIME ZONE 'Asia/Shanghai')::date
           AS day
    FROM studies_studyreview review
    JOIN studies_study passed_study
      ON passed_study.id = review.study_id AND passed_study.round = review.round
     AND passed_study.recorded_by_id <> review.reviewed_by_id
    WHERE review.verdict = 'passed' GROUP BY 1
) passed ON passed.id = study.id
WHERE study.state = 'approved' AND study.version > 1 AND (coalesce(passed.by_school, 0) = 0
    OR passed.by_community = 0 AND EXISTS (
        SELECT FROM hours_assessment a
        JOIN hours_creditrule rule ON rule.id = a.rule_id
        WHERE a.source_id = study.source_id AND rule.review_steps = 2)
    AND EXISTS (
        SELECT FROM (
            SELECT commissioner.* FROM schools_rolegrant commissioner
            LEFT JOIN schools_placement place
                   ON place.organisation_id = study.organisation_id AND place.period @> passed.day
                  AND lower(place.period) < date_trunc('year', passed.day)
            WHERE commissioner.role = 'organisation_commissioner'
              AND commissioner.period @> passed.day
              AND commissioner.user_id <> study.recorded_by_id
              AND commissioner.organisation_id IN (study.organisation_id, place.parent_id)
            OFFSET 0  -- found before the participants are read, since few have one
        ) commissioner
        WHERE NOT EXISTS (
              SELECT FROM studies_studyparticipant there
              JOIN trainees_member m ON m.id = there.member_id
              LEFT JOIN trainees_member kept ON kept.id = m.merged_into_id
              WHERE there.study_id = study.id
                AND commissioner.user_id IN (m.user_id, kept.user_id))
          AND NOT EXISTS (
              SELECT FROM accounts_auditentry entry
              WHERE entry.object_type = 'schools.rolegrant'
                AND entry.object_id = commissioner.id::text AND entry.at >= passed.at)))
"""

# Records that a participant reviewed, or into which somebody put or took themselves.
_OWN_REVIEWS = f"""
WITH {OWN_LINKS}
SELECT review.study_id FROM studies_studyreview review
JOIN studies_studyparticipant there ON there.study_id = review.study_id
JOIN studies_study study ON study.id = review.study_id AND study.round = review.round
JOIN own ON {own_act("review.reviewed_by_id", "there.member_id", "review.reviewed_at")}
WHERE review.verdict <> 'returned' AND study.state IN ('checked', 'approved', 'withdrawn')
  AND NOT EXISTS (
    SELECT FROM studies_studyparticipantcorrection added
    WHERE added.study_id = study.id AND added.member_id = there.member_id
      AND added.change = 'added' AND added.corrected_at >= review.reviewed_at)
UNION
SELECT correction.study_id FROM studies_studyparticipantcorrection correction
JOIN own ON {own_act("corrected_by_id", "correction.member_id", "corrected_at")}
"""  # noqa: S608 - fixed text, no input

_CHECKS = {
    "every study is a training of its own": f"""
        SELECT study.id FROM studies_study study
        JOIN hours_source source ON source.id = study.source_id
        WHERE (source.kind, source.training) IS DISTINCT FROM ('{KEY}', '{KEY}:' || study.id)
    """,  # noqa: S608 - fixed text, no input
    "every participant of an approved study stands assessed, no other does": f"""
        WITH {LATEST}, due AS (
            SELECT study.source_id, study.id, study.held_on + n AS day,
                   {_HOLDER_ON_DAY} AS member_id
            FROM studies_studyparticipant p
            JOIN studies_study study ON study.id = p.study_id AND study.state = 'approved'
            CROSS JOIN unnest(ARRAY(SELECT generate_series(0, study.days - 1))) n
            {ROW_GIVEN_UP.format(member="p.member_id")}
        )
        SELECT DISTINCT coalesce(due.id, study.id, -counted.id) FROM due
        FULL JOIN (SELECT latest.* FROM latest
                   JOIN hours_source source ON source.id = latest.source_id
                   WHERE source.kind = '{KEY}' AND own_reason <> 'withdrawn') counted
               ON (counted.source_id, counted.owner_id, counted.member_id, counted.occurred_on)
                = (due.source_id, due.member_id, due.member_id, due.day)
        LEFT JOIN studies_study study ON study.source_id = counted.source_id
        WHERE due.id IS NULL OR counted.id IS NULL
    """,  # noqa: S608 - fixed text, no input
    "every approved study was passed by others than its recorder, in the steps of its rule": (
        _REVIEWED
    ),
    "nobody reviews or corrects study that they took part in": _OWN_REVIEWS,
    "what study is worth follows from its minutes and rule": f"""
        WITH {LATEST}, judged AS MATERIALIZED (
            SELECT study.*, rule.id AS rule_id, rule.category, rule.period, worth.hours AS worth
            FROM studies_study study
            JOIN (SELECT DISTINCT source_id, rule_id FROM hours_assessment) used USING (source_id)
            JOIN hours_creditrule rule ON rule.id = used.rule_id
            {STUDY_WORTH}
        )
        SELECT a.id FROM latest a JOIN judged study USING (source_id, rule_id)
        WHERE (a.gross_hours, a.category, a.begins, a.ends)
            IS DISTINCT FROM (study.worth, study.category, {BEGINS}, {BEGINS} + study.minutes)
           OR NOT a.occurred_on BETWEEN study.held_on AND study.held_on + study.days - 1
           OR NOT study.period @> a.occurred_on
           OR a.own_cut <> CASE WHEN a.own_reason = 'withdrawn' THEN a.gross_hours ELSE 0 END
    """,  # noqa: S608 - fixed text, no input
    "hours of a study stand at its school and the organisation of the participant": f"""
        WITH there AS (
            SELECT study_id, member_id, organisation_id FROM studies_studyparticipant
            UNION ALL
            SELECT study_id, member_id, organisation_id
            FROM studies_studyparticipantcorrection WHERE change = 'removed'
        ), held AS (
            SELECT study_id, member_id, organisation_id FROM there
            UNION ALL
            SELECT study_id, kept_id, organisation_id
            FROM there JOIN trainees_membermerge ON given_up_id = member_id
        )
        SELECT a.id FROM hours_assessment a
        JOIN studies_study study ON study.source_id = a.source_id
        {SERVED.format(day="a.occurred_on")}
        WHERE a.hours > 0 AND (a.school_id IS DISTINCT FROM area.school_id
            OR (study.id, a.member_id, a.organisation_id) NOT IN (SELECT * FROM held))
    """,  # noqa: S608 - fixed text, no input
}

STUDY = SourceKind(
    key=KEY,
    claim=_CLAIM,
    title=_TITLE,
    locks=("studies_study",),
    participants=_PARTICIPANTS,
    checks=_CHECKS,
)

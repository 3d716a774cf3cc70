"""The statements that read a member's year, each planned once per connection."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from config.lib.prepared import PreparedStatement
from config.lib.sql_steps import Once, with_steps
from hours.queries.clocks import CLOCKS, MAY_HAVE_CLOCKS, clock_steps, clock_steps_as_known
from hours.queries.requirements import (
    CHOSEN,
    KNOWN_AT,
    TRAININGS,
    facts_as_known,
    facts_of,
    owed_all_year_steps,
    owed_steps,
)
from trainees.permissions import ROLES_IN_FORCE
from years.queries.pending_items import MAY_HAVE_PENDING, NOTHING_PENDING, PENDING_ITEMS


class MemberRow(NamedTuple):
    """A member's year as the statement reads it, with the roles of the account that asks.

    `clocks`, `pending_items` and `declarations` are JSON, for `hours.queries.clocks.read_clocks`
    and their like. `parts` has the group, version and rate of each month, None for one that does
    not count. `is_whole` says whether the statement read all that there is about the year.
    """

    member_id: int
    number: str
    name: str
    organisation: str | None
    school: str | None
    school_code: str | None
    membership_status: str | None
    exemption: str | None
    owed: Decimal | None
    trainings: int
    trained: int
    rule_group: str | None
    rule_version: int | None
    rule_source: str | None
    rule_to_be_verified: bool | None
    parts: list[tuple[str, int, str] | None] | None
    clocks: str
    years: list[int]
    pending_items: dict[str, list[dict[str, Any]] | None]
    declarations: list[dict[str, Any]]
    rule_training_hours: Decimal | None
    has_rule: bool
    departure: str | None
    left_on: date | None
    roles: list[str]
    is_whole: bool


# Undecided declarations of the year.
_DECLARATIONS = """
(SELECT coalesce(json_agg(json_build_object(
            'id', study.id, 'topic', study.topic, 'held_on', study.held_on, 'state', study.state,
            'round', study.round, 'reason', (
                SELECT reason FROM studies_studyreview review
                WHERE review.study_id = study.id AND review.round = study.round
                  AND review.verdict = 'returned'))
            ORDER BY study.held_on DESC, study.id DESC), '[]')
 FROM studies_study study
 WHERE study.id IN (SELECT participant.study_id FROM studies_studyparticipant participant
                    WHERE participant.member_id IN (SELECT id FROM own))
   AND study.kind IN ('online_study', 'outside_training')
   AND study.state IN ('draft', 'submitted', 'checked')
   AND %(year)s BETWEEN extract(year FROM study.held_on)
                    AND extract(year FROM study.held_on + study.days - 1))
"""

_CHOSEN = """
SELECT id, number, name, joined_on, full_member_on FROM trainees_member WHERE {which}
"""
# The rows of the member: the own one, and those merged into it.
_OWN = """
SELECT id FROM chosen UNION ALL
SELECT merged.id FROM trainees_member merged JOIN chosen ON merged.merged_into_id = chosen.id
"""
_TRAINED = f"CASE WHEN owed.trainings > 0 THEN {TRAININGS} ELSE 0 END"
_DEPARTURE = """
SELECT member_id, kind, left_on FROM trainees_departure
WHERE left_on <= %(as_of)s::date AND taken_back_at IS NULL
"""
_DEPARTURE_AS_KNOWN = f"""
SELECT member_id, kind, left_on FROM trainees_departure
WHERE left_on <= %(as_of)s::date AND recorded_at <= {KNOWN_AT}
  AND NOT taken_back_at <= {KNOWN_AT} IS TRUE
"""  # noqa: S608 - fixed text, no input

# After the steps to `owed`; the last columns say what only few have.
_MEMBER = f"""
SELECT chosen.id AS member_id, chosen.number, chosen.name, owed.organisation_name AS organisation,
       school.name AS school, school.code AS school_code, owed.membership_status, owed.exemption,
       owed.owed, owed.trainings, {_TRAINED} AS trained,
       owed.rule_group, owed.rule_version, owed.rule_source,
       owed.to_be_verified AS rule_to_be_verified, owed.parts::json AS parts,
       {{clocks}} AS clocks,
       ARRAY(SELECT DISTINCT credit_year FROM hours_assessment
             WHERE member_id IN (SELECT id FROM own)
             ORDER BY credit_year DESC) AS years,
       {{pending_items}} AS pending_items,
       {{declarations}} AS declarations,
       owed.training_hours AS rule_training_hours,
       EXISTS (SELECT FROM rule
               WHERE rule."group" = 'every_member' AND rule.period @> %(as_of)s::date) AS has_rule,
       last_departure.kind AS departure, last_departure.left_on,
       ARRAY({ROLES_IN_FORCE}) AS roles, {{is_whole}} AS is_whole
FROM chosen
LEFT JOIN owed ON owed.member_id = chosen.id
LEFT JOIN schools_school school ON school.id = owed.school_id
LEFT JOIN LATERAL (
    SELECT kind, left_on FROM departure
    WHERE member_id = chosen.id ORDER BY left_on DESC LIMIT 1
) last_departure ON owed.member_id IS NULL
"""  # noqa: S608 - fixed text, no input
_WHOLE = _MEMBER.format(
    clocks=CLOCKS, pending_items=PENDING_ITEMS, declarations=_DECLARATIONS, is_whole="true"
)
# For most members nothing changes within the year, no clock runs, and nothing is pending. A third
# of the statement then gives the same result, and its last column tells whether this is so.
_ORDINARY = _MEMBER.format(
    clocks="'[]'::text",
    pending_items=NOTHING_PENDING,
    declarations="'[]'::json",
    is_whole=f"""NOT (EXISTS (SELECT FROM changing)
                      OR {MAY_HAVE_CLOCKS} OR {MAY_HAVE_PENDING})""",
)

_LINES = """
SELECT a.source_id, a.owner_id, a.version, a.occurred_on, a.category, a.gross_hours AS gross,
       a.own_cut, a.own_reason, a.overlap_cut, a.cap_cut, a.cap_reason, a.hours AS worth,
       (SELECT coalesce(sum(hours), 0) FROM hours_creditentry WHERE assessment_id = a.id) AS hours,
       rule.version AS rule_version,
       CASE a.cap_reason WHEN 'half_day' THEN rule.half_day_cap
                         WHEN 'year' THEN rule.yearly_cap ELSE rule.daily_cap END AS cap,
       a.cause, a.reason, a.assessed_at, assessor.display_name AS assessed_by,
       coalesce(study.recorded_at, a.assessed_at) AS recorded_at,
       coalesce(recorder.display_name, assessor.display_name) AS recorded_by,
       passed.reviewed_at AS passed_at,
       (SELECT display_name FROM accounts_user WHERE id = passed.reviewed_by_id) AS passed_by,
       session.id IS NOT NULL AS is_of_roll, coalesce(class.title, study.topic) AS title,
       session.number AS session_number, course.title AS course,
       coalesce(venue.name, session.place, study.place) AS place,
       coalesce(school.name, organisation.name) AS host, study.kind AS study_kind,
       a.id AS assessment_id, rule.dispute_days, a.member_id <> %(member)s AS is_of_merged,
       CASE WHEN a.cause <> 'merged' THEN false
            WHEN study.id IS NULL THEN a.owner_id <> a.member_id
            ELSE NOT EXISTS (SELECT FROM studies_studyparticipant own
                             WHERE own.study_id = study.id AND own.member_id = a.member_id)
       END AS is_of_other
FROM hours_assessment a
JOIN hours_creditrule rule ON rule.id = a.rule_id
JOIN accounts_user assessor ON assessor.id = a.assessed_by_id
-- A fence, since the planner expects more lines and would read all rolls of the district.
LEFT JOIN LATERAL (
    SELECT session_id FROM classes_roll WHERE source_id = a.source_id OFFSET 0
) roll ON true
LEFT JOIN courses_session session ON session.id = roll.session_id
LEFT JOIN courses_trainingclass class ON class.id = session.training_class_id
LEFT JOIN courses_course course ON course.id = session.course_id
LEFT JOIN courses_venue venue ON venue.id = session.venue_id
LEFT JOIN schools_school school ON school.id = class.school_id
LEFT JOIN studies_study study ON study.source_id = a.source_id
LEFT JOIN schools_organisation organisation ON organisation.id = study.organisation_id
LEFT JOIN accounts_user recorder ON recorder.id = study.recorded_by_id
LEFT JOIN studies_studyreview passed ON passed.study_id = study.id AND passed.round = study.round
     AND passed.step = 'school' AND passed.verdict = 'passed'
WHERE a.credit_year = %(year)s AND a.member_id = ANY(ARRAY(
      SELECT %(member)s UNION ALL
      SELECT id FROM trainees_member WHERE merged_into_id = %(member)s AND merged_year > %(year)s))
ORDER BY a.occurred_on DESC,
         coalesce((session.starts_at AT TIME ZONE 'Asia/Shanghai')::time, study.starts_at) DESC,
         session.id, study.id, a.source_id, a.owner_id, a.member_id, a.version DESC
"""


_TYPES = {"user": "bigint", "on": "date", "as_of": "date", "year": "integer"}
_KNOWN_TYPES = {"known_at": "timestamptz", **_TYPES}
_MINE, _ONE = "user_id = %(user)s", "id = %(member)s"


def _steps(which: str, departure: str = _DEPARTURE) -> dict[str, str]:
    return {"chosen": Once(_CHOSEN.format(which=which)), "own": Once(_OWN), "departure": departure}


def _current(which: str) -> str:
    owed = owed_steps(facts_of(CHOSEN), of_page=True)
    return with_steps(_steps(which) | owed | clock_steps(), _WHOLE)


def _as_known(which: str) -> str:
    owed = owed_steps(facts_as_known(), of_page=True)
    steps = _steps(which, _DEPARTURE_AS_KNOWN) | owed | clock_steps_as_known()
    return with_steps(steps, _WHOLE)


_READ_MINE = PreparedStatement(lambda: _current(_MINE), **_TYPES)
_READ_ONE = PreparedStatement(lambda: _current(_ONE), member="bigint", **_TYPES)
_READ_ORDINARY = with_steps(_steps(_MINE) | owed_all_year_steps(), _ORDINARY)

# Each is a sequence of statements, executed in order until one has read the whole year.
READ_OWN = (PreparedStatement(_READ_ORDINARY, **_TYPES), _READ_MINE)
READ_CHOSEN = (_READ_ONE,)
READ_OWN_AS_KNOWN = (PreparedStatement(lambda: _as_known(_MINE), **_KNOWN_TYPES),)
READ_CHOSEN_AS_KNOWN = (
    PreparedStatement(lambda: _as_known(_ONE), member="bigint", **_KNOWN_TYPES),
)
READ_LINES = PreparedStatement(_LINES, member="bigint", year="integer")

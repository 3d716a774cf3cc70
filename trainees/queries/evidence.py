"""The evidence that stands for members on some days, with what it is worth to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from trainees.assessing import Evidence
from trainees.enums import OwnCut

_ATTENDS = frozenset({OwnCut.NONE.value, OwnCut.LATE.value})
BEGINS = "(extract(epoch FROM s.starts_at AT TIME ZONE 'Asia/Shanghai' - s.held_on) / 60)::integer"
ENDS = f"{BEGINS} + (extract(epoch FROM s.ends_at - s.starts_at) / 60)::integer"
STUDY_BEGINS = "(extract(epoch FROM study.starts_at) / 60)::integer"

# Where the hours of a study belong: the school that served its organisation on each of its days.
SERVED = """
LEFT JOIN schools_placement place
       ON place.organisation_id = study.organisation_id AND place.period @> {day}
LEFT JOIN schools_schoolarea area
       ON area.township_id = place.township_id AND area.period @> {day}
"""

# What one day of a study is worth: where a step of the rule is worth more than the minutes alone,
# it is the step that counts.
STUDY_WORTH = """
CROSS JOIN LATERAL (SELECT greatest(
    coalesce(floor(study.minutes * 4.0 / rule.minutes_per_hour) / 4, 0),
    coalesce((SELECT max(hours) FROM trainees_creditstep
              WHERE rule_id = rule.id AND from_minutes <= study.minutes), 0)) AS hours) worth
"""

# Who holds the hours of a member `m` on a day: since a merge, the row that was kept.
HOLDER = """
CASE WHEN m.merged_year <= extract(year FROM {day}) THEN m.merged_into_id ELSE m.id END
"""

# The last version of an assessment of a mark, whoever holds its hours.
LAST_VERSION = """
(SELECT max(version)::integer FROM trainees_assessment WHERE attendance_id = {attendance})
"""

# The latest version of each assessment of %(members)s on %(days)s; of the whole year where a yearly
# cap ties its days together. The callers hold locks on the members, so that nobody adds to it.
_STANDING = f"""
SELECT a.attendance_id, a.study_id, a.member_id, a.occurred_on, a.category, a.rule_id,
       a.gross_hours, a.own_cut, a.own_reason,
       coalesce(mark.organisation_id, participant.organisation_id),
       coalesce(class.school_id, area.school_id),
       coalesce({BEGINS}, {STUDY_BEGINS}), coalesce({ENDS}, {STUDY_BEGINS} + study.minutes),
       rule.daily_cap, rule.half_day_cap, rule.yearly_cap,
       a.senior, a.version::integer, a.overlap_cut, a.cap_cut, a.cap_reason, e.id,
       {LAST_VERSION.format(attendance="a.attendance_id")}
FROM (
    SELECT one.*, min(one.id) OVER evidence AS senior,
           row_number() OVER (evidence ORDER BY one.version DESC) AS place
    FROM trainees_assessment one
    WHERE one.member_id = ANY(%(members)s::bigint[])
      AND one.credit_year = ANY(%(years)s::integer[])
      AND (one.occurred_on = ANY(%(days)s::date[]) OR EXISTS (
           SELECT FROM trainees_creditrule capped
           WHERE capped.yearly_cap IS NOT NULL AND capped.period && daterange(
               make_date(one.credit_year::integer, 1, 1),
               make_date(one.credit_year::integer + 1, 1, 1))))
    WINDOW evidence AS
        (PARTITION BY one.member_id, one.attendance_id, one.study_id, one.occurred_on)
) a
JOIN trainees_creditrule rule ON rule.id = a.rule_id
LEFT JOIN trainees_creditentry e ON e.assessment_id = a.id AND e.reverses_id IS NULL
LEFT JOIN trainees_attendance mark ON mark.id = a.attendance_id
LEFT JOIN courses_session s ON s.id = mark.session_id
LEFT JOIN courses_trainingclass class ON class.id = s.training_class_id
LEFT JOIN trainees_study study ON study.id = a.study_id
LEFT JOIN LATERAL (
    SELECT p.organisation_id FROM trainees_studyparticipant p
    JOIN trainees_member m ON m.id = p.member_id
    WHERE p.study_id = a.study_id AND a.member_id IN (p.member_id, m.merged_into_id)
    ORDER BY p.member_id = a.member_id DESC LIMIT 1) participant ON true
{SERVED.format(day="a.occurred_on")}
WHERE a.place = 1
"""  # noqa: S608 - fixed text, no input

type Key = tuple[int | None, int | None, int, date]


class Piece(NamedTuple):
    """One piece of evidence as it is claimed, with what stands of it; the columns of a claim."""

    attendance_id: int | None
    study_id: int | None
    member_id: int
    occurred_on: date
    category: str
    rule_id: int
    gross: Decimal
    own_cut: Decimal
    own_reason: str
    organisation_id: int
    school_id: int
    begins: int | None
    ends: int | None
    daily_cap: Decimal
    half_day_cap: Decimal | None
    yearly_cap: Decimal | None
    senior: int | None
    version: int | None
    overlap_cut: Decimal | None
    cap_cut: Decimal | None
    cap_reason: str | None
    entry_id: int | None
    last_version: int | None

    @property
    def key(self) -> Key:
        """What it is evidence of."""
        return self.attendance_id, self.study_id, self.member_id, self.occurred_on

    @property
    def seniority(self) -> tuple[Any, ...]:
        """What was assessed first is senior; what is new comes after, by its time."""
        place = self.occurred_on, self.begins or 0, self.attendance_id or 0, self.study_id or 0
        return self.senior is None, self.senior or 0, *place

    @property
    def evidence(self) -> Evidence:
        return Evidence(
            self.occurred_on,
            self.category,
            self.gross,
            self.own_cut,
            self.own_reason in _ATTENDS,
            self.begins,
            self.ends,
            self.daily_cap,
            self.half_day_cap,
            self.yearly_cap,
        )

    def source_key(self, version: int) -> str:
        """The name under which its hours are posted, once."""
        if self.attendance_id is not None:
            return f"attendance:{self.attendance_id}:{version}"
        return f"study:{self.study_id}:{self.member_id}:{self.occurred_on:%Y%m%d}:{version}"


def list_pieces(
    members: Sequence[int], days: Sequence[date], claims: str = "", **values: Any
) -> list[Piece]:
    """What stands of `members` on `days`, and what `claims` says of them with its `values`.

    `claims` is a SELECT with the columns of `Piece`, in which nothing stands yet. One statement.
    """
    values |= {"members": list(members), "days": list(days)}
    values["years"] = sorted({day.year for day in days})
    union = f"{claims} UNION ALL " if claims else ""
    with connection.cursor() as cursor:
        cursor.execute(union + _STANDING, values)
        return [Piece(*row) for row in cursor.fetchall()]

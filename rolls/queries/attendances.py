"""Attendances (person-times) of a year, as statements count them."""

from __future__ import annotations

from datetime import date
from typing import Any

from config.lib.rows import select_column
from hours.models import BalanceYear
from hours.queries.balances import Unsettled
from hours.queries.holders import HOLDER_OF_ROW, ROW_GIVEN_UP
from hours.queries.requirements import THESE
from rolls.hours_source import ATTENDED_SQL

_ALL = f"""
SELECT class.school_id, class.module_id, mark.organisation_id, session.held_on,
       {HOLDER_OF_ROW.format(member="mark.member_id", day="session.held_on")} AS member_id
FROM courses_session session
JOIN courses_trainingclass class ON class.id = session.training_class_id
JOIN classes_roll roll ON roll.session_id = session.id AND roll.state = 'submitted'
JOIN rolls_attendance mark ON mark.session_id = session.id
{ROW_GIVEN_UP.format(member="mark.member_id")}
WHERE session.held_on >= %(first)s AND session.held_on <= %(last)s
  AND mark.status IN {ATTENDED_SQL}
"""  # noqa: S608 - fixed text, no input
_OF_SCHOOLS = " AND class.school_id = ANY(%(schools)s)"
# Those of %(members)s, whose marks may stand at any row of the same person.
_ROWS_OF_MEMBERS = """ AND mark.member_id = ANY(ARRAY(
    SELECT unnest(%(members)s)
    UNION SELECT id FROM trainees_member WHERE merged_into_id = ANY(%(members)s)
    UNION SELECT given_up_id FROM trainees_membermerge WHERE kept_id = ANY(%(members)s)))"""

# Marks *present* or *late* of submitted rolls, from %(first)s to %(last)s at the schools
# %(schools)s. The member is the one who holds the hours of the mark: two rows of a person are one.
ATTENDANCES = _ALL + _OF_SCHOOLS

_COLUMNS = "school_id, organisation_id, member_id"
_LIVE = f"SELECT {_COLUMNS}, 1 AS times FROM ({{attendances}}) live"  # noqa: S608 - fixed text, no input
_LIVE_ALL = _LIVE.format(attendances=ATTENDANCES)
_LIVE_THESE = _LIVE.format(attendances=ATTENDANCES + _ROWS_OF_MEMBERS) + f" WHERE {THESE}"
_KEPT = f"""
SELECT {_COLUMNS}, times FROM rolls_attendancetotal
WHERE year = %(year)s AND school_id = ANY(%(schools)s)"""  # noqa: S608 - fixed text, no input

# What should be kept of a year: of everybody, or of these members.
_COUNTED = f"""
SELECT %(year)s::smallint AS year, {_COLUMNS}, count(*) AS times
FROM ({{attendances}}) live WHERE {{of}} GROUP BY {_COLUMNS}
"""  # noqa: S608 - fixed text, no input
COUNTED_OF_ALL = _COUNTED.format(attendances=_ALL, of="true")
COUNTED_OF_THESE = _COUNTED.format(attendances=_ALL + _ROWS_OF_MEMBERS, of=THESE)

_WRONG = f"""
WITH waiting AS (
    SELECT members FROM hours_balancechange WHERE year IS NULL OR year = %(year)s
), counted AS ({COUNTED_OF_ALL}), kept AS (
    SELECT year, {_COLUMNS}, times FROM rolls_attendancetotal WHERE year = %(year)s
)
SELECT DISTINCT member_id FROM (
    (TABLE counted EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE counted)
) wrong
WHERE NOT EXISTS (SELECT FROM waiting WHERE members IS NULL)
  AND member_id NOT IN (SELECT unnest(members) FROM waiting WHERE members IS NOT NULL)
"""  # noqa: S608 - fixed text, no input


def attendances_sql(unsettled: Unsettled, *, is_whole_year: bool) -> str:
    """The rows of `ATTENDANCES` as the FROM item `mark`, alike ones as one with their `times`.

    Of a whole year it reads what is kept, and counts live whoever is not settled. Its parameters
    are those of `ATTENDANCES`, `year`, and `members` of the balances.
    """
    if unsettled.everybody or not is_whole_year:
        return f"({_LIVE_ALL}) mark"
    if not unsettled.members:
        return f"({_KEPT}) mark"
    return f"({_KEPT} AND NOT {THESE} UNION ALL {_LIVE_THESE}) mark"


def days_of_year(year: int) -> dict[str, Any]:
    """The parameters for all days of a year."""
    return {"year": year, "first": date(year, 1, 1), "last": date(year, 12, 31)}


def list_wrong_totals() -> list[int]:
    """The members whose kept totals in some year differ from their marks."""
    wrong: set[int] = set()
    for year in BalanceYear.objects.values_list("year", flat=True):
        wrong.update(select_column(_WRONG, days_of_year(year)))
    return sorted(wrong)

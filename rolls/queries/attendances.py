"""Attendances (person-times) of a year, as statements count them."""

from hours.queries.holders import HOLDER_OF_ROW, ROW_GIVEN_UP
from rolls.hours_source import ATTENDED_SQL

# Marks *present* or *late* of submitted rolls, from %(first)s to %(last)s at the schools
# %(schools)s. The member is the one who holds the hours of the mark: two rows of a person are one.
ATTENDANCES = f"""
SELECT class.school_id, class.module_id, mark.organisation_id, session.held_on,
       {HOLDER_OF_ROW.format(member="mark.member_id", day="session.held_on")} AS member_id
FROM courses_session session
JOIN courses_trainingclass class ON class.id = session.training_class_id
JOIN classes_roll roll ON roll.session_id = session.id AND roll.state = 'submitted'
JOIN rolls_attendance mark ON mark.session_id = session.id
{ROW_GIVEN_UP.format(member="mark.member_id")}
WHERE session.held_on >= %(first)s AND session.held_on <= %(last)s
  AND mark.status IN {ATTENDED_SQL} AND class.school_id = ANY(%(schools)s)
"""  # noqa: S608 - fixed text, no input

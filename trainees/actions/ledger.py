"""Posting and reversing credit hours: the only place that writes ledger rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from trainees.enums import CreditCategory
from trainees.errors import LedgerError
from trainees.models import CreditEntry

# One statement whatever the size of the class. `room` is what the daily cap leaves a member on
# that day; the caller holds locks on the members, so that no other post can take it meanwhile.
_POST_ATTENDANCES = """
WITH rule AS (
    SELECT id, daily_cap, late_deduction FROM trainees_creditrule
    WHERE category = %(category)s AND period @> %(on)s::date
), mark AS (
    SELECT a.id, a.member_id, a.organisation_id, a.status, a.version,
           greatest(rule.daily_cap - coalesce((
               SELECT sum(e.hours) FROM trainees_creditentry e
               WHERE e.credit_year = %(year)s AND e.member_id = a.member_id
                 AND e.occurred_on = %(on)s), 0), 0) AS room,
           CASE WHEN a.status IN ('on_leave', 'absent') THEN %(gross)s
                WHEN a.status = 'late' THEN least(rule.late_deduction, %(gross)s)
                ELSE 0 END AS own_cut
    FROM trainees_attendance a CROSS JOIN rule
    WHERE a.session_id = %(session)s
      AND a.member_id = ANY(%(members)s::bigint[])
), worth AS (
    SELECT mark.*, greatest(%(gross)s - own_cut - room, 0) AS cap_cut FROM mark
), assessed AS (
    INSERT INTO trainees_assessment (member_id, attendance_id, version, credit_year, occurred_on,
        category, gross_hours, cut_hours, cut_reason, rule_id, assessed_at, assessed_by_id)
    SELECT member_id, worth.id, version, %(year)s, %(on)s, %(category)s, %(gross)s,
           own_cut + cap_cut,
           CASE WHEN status IN ('on_leave', 'absent') THEN status
                WHEN own_cut > 0 AND cap_cut > 0 THEN 'late_and_daily_cap'
                WHEN own_cut > 0 THEN 'late'
                WHEN cap_cut > 0 THEN 'daily_cap'
                ELSE 'none' END,
           rule.id, %(at)s, %(by)s
    FROM worth CROSS JOIN rule ORDER BY member_id
    RETURNING id, attendance_id, member_id, gross_hours - cut_hours AS hours
), posted AS (
    INSERT INTO trainees_creditentry (member_id, school_id, organisation_id, credit_year,
        category, occurred_on, hours, assessment_id, reason, source_key, posted_at, posted_by_id)
    SELECT assessed.member_id, %(school)s, mark.organisation_id, %(year)s, %(category)s, %(on)s,
           assessed.hours, assessed.id, '',
           'attendance:' || mark.id || ':' || mark.version, %(at)s, %(by)s
    FROM assessed JOIN mark ON mark.id = assessed.attendance_id
    WHERE assessed.hours > 0 ORDER BY assessed.member_id
    RETURNING hours
)
SELECT (SELECT count(*) FROM assessed), count(*), coalesce(sum(hours), 0) FROM posted
"""


@dataclass(frozen=True)
class Posted:
    """What one post wrote: assessments, ledger entries, and their hours."""

    assessments: int
    entries: int
    hours: Decimal


def post_attendances(
    *,
    session_id: int,
    school_id: int,
    on: date,
    gross: Decimal,
    by: User,
    at: datetime,
    member_ids: list[int],
) -> Posted:
    """Assess the marks of these members in a session and post what they are worth.

    `gross` is the session's worth in credit hours, `on` its date. Own cuts come first (leave,
    absence, lateness), then the daily cap. The caller has locked the members and holds the
    transaction. Raises LedgerError if no credit rule is in force on that day.
    """
    values: dict[str, Any] = {
        "category": CreditCategory.CONCENTRATED.value,
        "session": session_id,
        "school": school_id,
        "on": on,
        "year": on.year,
        "gross": gross,
        "members": member_ids,
        "by": by.pk,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_POST_ATTENDANCES, values)
        posted = Posted(*cursor.fetchone())
    if not posted.assessments:
        raise LedgerError(_("No credit rule is in force on the day of this session."))
    return posted


def reverse_entry(*, entry: CreditEntry, reason: str, by: User, at: datetime) -> CreditEntry:
    """Post the exact negative of `entry`. The database refuses a second reversal."""
    return CreditEntry.objects.create(
        member_id=entry.member_id,
        school_id=entry.school_id,
        organisation_id=entry.organisation_id,
        credit_year=entry.credit_year,
        category=entry.category,
        occurred_on=entry.occurred_on,
        hours=-entry.hours,
        assessment_id=entry.assessment_id,
        reverses=entry,
        reason=reason,
        source_key=f"{entry.source_key}:reversal",
        posted_at=at,
        posted_by=by,
    )

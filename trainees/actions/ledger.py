"""Posting and reversing credit hours: the only place that writes ledger rows.

A source of evidence (a roll, a study record) says in a SELECT which pieces it claims, with the
columns of `Piece`. `settle` sets them beside what stands for the same members on these days,
assesses all of it in order of seniority (`trainees.assessing`), and posts what has changed: two
statements, however many members there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.hours import STEP, ZERO
from trainees.assessing import Worth, assess
from trainees.enums import AssessmentCause
from trainees.errors import LedgerError
from trainees.models import Member
from trainees.queries.evidence import (
    BEGINS,
    ENDS,
    HOLDER,
    LAST_VERSION,
    SERVED,
    STUDY_BEGINS,
    STUDY_WORTH,
    Key,
    Piece,
    list_pieces,
)

# Nothing stands yet of what is claimed: the columns of `Piece` from `senior` on.
_NEW = "NULL::bigint, NULL::integer, NULL::numeric, NULL::numeric, NULL::text, NULL::bigint"

# Pieces of evidence of a roll: the marks of `mark`, of the session %(session)s.
CLAIM_ATTENDANCES = f"""
SELECT mark.id, NULL::bigint, {HOLDER.format(day="s.held_on")}, s.held_on, rule.category, rule.id,
       s.hours, own.cut, CASE WHEN own.cut > 0 THEN own.reason ELSE 'none' END,
       mark.organisation_id, class.school_id, {BEGINS}, {ENDS},
       rule.daily_cap, rule.half_day_cap, rule.yearly_cap, {_NEW},
       {LAST_VERSION.format(attendance="mark.id")}
FROM mark
JOIN trainees_member m ON m.id = mark.member_id
JOIN courses_session s ON s.id = %(session)s
JOIN courses_trainingclass class ON class.id = s.training_class_id
JOIN trainees_creditrule rule ON rule.category = 'concentrated' AND rule.period @> s.held_on
CROSS JOIN LATERAL (SELECT
    CASE WHEN %(is_withdrawn)s THEN 'withdrawn' WHEN mark.status = 'present' THEN 'none'
         ELSE mark.status END AS reason,
    CASE WHEN %(is_withdrawn)s OR mark.status IN ('on_leave', 'absent') THEN s.hours
         WHEN mark.status = 'late' THEN least(rule.late_deduction, s.hours)
         ELSE 0 END AS cut) own
"""  # noqa: S608 - fixed text, no input
# The members of these marks, and whoever holds their hours, are %(members)s.
MARKS = """
WITH mark AS (
    SELECT id, member_id, organisation_id, status FROM trainees_attendance
    WHERE session_id = %(session)s AND member_id = ANY(%(marked)s::bigint[])
)
"""

# Pieces of evidence of the study %(study)s: each participant of %(there)s on each day.
CLAIM_STUDY = f"""
SELECT NULL::bigint, study.id, {HOLDER.format(day="day.on")}, day.on, rule.category, rule.id,
       worth.hours,
       CASE WHEN %(is_withdrawn)s THEN worth.hours ELSE 0 END,
       CASE WHEN %(is_withdrawn)s THEN 'withdrawn' ELSE 'none' END,
       participant.organisation_id, area.school_id,
       {STUDY_BEGINS}, {STUDY_BEGINS} + study.minutes,
       rule.daily_cap, rule.half_day_cap, rule.yearly_cap, {_NEW}, NULL
FROM trainees_study study
JOIN trainees_studyparticipant participant ON participant.study_id = study.id
JOIN trainees_member m ON m.id = participant.member_id
CROSS JOIN LATERAL (SELECT study.held_on + n AS on FROM generate_series(0, study.days - 1) n) day
JOIN trainees_creditrule rule ON rule.category = %(category)s AND rule.period @> day.on
{STUDY_WORTH}
{SERVED.format(day="day.on")}
WHERE study.id = %(study)s AND participant.member_id = ANY(%(there)s::bigint[])
  AND worth.hours > 0
  AND NOT EXISTS (SELECT FROM trainees_studyparticipant other WHERE other.study_id = study.id
                  AND m.merged_year <= extract(year FROM day.on)
                  AND other.member_id = m.merged_into_id)
"""  # noqa: S608 - fixed text, no input

# One row for each new version of an assessment; the ids follow the order of seniority.
_POST = """
WITH row AS (
    SELECT * FROM unnest(
        %(attendances)s::bigint[], %(studies)s::bigint[], %(members)s::bigint[],
        %(days)s::date[], %(categories)s::text[], %(rules)s::bigint[], %(versions)s::integer[],
        %(gross)s::numeric[], %(own)s::numeric[], %(own_reasons)s::text[], %(overlaps)s::numeric[],
        %(caps)s::numeric[], %(cap_reasons)s::text[], %(causes)s::text[], %(reasons)s::text[],
        %(organisations)s::bigint[], %(schools)s::bigint[], %(keys)s::text[]
    ) WITH ORDINALITY AS row (attendance_id, study_id, member_id, occurred_on, category, rule_id,
        version, gross, own, own_reason, overlap, cap, cap_reason, cause, reason, organisation_id,
        school_id, source_key, place)
), reversed AS (
    INSERT INTO trainees_creditentry (member_id, school_id, organisation_id, credit_year, category,
        occurred_on, hours, assessment_id, reverses_id, reason, source_key, posted_at, posted_by_id)
    SELECT e.member_id, e.school_id, e.organisation_id, e.credit_year, e.category, e.occurred_on,
           -e.hours, e.assessment_id, e.id, old.reason, e.source_key || ':reversal', %(at)s, %(by)s
    FROM unnest(%(reversals)s::bigint[], %(reversal_reasons)s::text[]) AS old (id, reason)
    JOIN trainees_creditentry e ON e.id = old.id ORDER BY e.id
), assessed AS (
    INSERT INTO trainees_assessment (member_id, attendance_id, study_id, version, credit_year,
        occurred_on, category, gross_hours, own_cut, own_reason, overlap_cut, cap_cut, cap_reason,
        rule_id, cause, reason, assessed_at, assessed_by_id)
    SELECT member_id, attendance_id, study_id, version, extract(year FROM occurred_on),
           occurred_on, category, gross, own, own_reason, overlap, cap, cap_reason,
           rule_id, cause, reason, %(at)s, %(by)s
    FROM row ORDER BY place
    RETURNING id, member_id, attendance_id, study_id, occurred_on, credit_year, category, hours
)
INSERT INTO trainees_creditentry (member_id, school_id, organisation_id, credit_year, category,
    occurred_on, hours, assessment_id, reason, source_key, posted_at, posted_by_id)
SELECT a.member_id, row.school_id, row.organisation_id, a.credit_year, a.category, a.occurred_on,
       a.hours, a.id, '', row.source_key, %(at)s, %(by)s
FROM assessed a
JOIN row ON row.member_id = a.member_id AND row.occurred_on = a.occurred_on
     AND coalesce(row.attendance_id, -row.study_id) = coalesce(a.attendance_id, -a.study_id)
WHERE a.hours > 0 ORDER BY row.place
"""


_HOLD_SOURCES = "LOCK TABLE courses_session, trainees_study IN EXCLUSIVE MODE"


@dataclass(frozen=True)
class Change:
    """A new version of an assessment."""

    piece: Piece
    worth: Worth
    version: int
    cause: AssessmentCause
    reason: str

    @property
    def hours(self) -> Decimal:
        cut = self.piece.own_cut + self.worth.overlap_cut + self.worth.cap_cut
        return self.piece.gross - cut


@dataclass(frozen=True)
class Posted:
    """What became of the evidence claimed: entries and their hours; and the number of `others`,
    assessments of the same members that changed along with it.
    """

    assessments: int
    entries: int
    hours: Decimal
    others: int

    @classmethod
    def nothing(cls) -> Posted:
        """Nothing was claimed."""
        return cls(0, 0, ZERO, 0)


def lock_members(members: QuerySet | Iterable[int]) -> list[int]:
    """The members and whoever they are merged into, locked in the order of their ids.

    So nobody waits in a circle. Whoever holds the lock is alone in posting hours to them.
    """
    of_them = Q(pk__in=members) | Q(merged__in=members)
    keys = Member.objects.filter(of_them).values("pk")
    found = Member.objects.filter(pk__in=keys).order_by("pk")
    return list(found.select_for_update(no_key=True).values_list("pk", flat=True))


def hold_sources() -> None:
    """Keep every act on hours waiting until this transaction ends; pages are read meanwhile.

    Each begins with the lock of a session or of a study. So nobody reads who holds whose hours, or
    what stands, and posts by that afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_SOURCES)


def list_holders(members: Iterable[int]) -> list[int]:
    """The members, and whoever they are merged into: all who may hold their hours."""
    of_them = Member.objects.filter(pk__in=members).values_list("pk", "merged_into")
    return sorted({key for pair in of_them for key in pair if key})


# What a member holds since a year of the evidence of %(owner)s, as it stands: withdrawn here, and
# claimed alike for the other row of the same person. Neither happens to what the row that is not
# the owner has of the same study itself.
CLAIM_MOVED = f"""
WITH held AS (
    SELECT DISTINCT ON (a.attendance_id, a.study_id, a.occurred_on) a.*,
           mark.organisation_id AS mark_organisation_id
    FROM trainees_assessment a
    LEFT JOIN trainees_attendance mark ON mark.id = a.attendance_id
    WHERE a.member_id = %(giver)s AND a.credit_year >= %(year)s
      AND (mark.member_id = %(owner)s OR EXISTS (
           SELECT FROM trainees_studyparticipant p
           WHERE p.study_id = a.study_id AND p.member_id = %(owner)s))
    ORDER BY a.attendance_id, a.study_id, a.occurred_on, a.version DESC
)
SELECT a.attendance_id, a.study_id, side.member_id, a.occurred_on, a.category, a.rule_id,
       a.gross_hours, CASE WHEN side.takes THEN a.own_cut ELSE a.gross_hours END,
       CASE WHEN side.takes THEN a.own_reason ELSE 'withdrawn' END,
       coalesce(mark_organisation_id, participant.organisation_id),
       coalesce(class.school_id, area.school_id),
       coalesce({BEGINS}, {STUDY_BEGINS}), coalesce({ENDS}, {STUDY_BEGINS} + study.minutes),
       rule.daily_cap, rule.half_day_cap, rule.yearly_cap, {_NEW},
       {LAST_VERSION.format(attendance="a.attendance_id")}
FROM held a
CROSS JOIN (VALUES (%(giver)s::bigint, false), (%(taker)s::bigint, true)) side (member_id, takes)
JOIN trainees_creditrule rule ON rule.id = a.rule_id
LEFT JOIN trainees_attendance mark ON mark.id = a.attendance_id
LEFT JOIN courses_session s ON s.id = mark.session_id
LEFT JOIN courses_trainingclass class ON class.id = s.training_class_id
LEFT JOIN trainees_study study ON study.id = a.study_id
LEFT JOIN trainees_studyparticipant participant
       ON participant.study_id = a.study_id AND participant.member_id = %(owner)s
{SERVED.format(day="a.occurred_on")}
WHERE a.own_reason <> 'withdrawn'
  AND (side.member_id = %(owner)s OR NOT EXISTS (
      SELECT FROM trainees_studyparticipant own
      WHERE own.study_id = a.study_id AND own.member_id = side.member_id))
"""  # noqa: S608 - fixed text, no input


def settle(
    *,
    claims: str,
    values: dict[str, Any],
    members: Sequence[int],
    days: Sequence[date],
    cause: AssessmentCause,
    reason: str = "",
    may_be_nothing: bool = False,
    by: User,
    at: datetime,
) -> Posted:
    """Assess what `claims` says of `members` on `days`, and everything that it changes.

    `claims` is a SELECT with the columns of `Piece` and the parameters `values`, `members` among
    them. `cause` and `reason` say why what stands already is assessed anew. The caller has locked
    the members and holds the transaction. Raises LedgerError if a day has no credit rule, unless
    there `may_be_nothing` to claim.
    """
    changes = _weigh(
        claims=claims, values=values, members=members, days=days, cause=cause, reason=reason
    )
    if not changes and may_be_nothing:
        return Posted.nothing()
    if not changes:
        raise LedgerError(_("No credit rule is in force on that day."))
    _post(changes, by, at)
    own = [change for change in changes if change.cause != AssessmentCause.SETTLED]
    return Posted(
        len(own),
        sum(1 for change in own if change.hours),
        sum((change.hours for change in own), ZERO).quantize(STEP),
        len(changes) - len(own),
    )


def settle_standing(*, members: Sequence[int], days: Sequence[date], by: User, at: datetime) -> int:
    """Assess anew what stands of `members` on `days`, without new evidence; how many lines changed.

    Rules that came after it may say otherwise than it stands. The caller has locked the members and
    holds the transaction.
    """
    changes = _assess(list_pieces(members, days), set(), AssessmentCause.SETTLED, "")
    if changes:
        _post(changes, by, at)
    return len(changes)


def foresee(
    *, claims: str, values: dict[str, Any], members: Sequence[int], days: Sequence[date]
) -> list[Change]:
    """What `settle` would post if it came now; without locks, so it may come otherwise."""
    cause = AssessmentCause.RESTORED
    return _weigh(claims=claims, values=values, members=members, days=days, cause=cause)


def _weigh(
    *,
    claims: str,
    values: dict[str, Any],
    members: Sequence[int],
    days: Sequence[date],
    cause: AssessmentCause,
    reason: str = "",
) -> list[Change]:
    """The new versions that `claims` leads to; none where it claims nothing."""
    found = list_pieces(members, days, claims, **values)
    claimed = [piece for piece in found if piece.senior is None]
    if not claimed:
        return []
    standing = {piece.key: piece for piece in found if piece.senior is not None}
    pieces = dict(standing)
    for piece in claimed:
        pieces[piece.key] = _on_top_of(standing.get(piece.key), piece)
    return _assess(pieces.values(), {piece.key for piece in claimed}, cause, reason)


def _on_top_of(stands: Piece | None, claim: Piece) -> Piece:
    """The claim, in the place of what stands of the same evidence."""
    if stands is None:
        return claim
    return claim._replace(senior=stands.senior, version=stands.version, entry_id=stands.entry_id)


def _assess(
    pieces: Collection[Piece], claimed: set[Key], cause: AssessmentCause, reason: str
) -> list[Change]:
    """The new versions, by member and seniority. What was claimed always gets one.

    Versions of a mark are counted on, whoever holds it.
    """
    of_member: defaultdict[int, list[Piece]] = defaultdict(list)
    last: defaultdict[int | Key, int] = defaultdict(int)
    for piece in pieces:
        of_member[piece.member_id].append(piece)
        mark = piece.attendance_id or piece.key
        last[mark] = max(last[mark], piece.version or 0, piece.last_version or 0)
    changes = []
    for _member_id, own in sorted(of_member.items()):
        own.sort(key=lambda piece: piece.seniority)
        for piece, worth in zip(own, assess(one.evidence for one in own), strict=True):
            stands = Worth(piece.overlap_cut, piece.cap_cut, piece.cap_reason)  # type: ignore[arg-type]
            if piece.key not in claimed and worth == stands:
                continue
            mark = piece.attendance_id or piece.key
            last[mark] += 1
            if last[mark] == 1:
                changes.append(Change(piece, worth, 1, AssessmentCause.FIRST, ""))
            elif piece.key in claimed:
                changes.append(Change(piece, worth, last[mark], cause, reason))
            else:
                changes.append(Change(piece, worth, last[mark], AssessmentCause.SETTLED, ""))
    return changes


def _post(changes: list[Change], by: User, at: datetime) -> None:
    pieces = [change.piece for change in changes]
    old = [change for change in changes if change.piece.entry_id]
    values: dict[str, Any] = {
        "attendances": [piece.attendance_id for piece in pieces],
        "studies": [piece.study_id for piece in pieces],
        "members": [piece.member_id for piece in pieces],
        "days": [piece.occurred_on for piece in pieces],
        "categories": [piece.category for piece in pieces],
        "rules": [piece.rule_id for piece in pieces],
        "versions": [change.version for change in changes],
        "gross": [piece.gross for piece in pieces],
        "own": [piece.own_cut for piece in pieces],
        "own_reasons": [piece.own_reason for piece in pieces],
        "overlaps": [change.worth.overlap_cut for change in changes],
        "caps": [change.worth.cap_cut for change in changes],
        "cap_reasons": [change.worth.cap_reason for change in changes],
        "causes": [change.cause.value for change in changes],
        "reasons": [change.reason for change in changes],
        "organisations": [piece.organisation_id for piece in pieces],
        "schools": [piece.school_id for piece in pieces],
        "keys": [change.piece.source_key(change.version) for change in changes],
        "reversals": [change.piece.entry_id for change in old],
        "reversal_reasons": [change.reason or change.cause.value for change in old],
        "at": at,
        "by": by.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_POST, values)

"""Posting and reversing credit hours: the only module that writes ledger rows.

A source of evidence (a roll, a study record) provides a SELECT of the pieces it claims, with the
columns of `Piece`. `post_hours` combines them with the current pieces of the same members on these
days, assesses all of them in order of seniority (`hours.caps_and_overlaps`), and posts what has
changed. That takes two statements, however many members there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from config.lib.hours import STEP, ZERO
from hours.caps_and_overlaps import Cuts, assess
from hours.enums import AssessmentCause
from hours.errors import LedgerError
from hours.queries.evidence import LAST_VERSION, NEW, SOURCE_KEY, Evident, Key, Piece, list_pieces
from hours.source_kinds import list_source_kinds, participants_sql
from schools.queries.open_years import refuse_settled

# Inserts one row for each new version of an assessment; the ids follow the order of seniority.
_POST = f"""
WITH row AS (
    SELECT * FROM unnest(
        %(sources)s::bigint[], %(owners)s::bigint[], %(members)s::bigint[],
        %(organisations)s::bigint[], %(schools)s::bigint[],
        %(days)s::date[], %(begins)s::integer[], %(ends)s::integer[],
        %(categories)s::text[], %(rules)s::bigint[], %(versions)s::integer[],
        %(gross)s::numeric[], %(own)s::numeric[], %(own_reasons)s::text[], %(overlaps)s::numeric[],
        %(caps)s::numeric[], %(cap_reasons)s::text[], %(causes)s::text[], %(reasons)s::text[]
    ) WITH ORDINALITY AS row (source_id, owner_id, member_id, organisation_id, school_id,
        occurred_on, begins, ends, category, rule_id, version, gross, own, own_reason, overlap, cap,
        cap_reason, cause, reason, place)
), reversed AS (
    INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year, category,
        occurred_on, hours, assessment_id, reverses_id, reason, source_key, posted_at, posted_by_id)
    SELECT e.member_id, e.school_id, e.organisation_id, e.credit_year, e.category, e.occurred_on,
           -e.hours, e.assessment_id, e.id, old.reason, e.source_key || ':reversal', %(at)s, %(by)s
    FROM unnest(%(reversals)s::bigint[], %(reversal_reasons)s::text[]) AS old (id, reason)
    JOIN hours_creditentry e ON e.id = old.id ORDER BY e.id
), a AS (
    INSERT INTO hours_assessment (member_id, source_id, owner_id, organisation_id, school_id,
        version, credit_year, occurred_on, begins, ends, category, gross_hours, own_cut, own_reason,
        overlap_cut, cap_cut, cap_reason, rule_id, cause, reason, assessed_at, assessed_by_id)
    SELECT member_id, source_id, owner_id, organisation_id, school_id,
           version, extract(year FROM occurred_on), occurred_on, begins, ends, category, gross, own,
           own_reason, overlap, cap, cap_reason, rule_id, cause, reason, %(at)s, %(by)s
    FROM row ORDER BY place
    RETURNING *
)
INSERT INTO hours_creditentry (member_id, school_id, organisation_id, credit_year, category,
    occurred_on, hours, assessment_id, reason, source_key, posted_at, posted_by_id)
SELECT a.member_id, a.school_id, a.organisation_id, a.credit_year, a.category, a.occurred_on,
       a.hours, a.id, '', {SOURCE_KEY}, %(at)s, %(by)s
FROM a WHERE a.hours > 0 ORDER BY a.id
"""  # noqa: S608 - fixed text, no input


@dataclass(frozen=True)
class Change:
    """A new version of an assessment."""

    piece: Piece
    worth: Cuts
    version: int
    cause: AssessmentCause
    reason: str

    @property
    def hours(self) -> Decimal:
        cut = self.piece.own_cut + self.worth.overlap_cut + self.worth.cap_cut
        return self.piece.gross - cut


@dataclass(frozen=True)
class Posted:
    """Counts for the claimed evidence: assessments, entries and their hours. `others` counts the
    other assessments of the same members that changed as a result.
    """

    assessments: int
    entries: int
    hours: Decimal
    others: int

    @classmethod
    def nothing(cls) -> Posted:
        """The result when nothing was claimed."""
        return cls(0, 0, ZERO, 0)


def lock_evidence_tables() -> None:
    """Block every action on hours until this transaction ends; pages can still be read.

    Each action begins by locking a row in a table of its kind of source. So no action reads who
    holds which hours, or what is current, and then posts from data that is out of date.
    """
    tables = dict.fromkeys(table for kind in list_source_kinds() for table in kind.locks)
    if tables:
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")


# The current evidence of %(owner)s that %(giver)s holds since %(year)s. It is withdrawn there and
# claimed alike for %(taker)s, the other row of the same person. Evidence that counts once for a
# person is owned by the row that holds it. A row other than %(owner)s that took part itself gets
# neither the withdrawal nor the claim.
_CLAIM_MOVED = """
WITH part AS (
    SELECT * FROM ({participants}) participant WHERE member_id IN (%(giver)s, %(taker)s)
), held AS (
    SELECT DISTINCT ON (a.source_id, a.owner_id, a.occurred_on) a.*,
           part.organisation_id AS part_organisation_id
    FROM hours_assessment a
    LEFT JOIN part ON part.source_id = a.source_id AND part.member_id = %(owner)s
    WHERE a.member_id = %(giver)s AND a.credit_year >= %(year)s
      AND (a.owner_id = %(owner)s OR part.member_id IS NOT NULL)
    ORDER BY a.source_id, a.owner_id, a.occurred_on, a.version DESC
), moved AS (
    SELECT a.*, side.member_id AS holder_id, side.takes,
           CASE WHEN a.part_organisation_id IS NULL THEN a.owner_id
                ELSE side.member_id END AS new_owner_id
    FROM held a
    CROSS JOIN (VALUES (%(giver)s::bigint, false), (%(taker)s::bigint, true))
        AS side (member_id, takes)
    WHERE a.own_reason <> 'withdrawn'
      AND (side.member_id = %(owner)s OR NOT EXISTS (
          SELECT FROM part own
          WHERE own.source_id = a.source_id AND own.member_id = side.member_id))
)
SELECT a.source_id, a.new_owner_id AS owner_id, a.holder_id AS member_id, a.occurred_on,
       a.category, a.rule_id, a.gross_hours AS gross,
       CASE WHEN a.takes THEN a.own_cut ELSE a.gross_hours END AS own_cut,
       CASE WHEN a.takes THEN a.own_reason ELSE 'withdrawn' END AS own_reason,
       coalesce(a.part_organisation_id, a.organisation_id) AS organisation_id, a.school_id,
       a.begins, a.ends, rule.daily_cap, rule.half_day_cap, rule.yearly_cap, source.kind, {new},
       {last_version} AS last_version
FROM moved a
JOIN hours_source source ON source.id = a.source_id
JOIN hours_creditrule rule ON rule.id = a.rule_id
"""


def claim_moved() -> str:
    """The claim that moves hours between two rows of one person; see `_CLAIM_MOVED`."""
    last = LAST_VERSION.format(source="a.source_id", owner="a.new_owner_id", day="a.occurred_on")
    return _CLAIM_MOVED.format(participants=participants_sql(), new=NEW, last_version=last)


def post_hours(
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
    """Assess what `claims` says about `members` on `days`, and everything that changes as a result.

    `claims` is a SELECT with the columns of `Piece` and the parameters `values`, `members` among
    them. `cause` and `reason` say why current assessments are replaced. The caller has locked the
    members and holds the transaction. Raises LedgerError if a day has no credit rule, unless
    `may_be_nothing` allows an empty claim, and if hours of a settled year would change.
    """
    changes = _compute_changes(
        claims=claims, values=values, members=members, days=days, cause=cause, reason=reason
    )
    if not changes and may_be_nothing:
        return Posted.nothing()
    if not changes:
        raise LedgerError(_("No credit rule is in force on that day."))
    for day in {
        change.piece.occurred_on.year: change.piece.occurred_on for change in changes
    }.values():
        refuse_settled(day, at, LedgerError)
    _post(changes, by, at)
    claimed = [change for change in changes if change.cause != AssessmentCause.REASSESSED]
    return Posted(
        len(claimed),
        sum(1 for change in claimed if change.hours),
        sum((change.hours for change in claimed), ZERO).quantize(STEP),
        len(changes) - len(claimed),
    )


def reassess_current(
    *, members: Sequence[int], days: Sequence[date], by: User, at: datetime
) -> int:
    """Reassess the current pieces of `members` on `days` without new evidence. Returns the count.

    The count is the number of changed lines. They change if a newer rule gives another result. The
    caller has locked the members and holds the transaction.
    """
    changes = _assess(list_pieces(members, days), set(), AssessmentCause.REASSESSED, "")
    if changes:
        _post(changes, by, at)
    return len(changes)


def preview_changes(
    *, claims: str, values: dict[str, Any], members: Sequence[int], days: Sequence[date]
) -> list[Change]:
    """The changes that `post_hours` would post now; without locks, so the result may differ."""
    cause = AssessmentCause.RESTORED
    return _compute_changes(claims=claims, values=values, members=members, days=days, cause=cause)


def _compute_changes(
    *,
    claims: str,
    values: dict[str, Any],
    members: Sequence[int],
    days: Sequence[date],
    cause: AssessmentCause,
    reason: str = "",
) -> list[Change]:
    """The new versions that `claims` leads to; empty if it claims nothing."""
    listed = list_pieces(members, days, claims, **values)
    claimed = [piece for piece in listed if piece.senior is None]
    if not claimed:
        return []
    current = {piece.key: piece for piece in listed if piece.senior is not None}
    pieces = dict(current)
    for piece in claimed:
        pieces[piece.key] = _merge_with_current(current.get(piece.key), piece)
    return _assess(pieces.values(), {piece.key for piece in claimed}, cause, reason)


def _merge_with_current(current: Piece | None, claim: Piece) -> Piece:
    """The claim, replacing the current piece for the same evidence."""
    if current is None:
        return claim
    return claim._replace(senior=current.senior, version=current.version, entry_id=current.entry_id)


def _assess(
    pieces: Collection[Piece], claimed: set[Key], cause: AssessmentCause, reason: str
) -> list[Change]:
    """The new versions, by member and seniority. Claimed evidence always gets one.

    Version numbers of a piece continue across the rows that hold it.
    """
    of_member: defaultdict[int, list[Piece]] = defaultdict(list)
    last: defaultdict[Evident, int] = defaultdict(int)
    for piece in pieces:
        of_member[piece.member_id].append(piece)
        evident = piece.evident
        last[evident] = max(last[evident], piece.version or 0, piece.last_version or 0)
    changes = []
    for _member_id, held in sorted(of_member.items()):
        held.sort(key=lambda piece: piece.seniority)
        for piece, worth in zip(held, assess(piece.evidence for piece in held), strict=True):
            current = Cuts(piece.overlap_cut, piece.cap_cut, piece.cap_reason)  # type: ignore[arg-type]
            if piece.key not in claimed and (piece.is_beside or worth == current):
                continue
            last[piece.evident] += 1
            version = last[piece.evident]
            if version == 1:
                changes.append(Change(piece, worth, 1, AssessmentCause.FIRST, ""))
            elif piece.key in claimed:
                changes.append(Change(piece, worth, version, cause, reason))
            else:
                changes.append(Change(piece, worth, version, AssessmentCause.REASSESSED, ""))
    return changes


def _post(changes: list[Change], by: User, at: datetime) -> None:
    pieces = [change.piece for change in changes]
    old = [change for change in changes if change.piece.entry_id]
    values: dict[str, Any] = {
        "sources": [piece.source_id for piece in pieces],
        "owners": [piece.owner_id for piece in pieces],
        "members": [piece.member_id for piece in pieces],
        "organisations": [piece.organisation_id for piece in pieces],
        "schools": [piece.school_id for piece in pieces],
        "days": [piece.occurred_on for piece in pieces],
        "begins": [piece.begins for piece in pieces],
        "ends": [piece.ends for piece in pieces],
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
        "reversals": [change.piece.entry_id for change in old],
        "reversal_reasons": [change.reason or change.cause.value for change in old],
        "at": at,
        "by": by.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_POST, values)

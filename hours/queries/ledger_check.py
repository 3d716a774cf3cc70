"""Recompute the ledger from its rows and list what does not fit.

Other apps register checks of their own tables (`hours.source_kinds`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import batched

from backstage.kept_files import KEPT_FILES, list_lost_files
from config.lib.rows import select_column, select_map
from hours.caps_and_overlaps import Cuts, assess
from hours.models import Source
from hours.queries.balances import WRONG_NUMBERS, WRONG_TOTALS, list_wrong_balances
from hours.queries.evidence import LATEST, SOURCE_KEY, Piece, list_pieces_on
from hours.queries.own_acts import (
    OWN_DEPARTURES,
    OWN_DISPUTES,
    OWN_FACTS,
    OWN_MERGES,
    OWN_POWER,
)
from hours.source_kinds import Check, list_registered_checks, list_source_kinds

# Members and days with evidence that may have taken room or time from other evidence.
_CROWDED = f"""
WITH {LATEST}
SELECT member_id, array_agg(DISTINCT occurred_on) FROM (
    SELECT member_id, occurred_on + after
    FROM hours_assessment CROSS JOIN generate_series(0, 1) after WHERE ends > 24 * 60
    UNION ALL
    SELECT latest.member_id, latest.occurred_on
    FROM latest JOIN hours_creditrule rule ON rule.id = latest.rule_id
    GROUP BY 1, 2
    HAVING count(*) > 1 OR bool_or(rule.yearly_cap IS NOT NULL)
        OR bool_or(overlap_cut > 0 OR cap_cut > 0)
        OR bool_or(gross_hours - own_cut > least(rule.daily_cap, rule.half_day_cap))
) crowded (member_id, occurred_on) GROUP BY member_id ORDER BY member_id
"""  # noqa: S608 - fixed text, no input

# Hours of a closed year that were posted after its lock and before its release. An act that began
# before the lock waits for nothing, and one that waits for the release began before it: both within
# the minute.
POSTED_AFTER_THE_LOCK = """
SELECT e.id FROM hours_creditentry e
JOIN schools_yearlock lock ON lock.year = e.credit_year
WHERE e.posted_at > lock.locked_at + interval '1 minute'
  AND e.posted_at < coalesce(lock.released_at - interval '1 minute', 'infinity')
"""

# Each check is a statement that returns the ids of offending rows; it must return none.
CHECKS: dict[str, str] = {
    "every assessment worth hours has exactly one entry, the others none": """
        SELECT a.id FROM hours_assessment a
        LEFT JOIN hours_creditentry e ON e.assessment_id = a.id AND e.reverses_id IS NULL
        GROUP BY a.id HAVING count(e.id) <> CASE WHEN a.hours > 0 THEN 1 ELSE 0 END
    """,
    "every entry says what its assessment says": """
        SELECT e.id FROM hours_creditentry e
        JOIN hours_assessment a ON a.id = e.assessment_id
        WHERE e.reverses_id IS NULL AND
            (e.hours, e.member_id, e.school_id, e.organisation_id, e.credit_year, e.category,
             e.occurred_on)
            IS DISTINCT FROM
            (a.hours, a.member_id, a.school_id, a.organisation_id, a.credit_year, a.category,
             a.occurred_on)
    """,
    "every reversal is the exact negative of its entry": """
        SELECT r.id FROM hours_creditentry r
        JOIN hours_creditentry e ON e.id = r.reverses_id
        WHERE (r.hours, r.member_id, r.school_id, r.organisation_id, r.credit_year, r.category,
               r.occurred_on, r.assessment_id)
            IS DISTINCT FROM
              (-e.hours, e.member_id, e.school_id, e.organisation_id, e.credit_year, e.category,
               e.occurred_on, e.assessment_id)
    """,
    "source keys name their evidence": f"""
        SELECT e.id FROM hours_creditentry e
        JOIN hours_assessment a ON a.id = e.assessment_id
        WHERE e.source_key <> {SOURCE_KEY}
              || CASE WHEN e.reverses_id IS NULL THEN '' ELSE ':reversal' END
    """,  # noqa: S608 - fixed text, no input
    "superseded entries are reversed, the latest ones stand": f"""
        WITH {LATEST}
        SELECT e.id FROM hours_creditentry r JOIN hours_creditentry e ON e.id = r.reverses_id
        WHERE e.reverses_id IS NULL AND e.assessment_id NOT IN (TABLE superseded)
        UNION
        SELECT e.id FROM superseded
        JOIN hours_creditentry e ON e.assessment_id = superseded.id AND e.reverses_id IS NULL
        WHERE NOT EXISTS (SELECT FROM hours_creditentry r WHERE r.reverses_id = e.id)
    """,  # noqa: S608 - fixed text, no input
    # No version is there twice, so each but the first stands after another.
    "versions of an assessment follow one another": """
        SELECT id FROM hours_assessment WHERE version < 1
        UNION ALL
        SELECT later.id FROM hours_assessment later
        LEFT JOIN hours_assessment former
               ON (former.source_id, former.owner_id, former.occurred_on, former.version)
                = (later.source_id, later.owner_id, later.occurred_on, later.version - 1)
        WHERE later.version > 1 AND former.id IS NULL
    """,
    "no entry is posted or reversed in a closed year": POSTED_AFTER_THE_LOCK,
    "nobody has more hours on one day than the daily cap": """
        SELECT min(e.id) FROM hours_creditentry e
        JOIN hours_creditrule rule
          ON rule.category = 'concentrated' AND rule.period @> e.occurred_on
        GROUP BY e.member_id, e.occurred_on, rule.daily_cap
        HAVING sum(e.hours) > rule.daily_cap OR sum(e.hours) < 0
    """,
    "nobody answers or decides a dispute of their own": OWN_DISPUTES,
    "nobody records or takes back their own departure": OWN_DEPARTURES,
    "nobody proposes, decides or undoes a merge of their own": OWN_MERGES,
    "nobody enters or ends exemptions, posts or membership of their own": OWN_FACTS,
    "nobody gives themselves a slip or a role": OWN_POWER,
}


RECOUNT = "overlapping times and caps cut what the evidence before leaves no room for"
KINDS = "every source is of a known kind"
BALANCES = "the balances that are kept say what is judged"
TOTALS = "the totals of months are what the ledger adds up to"
NUMBERS = "the numbers of balances are those of their rows"
# What is kept of rows also differs where these were changed past the portal.
OF_WHAT_IS_KEPT = {BALANCES, NUMBERS, TOTALS}
MEMBERS_AT_ONCE = 2000


@dataclass(frozen=True)
class Finding:
    """One failed check, with some of the offending ids."""

    check: str
    count: int
    examples: list[int]


def list_checks() -> dict[str, Check]:
    """All checks by name: those of the ledger, and those that other apps registered."""
    checks: dict[str, Check] = {
        KINDS: _list_unknown,
        **CHECKS,
        RECOUNT: lambda: [*list_outdated()],
        BALANCES: list_wrong_balances,
        NUMBERS: WRONG_NUMBERS,
        TOTALS: WRONG_TOTALS,
        KEPT_FILES: list_lost_files,
    }
    return checks | list_registered_checks()


def list_findings() -> list[Finding]:
    """Run every check; an empty list means that the ledger is consistent."""
    findings = []
    for name, check in list_checks().items():
        ids = sorted(_run(check) if isinstance(check, str) else check())
        if ids:
            findings.append(Finding(name, len(ids), ids[:10]))
    return findings


def _run(statement: str) -> list[int]:
    return select_column(statement)


def _list_unknown() -> list[int]:
    known = [kind.key for kind in list_source_kinds()]
    return list(Source.objects.exclude(kind__in=known).values_list("pk", flat=True))


def list_outdated() -> dict[int, list[date]]:
    """Members with overlaps or caps that do not match their evidence, with their crowded days."""
    crowded = select_map(_CROWDED)
    wrong: dict[int, list[date]] = {}
    for batch in batched(crowded.items(), MEMBERS_AT_ONCE):
        days = dict(batch)
        near = {member: _with_neighbours(own) for member, own in days.items()}
        of_member: defaultdict[int, list[Piece]] = defaultdict(list)
        for piece in list_pieces_on(near):
            of_member[piece.member_id].append(piece)
        wrong |= {
            member: days[member]
            for member, pieces in of_member.items()
            if not _holds(pieces, set(days[member]))
        }
    return wrong


def _with_neighbours(days: list[date]) -> set[date]:
    """The days, and those beside them: what goes on after midnight takes time of the next day."""
    return {day + timedelta(days=n) for day in days for n in (-1, 0, 1)}


def _holds(pieces: list[Piece], days: set[date]) -> bool:
    pieces.sort(key=lambda piece: piece.seniority)
    worth = assess(piece.evidence for piece in pieces)
    return all(
        piece.occurred_on not in days
        or cuts == Cuts(piece.overlap_cut, piece.cap_cut, piece.cap_reason)  # type: ignore[arg-type]
        for piece, cuts in zip(pieces, worth, strict=True)
    )

"""The current evidence for members on some days, with what it is worth to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from config.lib.rows import select_rows
from hours.caps_and_overlaps import Evidence
from hours.enums import OwnCut
from hours.source_kinds import rank_of

_ATTENDS = frozenset({OwnCut.NONE.value, OwnCut.LATE.value})

# Columns of `Piece` from `senior` on, for claimed evidence without a current assessment.
NEW = """
NULL::bigint AS senior, NULL::integer AS version, NULL::numeric AS overlap_cut,
NULL::numeric AS cap_cut, NULL::text AS cap_reason, NULL::bigint AS entry_id,
NULL::boolean AS is_beside
"""

# The last version of an assessment of a piece of evidence, across all rows that hold its hours.
LAST_VERSION = """
(SELECT max(version)::integer FROM hours_assessment
 WHERE source_id = {source} AND owner_id = {owner} AND occurred_on = {day})
"""

# The latest version for each holder. Few have a second one, and only those are compared.
LATEST = """
later AS MATERIALIZED (SELECT * FROM hours_assessment WHERE version > 1),
superseded AS MATERIALIZED (
    SELECT former.id FROM hours_assessment former
    JOIN later USING (source_id, owner_id, occurred_on, member_id)
    WHERE later.version > former.version
),
latest AS (SELECT * FROM hours_assessment WHERE id NOT IN (TABLE superseded))
"""

# The unique name under which the hours of the assessment `a` are posted.
SOURCE_KEY = """
a.source_id || ':' || a.owner_id || ':' || to_char(a.occurred_on, 'YYYYMMDD:') || a.version
"""

_LAST_VERSION = LAST_VERSION.format(source="a.source_id", owner="a.owner_id", day="a.occurred_on")

# The latest version of each assessment of %(members)s on %(days)s, or of the whole year if a yearly
# cap connects its days. Two days before and after are read as well: what goes on after midnight
# touches the day beside it, whose own evidence depends on the one after. The callers lock the
# members, so no one adds to it meanwhile.
_CURRENT_PIECES = f"""
SELECT a.source_id, a.owner_id, a.member_id, a.occurred_on, a.category, a.rule_id,
       a.gross_hours AS gross, a.own_cut, a.own_reason, a.organisation_id, a.school_id,
       a.begins::integer, a.ends::integer,
       rule.daily_cap, rule.half_day_cap, rule.yearly_cap, NULL AS kind,
       a.senior, a.version::integer, a.overlap_cut, a.cap_cut, a.cap_reason, e.id AS entry_id,
       NOT a.is_capped AND a.occurred_on = ANY(%(beside)s::date[]) AS is_beside,
       {_LAST_VERSION} AS last_version
FROM (
    SELECT held.*, capped.year IS NOT NULL AS is_capped, min(held.id) OVER evidence AS senior,
           row_number() OVER (evidence ORDER BY held.version DESC) AS place
    FROM hours_assessment held
    LEFT JOIN (
        SELECT year FROM unnest(%(years)s::integer[]) year
        WHERE EXISTS (SELECT FROM hours_creditrule rule
                      WHERE rule.yearly_cap IS NOT NULL AND rule.period && daterange(
                          make_date(year, 1, 1), make_date(year + 1, 1, 1)))
    ) capped ON capped.year = held.credit_year
    WHERE {{which}}
    WINDOW evidence AS
        (PARTITION BY held.member_id, held.source_id, held.owner_id, held.occurred_on)
) a
JOIN hours_creditrule rule ON rule.id = a.rule_id
LEFT JOIN hours_creditentry e ON e.assessment_id = a.id AND e.reverses_id IS NULL
WHERE a.place = 1
"""  # noqa: S608 - fixed text, no input

_OF_MEMBERS_AND_DAYS = """
held.member_id = ANY(%(members)s::bigint[]) AND held.credit_year = ANY(%(years)s::integer[])
AND (held.occurred_on = ANY(%(days)s::date[]) OR capped.year IS NOT NULL)
"""
_OF_EACH_ON_DAYS = """
(held.member_id, held.occurred_on) IN (
    SELECT * FROM unnest(%(members)s::bigint[], %(days)s::date[]))
"""

type Evident = tuple[int | None, int, date]
type Key = tuple[int | None, int, int, date]


class Piece(NamedTuple):
    """One piece of claimed evidence with its current assessment; the columns of a claim.

    `source_id` is None only in a preview, before the source exists. `kind` is that of the source,
    or None for a current assessment. A piece that `is_beside` the days asked for was read only for
    the time that it covers: not all that decides its own worth was read.
    """

    source_id: int | None
    owner_id: int
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
    kind: str | None
    senior: int | None
    version: int | None
    overlap_cut: Decimal | None
    cap_cut: Decimal | None
    cap_reason: str | None
    entry_id: int | None
    is_beside: bool | None
    last_version: int | None

    @property
    def evident(self) -> Evident:
        """The evidence, independent of the row that holds its hours; versions are counted by it."""
        return self.source_id, self.owner_id, self.occurred_on

    @property
    def key(self) -> Key:
        """The evidence, and the row that holds its hours."""
        return self.source_id, self.owner_id, self.member_id, self.occurred_on

    @property
    def seniority(self) -> tuple[Any, ...]:
        """Evidence assessed first is senior; new evidence comes after it, in order of time."""
        place = self.occurred_on, self.begins or 0, rank_of(self.kind)
        new = *place, self.source_id or 0, self.owner_id
        return self.senior is None, self.senior or 0, *new

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


def list_pieces(
    members: Sequence[int], days: Sequence[date], claims: str = "", **values: Any
) -> list[Piece]:
    """Current pieces of `members` on and around `days`, and those that `claims` adds.

    `claims` is a SELECT with the columns of `Piece` and the parameters `values`, without a current
    assessment. One statement.
    """
    near = [{day + timedelta(days=n * side) for day in days for side in (-1, 1)} for n in range(3)]
    read = set().union(*near)
    values |= {"members": list(members), "days": sorted(read)}
    values["beside"] = sorted(near[2] - near[1] - near[0])
    values["years"] = sorted({day.year for day in read})
    union = f"{claims} UNION ALL " if claims else ""
    return select_rows(Piece, union + _CURRENT_PIECES.format(which=_OF_MEMBERS_AND_DAYS), values)


def list_pieces_on(days: Mapping[int, Collection[date]]) -> list[Piece]:
    """Current pieces of each member on the days given for them, and no others. One statement."""
    pairs = [(member, day) for member, own in days.items() for day in own]
    values: dict[str, Any] = {"members": [member for member, _day in pairs]}
    values |= {"days": [day for _member, day in pairs], "beside": [], "years": []}
    return select_rows(Piece, _CURRENT_PIECES.format(which=_OF_EACH_ON_DAYS), values)

"""Who owes how many hours: the one statement behind the member page and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from config.lib.hours import ZERO
from trainees.enums import Standing

# One row per membership on the day %(as_of)s: the school that served the township where its
# organisation stood that day, and the narrower rule where a leading post is held and such a rule is
# in force. Both places of `{of}` narrow it alike. Outer joins that a page reads nothing of are left
# out by the planner. The rule is chosen by comparing two truths, whose matches the planner
# estimates well; those of a CASE it takes for rare, and then reads the other tables row by row.
_OWED = """
SELECT ms.member_id, ms.organisation_id, organisation.name AS organisation_name,
       organisation.code AS organisation_code,
       area.school_id, ms.standing, exemption.category AS exemption, rule.id AS rule_id,
       rule.version AS rule_version, rule."group" AS rule_group, rule.source AS rule_source,
       rule.to_be_verified, rule.hours AS owed
FROM trainees_membership ms
LEFT JOIN schools_organisation organisation ON organisation.id = ms.organisation_id
LEFT JOIN schools_placement place
       ON place.organisation_id = ms.organisation_id AND place.period @> %(as_of)s::date
LEFT JOIN schools_schoolarea area
       ON area.township_id = place.township_id AND area.period @> %(as_of)s::date
LEFT JOIN trainees_exemption exemption
       ON exemption.member_id = ms.member_id AND exemption.period @> %(as_of)s::date
LEFT JOIN (
    SELECT DISTINCT member_id FROM trainees_post
    WHERE kind IN ('secretary', 'deputy_secretary', 'committee_member')
      AND period @> %(as_of)s::date AND {of}
) leading_post ON leading_post.member_id = ms.member_id
JOIN trainees_requirementrule rule
  ON rule.period @> %(as_of)s::date AND rule."group" IN ('every_member', 'leading_post')
 AND (rule."group" = 'leading_post') = (leading_post.member_id IS NOT NULL AND EXISTS (
        SELECT FROM trainees_requirementrule
        WHERE "group" = 'leading_post' AND period @> %(as_of)s::date))
WHERE ms.period @> %(as_of)s::date AND ms.{of}
"""
OWED_BY_ALL = _OWED.format(of="member_id IS NOT NULL")
OWED_BY_CHOSEN = _OWED.format(of="member_id IN (SELECT id FROM chosen)")


class Outcome(StrEnum):
    """What a verdict says of a member and a year."""

    MET = "met"
    SHORT = "short"
    EXEMPT = "exempt"
    OUT = "out"


# The same rule as `judge` for statements that read `owed`, and in `done` the hours of each member.
# COUNTED is everyone who owes hours at all. That nothing exempts them is compared with a truth: the
# planner takes a plain IS NULL behind an outer join for a single row, and then reads row by row.
COUNTED = "counted"
_OWING = "owed.standing = 'normal' AND (owed.exemption IS NULL) = (owed.standing = 'normal')"
VERDICT_SQL: dict[str, str] = {
    Outcome.OUT: "owed.standing <> 'normal'",
    Outcome.EXEMPT: "owed.standing = 'normal' AND owed.exemption IS NOT NULL",
    Outcome.MET: f"{_OWING} AND coalesce(done.hours, 0) >= owed.owed",
    Outcome.SHORT: f"{_OWING} AND coalesce(done.hours, 0) < owed.owed",
    COUNTED: _OWING,
}


@dataclass(frozen=True)
class Verdict:
    """Hours owed and done in one year, and the rule (and its version) that says so."""

    outcome: Outcome
    owed: Decimal
    done: Decimal

    @property
    def left(self) -> Decimal:
        """Hours still to do; nothing for those who owe nothing."""
        return max(self.owed - self.done, ZERO)


def judge(*, owed: Decimal, done: Decimal, exemption: str | None, standing: str) -> Verdict:
    """The verdict of the requirement rules, as `VERDICT_SQL` says it in statements.

    Suspended and lost-contact members leave the denominators (Regulation art. 24); the exempt
    owe nothing (art. 23).
    """
    if standing != Standing.NORMAL:
        return Verdict(Outcome.OUT, ZERO, done)
    if exemption:
        return Verdict(Outcome.EXEMPT, ZERO, done)
    return Verdict(Outcome.MET if done >= owed else Outcome.SHORT, owed, done)


def day_of_judgement(year: int, on: date) -> date:
    """The day whose facts decide about `year`: today within it, its last day once it is over."""
    return min(max(on, date(year, 1, 1)), date(year, 12, 31))

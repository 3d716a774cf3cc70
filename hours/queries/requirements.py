"""What each member owes in a year: one statement for the member page, lists and overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from config.lib.hours import ZERO
from config.lib.periods import in_force
from config.lib.versions import as_known
from config.lib.years import is_over
from hours.enums import BalanceVerdict, RequirementGroup
from hours.models import RequirementRule
from trainees.enums import MembershipStatus

# The tables that a verdict depends on: current, or as known at %(known_at)s.
TABLES = {
    "membership": "trainees_membership",
    "post": "trainees_post",
    "exemption": "trainees_exemption",
    "rule": "hours_requirementrule",
}
_COLUMNS = {
    "membership": ("member_id", "organisation_id", "membership_status", "period"),
    "post": ("member_id", "kind", "period"),
    "exemption": ("member_id", "category", "period"),
    "rule": (
        *("id", "version", '"group"', "source", "to_be_verified", "hours"),
        *("concentrated_trainings", "training_hours", "pro_rata", "within_months", "period"),
    ),
}
# Only the one member in `chosen`; all rules.
CHOSEN = "member_id = (SELECT id FROM chosen)"
KNOWN_AT = "%(known_at)s::timestamptz"
AS_KNOWN = {
    name: as_known(
        table,
        _COLUMNS[name],
        KNOWN_AT,
        CHOSEN if "member_id" in _COLUMNS[name] else "true",
    )
    for name, table in TABLES.items()
}
ENTRY_AS_KNOWN = "entry.posted_at <= %(known_at)s::timestamptz"

_LEADING = "kind IN ('secretary', 'deputy_secretary', 'committee_member')"
YEAR_BEGINS = "make_date(extract(year FROM %(as_of)s::date)::int, 1, 1)"
NEXT_BEGINS = "make_date(extract(year FROM %(as_of)s::date)::int + 1, 1, 1)"
_IN_YEAR = f"period && daterange({YEAR_BEGINS}, {NEXT_BEGINS})"
IN_A_PART = f"{_IN_YEAR} AND NOT period @> daterange({YEAR_BEGINS}, {NEXT_BEGINS})"

# Members with something that begins or ends within the year.
_CHANGING = f"""
SELECT member_id FROM {{membership}} belonged WHERE {IN_A_PART} AND {{of}}
UNION ALL
SELECT member_id FROM {{exemption}} exempt WHERE {IN_A_PART} AND {{of}}
UNION ALL
SELECT member_id FROM {{post}} held WHERE {_LEADING} AND {IN_A_PART} AND {{of}}
{{or_rules}}"""  # noqa: S608 - fixed text, no input
# On the page of one member also if a rule does, so that it names the months of each version.
_RULES_CHANGING = f"""
UNION ALL
SELECT id FROM chosen WHERE EXISTS (
    SELECT FROM {{rule}} rule WHERE "group" IN ('every_member', 'leading_post') AND {IN_A_PART})
"""  # noqa: S608 - fixed text, no input

# The twelve months with what each group owes by the rules in force on the month's first day: a rule
# that begins later in a month binds from the next one on. Without a rule nothing is owed; without
# one for leading posts, what every member owes. A part names the rule in JSON, as text, which costs
# less to add up for each member. OFFSET 0 keeps it from being made anew for each of them.
_CALENDAR = f"""
SELECT n, month, other_hours, leading_hours,
       jsonb_build_array('every_member', other_version, other_hours::text)::text AS other_part,
       CASE WHEN leading_version IS NULL
            THEN jsonb_build_array('every_member', other_version, leading_hours::text)
            ELSE jsonb_build_array('leading_post', leading_version, leading_hours::text) END::text
       AS leading_part
FROM (
    SELECT n, month, coalesce(every.hours, 0) AS other_hours, every.version AS other_version,
           coalesce(leader.hours, every.hours, 0) AS leading_hours,
           leader.version AS leading_version
    FROM (
        SELECT n, daterange(({YEAR_BEGINS} + make_interval(months => n))::date,
                            ({YEAR_BEGINS} + make_interval(months => n + 1))::date) AS month
        FROM generate_series(0, 11) n
    ) months
    LEFT JOIN {{rule}} every
           ON every."group" = 'every_member' AND every.period @> lower(month)
    LEFT JOIN {{rule}} leader
           ON leader."group" = 'leading_post' AND leader.period @> lower(month)
) rules
OFFSET 0
"""  # noqa: S608 - fixed text, no input

# A twelfth of the hours of each month, rounded to half an hour, halves up, in whole numbers.
_IN_HALVES = "(div({months} + 3, 6) / 2)::numeric(6, 2)"
# What is owed for all twelve months: the very hours of a rule that holds throughout.
_ALL_YEAR = """
SELECT CASE WHEN min(other_hours) = max(other_hours) THEN min(other_hours)
            ELSE {other} END AS other_hours,
       CASE WHEN min(leading_hours) = max(leading_hours) THEN min(leading_hours)
            ELSE {leading} END AS leading_hours
FROM ({{calendar}}) calendar
""".format(
    other=_IN_HALVES.format(months="sum(other_hours)"),
    leading=_IN_HALVES.format(months="sum(leading_hours)"),
)


def _days(fact: str) -> str:
    """All days of one kind of fact."""
    return f"coalesce(range_agg(period) FILTER (WHERE fact = '{fact}'), datemultirange())"


# Months of the calendar year by what is owed for them, for each member with something that begins
# or ends within it. Everybody else owes for the whole year what applies on the day. A month counts
# if the member belonged, with normal membership status and not exempt, on each of its days: at the
# rate of a leading post if they held one on each of them, else at the rate of every member.
# Consecutive rows merge, so neither a transfer nor the next post interrupts a month. Only who is
# exempt on each day of the year on which they belonged is exempt; if no month is left to one who
# belonged for a month and was not exempt throughout, one month counts. `parts` names the rule of
# each month that counts.
_MONTHS = f"""
SELECT member_id, is_exempt,
       count(*) FILTER (WHERE counts AND leads) AS leading_months,
       count(*) FILTER (WHERE counts AND NOT leads) AS other_months,
       coalesce(sum(rate) FILTER (WHERE counts), max(rate) FILTER (WHERE belongs), 0) AS months,
       ('[' || coalesce(string_agg(part, ', ' ORDER BY n) FILTER (WHERE counts),
                        (array_agg(part ORDER BY rate DESC, n) FILTER (WHERE belongs))[1],
                        'null') || ']')::jsonb AS parts
FROM (
    SELECT member_id, is_exempt, n, counts, belongs, leads,
           CASE WHEN leads THEN leading_hours ELSE other_hours END AS rate,
           CASE WHEN leads THEN leading_part ELSE other_part END AS part
    FROM (
        SELECT member_id, calendar.*, led @> month AS leads, belonged @> month AS belongs,
               (belonged - exempt) @> month AS counts,
               isempty((belonged - exempt)
                       * datemultirange(daterange({YEAR_BEGINS}, {NEXT_BEGINS}))) AS is_exempt
        FROM (
            SELECT member_id, {_days("post")} AS led, {_days("membership")} AS belonged,
                   {_days("exemption")} AS exempt
            FROM (
                SELECT member_id, 'membership' AS fact, period FROM {{membership}} belonged
                WHERE membership_status = 'normal' AND {_IN_YEAR} AND {{of}}
                UNION ALL
                SELECT member_id, 'exemption', period FROM {{exemption}} exempt
                WHERE {_IN_YEAR} AND {{of}}
                UNION ALL
                SELECT member_id, 'post', period FROM {{post}} held
                WHERE {_LEADING} AND {_IN_YEAR} AND {{of}}
            ) fact
            WHERE member_id IN ({_CHANGING})
            GROUP BY member_id
        ) facts
        CROSS JOIN ({{calendar}}) calendar
        OFFSET 0  -- so that each month is compared once, not in every aggregate
    ) days
) monthly
GROUP BY member_id, is_exempt
"""  # noqa: S608 - fixed text, no input

# One row per membership on the day %(as_of)s: with the school that served the organisation's
# township that day, and the narrower rule if the member holds a leading post and such a rule is in
# force. Every `{of}` applies the same restriction. The planner drops outer joins that a page does
# not read. The rule is chosen by comparing two booleans, because the planner estimates their
# matches well; it takes the matches of a CASE to be rare, and then reads the other tables row by
# row. The rule of the day says whether months count, and each month counts at the rate of the rules
# of its time; a training is owed if a month counts at the rate of its rule. An exemption that
# begins or ends within the year takes off its months; only one for all of it exempts.
_OWED = f"""
SELECT ms.member_id, ms.organisation_id, organisation.name AS organisation_name,
       organisation.code AS organisation_code,
       area.school_id, ms.membership_status,
       CASE WHEN months.member_id IS NULL OR months.is_exempt THEN exemption.category END
       AS exemption,
       rule.id AS rule_id,
       rule.version AS rule_version, rule."group" AS rule_group, rule.source AS rule_source,
       rule.to_be_verified, rule.training_hours,
       CASE WHEN rule.pro_rata THEN months.parts END AS parts,
       CASE WHEN NOT rule.pro_rata THEN rule.hours
            WHEN leading_months = 12
                 OR months.member_id IS NULL AND leading_post.member_id IS NOT NULL
            THEN all_year.leading_hours
            WHEN other_months = 12 OR months.member_id IS NULL THEN all_year.other_hours
            ELSE {_IN_HALVES.format(months="months.months")} END AS owed,
       CASE WHEN months.member_id IS NULL OR NOT rule.pro_rata OR leading_months > 0
                 OR (rule."group" = 'every_member' AND other_months > 0)
            THEN rule.concentrated_trainings ELSE 0 END AS trainings
FROM {{membership}} ms
LEFT JOIN schools_organisation organisation ON organisation.id = ms.organisation_id
LEFT JOIN schools_placement place
       ON place.organisation_id = ms.organisation_id AND place.period @> %(as_of)s::date
LEFT JOIN schools_schoolarea area
       ON area.township_id = place.township_id AND area.period @> %(as_of)s::date
LEFT JOIN {{exemption}} exemption
       ON exemption.member_id = ms.member_id AND exemption.period @> %(as_of)s::date
LEFT JOIN (
    SELECT DISTINCT member_id FROM {{post}} held
    WHERE {_LEADING} AND period @> %(as_of)s::date AND {{of}}
) leading_post ON leading_post.member_id = ms.member_id
JOIN {{rule}} rule
  ON rule.period @> %(as_of)s::date AND rule."group" IN ('every_member', 'leading_post')
 AND (rule."group" = 'leading_post') = (leading_post.member_id IS NOT NULL AND EXISTS (
        SELECT FROM {{rule}} narrower
        WHERE "group" = 'leading_post' AND period @> %(as_of)s::date))
CROSS JOIN ({_ALL_YEAR.format(calendar=_CALENDAR)}) all_year
LEFT JOIN ({{months}}) months ON months.member_id = ms.member_id
WHERE ms.period @> %(as_of)s::date AND ms.{{of}}
"""  # noqa: S608 - fixed text, no input
_NO_MONTHS = """
SELECT NULL::bigint AS member_id, NULL::boolean AS is_exempt, NULL::bigint AS leading_months,
       NULL::bigint AS other_months, NULL::numeric AS months, NULL::jsonb AS parts
WHERE false
"""


def _owed(of: str, tables: dict[str, str], months: str = _MONTHS, or_rules: str = "") -> str:
    where = {"of": of, "or_rules": or_rules.format(**tables), **tables}
    calendar = _CALENDAR.format(**tables)
    return _OWED.format(months=months.format(calendar=calendar, **where), **where)


EVERYBODY = "member_id IS NOT NULL"
THESE = "member_id = ANY(%(members)s)"


def owed_by(of: str) -> str:
    """The statement of what members owe, for EVERYBODY or THESE."""
    return _owed(of, TABLES)


OWED_BY_ALL = owed_by(EVERYBODY)
OWED_BY_CHOSEN = _owed(CHOSEN, TABLES, or_rules=_RULES_CHANGING)
# For the members in `chosen`, as many as there are.
OWED_BY_MANY = _owed("member_id IN (SELECT id FROM chosen)", TABLES)
OWED_AS_KNOWN = _owed(CHOSEN, AS_KNOWN, or_rules=_RULES_CHANGING)
# For members with nothing in CHANGES_IN_YEAR: the day decides about the whole year.
OWED_ALL_YEAR = _owed(CHOSEN, TABLES, _NO_MONTHS)
_OR_RULES = _RULES_CHANGING.format(**TABLES)
CHANGES_IN_YEAR = f"EXISTS ({_CHANGING.format(of=CHOSEN, or_rules=_OR_RULES, **TABLES)})"


class Outcome(StrEnum):
    """The verdict for a member and a year. Hours not reached are SHORT once the year is over."""

    MET = "met"
    SHORT = "short"
    NOT_YET_DUE = "not_yet_due"
    EXEMPT = "exempt"
    OUT = "out"


# Hours of a set of ledger entries: all, and those of concentrated training.
HOURS_DONE = """
sum(hours) AS hours, sum(hours) FILTER (WHERE category = 'concentrated') AS concentrated
"""

# A training is the set of sources with the same `training` that has hours in the ledger, and at
# least the minimum of the rule. That minimum counts attended hours without the cuts for the member
# alone: coming late to half a day still counts as half a day. A reversed entry and its reversal
# cancel out.
IS_TRAINING = """
sum(entry.hours) > 0
AND sum(sign(entry.hours) * assessment.gross_hours) >= coalesce({least}, 0)
"""

# The number of concentrated trainings that {member} attended in a year, by the rule of `owed`.
TRAININGS = f"""
(SELECT count(*) FROM (
    SELECT FROM hours_creditentry entry
    JOIN hours_assessment assessment ON assessment.id = entry.assessment_id
    JOIN hours_source source ON source.id = assessment.source_id
    WHERE entry.member_id = {{member}} AND entry.credit_year = %(year)s
      AND entry.category = 'concentrated' AND {{entry}}
    GROUP BY source.training
    HAVING {IS_TRAINING.format(least="owed.training_hours")}
) training)
"""  # noqa: S608 - fixed text, no input

# For statements that read `owed`, with the HOURS_DONE of each member in `done`. Trainings are
# counted only if a rule asks for more than one, or for a minimum length, and there are hours.
TRAINED = f"""
CASE WHEN coalesce(done.concentrated, 0) = 0 THEN 0
     WHEN owed.trainings > 1 OR owed.trainings = 1 AND owed.training_hours IS NOT NULL
     THEN {TRAININGS.format(member="owed.member_id", entry="true")}
     ELSE (coalesce(done.concentrated, 0) > 0)::int END
"""

# The same rule as `judge`, for a row `judged` that has what is owed, done and attended already.
# COUNTED is every member who owes hours at all, TRAINED_ONCE those of them with hours of
# concentrated training. Whether the year is over decides only the name of the verdict on hours not
# reached.
COUNTED, TRAINED_ONCE = "counted", "trained"
REACHED = "judged.hours >= judged.owed AND judged.trained >= judged.trainings"
VERDICT = f"""
CASE WHEN judged.membership_status <> 'normal' THEN '{BalanceVerdict.OUT}'
     WHEN judged.exemption <> '' THEN '{BalanceVerdict.EXEMPT}'
     WHEN {REACHED} THEN '{BalanceVerdict.MET}'
     ELSE '{BalanceVerdict.UNREACHED}' END
"""


@dataclass(frozen=True)
class Verdict:
    """Hours owed and done in one year, and the number of concentrated trainings still missing."""

    outcome: Outcome
    owed: Decimal
    done: Decimal
    trainings_left: int = 0

    @property
    def left(self) -> Decimal:
        """Hours still to do; 0 for members who owe nothing."""
        return max(self.owed - self.done, ZERO)


def judge(
    *,
    owed: Decimal,
    done: Decimal,
    trainings: int = 0,
    trained: int = 0,
    exemption: str | None,
    membership_status: str,
    is_over: bool,
) -> Verdict:
    """The verdict by the requirement rules, as in `VERDICT`.

    Suspended and lost-contact members are not counted in the denominators (Regulation art. 24);
    exempt members owe nothing (art. 23). `trainings` are owed and `trained` attended. A year that
    is not over may still be met.
    """
    if membership_status != MembershipStatus.NORMAL:
        return Verdict(Outcome.OUT, ZERO, done)
    if exemption:
        return Verdict(Outcome.EXEMPT, ZERO, done)
    missing = max(trainings - trained, 0)
    if done >= owed and not missing:
        return Verdict(Outcome.MET, owed, done)
    return Verdict(Outcome.SHORT if is_over else Outcome.NOT_YET_DUE, owed, done, missing)


def is_anything_owed(on: date) -> bool:
    """Whether a rule in force on the day says what every member owes."""
    rules = RequirementRule.objects.filter(in_force(on), group=RequirementGroup.EVERY_MEMBER)
    return rules.exists()


def name_of_unreached(year: int, on: date) -> Outcome:
    """The outcome for members who have not reached what they owe for `year`."""
    return Outcome.SHORT if is_over(year, on) else Outcome.NOT_YET_DUE

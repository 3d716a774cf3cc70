"""What each member owes in a year: one statement for the member page, lists and overview.

The steps of `owed_steps` are read from top to bottom (`config.lib.sql_steps`). They name the day of
judgement %(as_of)s, and for what was known at a past moment %(known_at)s.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from config.lib.hours import ZERO
from config.lib.periods import in_force
from config.lib.sql_steps import Once
from config.lib.versions import as_known
from config.lib.years import is_over
from hours.enums import BalanceVerdict, RequirementGroup
from hours.models import RequirementRule
from schools.enums import Audience
from trainees.enums import MembershipStatus

# The facts that a verdict depends on, by the name of their step: table and columns.
_FACTS = {
    "membership": (
        "trainees_membership",
        ("member_id", "organisation_id", "membership_status", "period"),
    ),
    "post": ("trainees_post", ("member_id", "kind", "period")),
    "exemption": ("trainees_exemption", ("member_id", "category", "period")),
    "rule": (
        "hours_requirementrule",
        (
            *("id", "version", '"group"', "source", "to_be_verified", "hours"),
            *("concentrated_trainings", "training_hours", "pro_rata", "within_months", "period"),
        ),
    ),
}
# Whose facts are read: of everybody, of %(members)s, of the one member in `chosen`, or of as many
# as there are in it.
EVERYBODY = "true"
THESE = "member_id = ANY(%(members)s)"
CHOSEN = "member_id = (SELECT id FROM chosen)"
MANY_CHOSEN = "member_id IN (SELECT id FROM chosen)"
KNOWN_AT = "%(known_at)s::timestamptz"


def facts_of(of: str) -> dict[str, str]:
    """The current facts of these members with all rules, and all entries of the ledger.

    Those of THESE are few, and read once for all the steps that ask for them.
    """
    made = Once if of == THESE else str
    facts = {
        name: f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608 - fixed text, no input
        for name, (table, columns) in _FACTS.items()
    }
    for name in ("membership", "post", "exemption"):
        facts[name] = made(f"{facts[name]} WHERE {of}")
    return facts | {"entry": "SELECT * FROM hours_creditentry"}


def facts_as_known() -> dict[str, str]:
    """The facts of the one member in `chosen` as they were known at %(known_at)s."""
    facts = {
        name: as_known(table, columns, KNOWN_AT, CHOSEN if "member_id" in columns else "true")
        for name, (table, columns) in _FACTS.items()
    }
    entries = f"SELECT * FROM hours_creditentry WHERE posted_at <= {KNOWN_AT}"  # noqa: S608
    return facts | {"entry": entries}


YEAR_BEGINS = "make_date(extract(year FROM %(as_of)s::date)::int, 1, 1)"
NEXT_BEGINS = "make_date(extract(year FROM %(as_of)s::date)::int + 1, 1, 1)"
IN_YEAR = f"period && daterange({YEAR_BEGINS}, {NEXT_BEGINS})"
IN_A_PART = f"{IN_YEAR} AND NOT period @> daterange({YEAR_BEGINS}, {NEXT_BEGINS})"
# A twelfth of the hours of each month, rounded to half an hour, halves up, in whole numbers.
_IN_HALVES = "(div({months} + 3, 6) / 2)::numeric(6, 2)"


def _days(kind: str) -> str:
    """All days of one kind of fact."""
    return f"coalesce(range_agg(period) FILTER (WHERE kind = '{kind}'), datemultirange())"


_LEADING_POST = """
SELECT member_id, period FROM post
WHERE kind IN ('secretary', 'deputy_secretary', 'committee_member')
"""

# The twelve months with what each group owes by the rules in force on the month's first day: a rule
# that begins later in a month binds from the next one on. Without a rule nothing is owed; without
# one for leading posts, what every member owes. A part names the rule of a month in JSON, as text,
# which costs less to add up for each member. It is made once, not anew for each of them.
_CALENDAR = Once(f"""
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
    LEFT JOIN rule every ON every."group" = 'every_member' AND every.period @> lower(month)
    LEFT JOIN rule leader ON leader."group" = 'leading_post' AND leader.period @> lower(month)
) rates
""")  # noqa: S608 - fixed text, no input

# What is owed for all twelve months: the very hours of a rule that holds throughout.
_ALL_YEAR = f"""
SELECT CASE WHEN min(other_hours) = max(other_hours) THEN min(other_hours)
            ELSE {_IN_HALVES.format(months="sum(other_hours)")} END AS other_hours,
       CASE WHEN min(leading_hours) = max(leading_hours) THEN min(leading_hours)
            ELSE {_IN_HALVES.format(months="sum(leading_hours)")} END AS leading_hours
FROM calendar
"""  # noqa: S608 - fixed text, no input

# Members with something that begins or ends within the year.
_CHANGING = f"""
SELECT member_id FROM membership WHERE {IN_A_PART}
UNION ALL
SELECT member_id FROM exemption WHERE {IN_A_PART}
UNION ALL
SELECT member_id FROM leading_post WHERE {IN_A_PART}
"""  # noqa: S608 - fixed text, no input
# On the page of one member also if a rule does, so that it names the months of each version.
_CHANGING_OR_RULES = f"""{_CHANGING}
UNION ALL
SELECT id FROM chosen WHERE EXISTS (
    SELECT FROM rule WHERE "group" IN ('every_member', 'leading_post') AND {IN_A_PART})
"""  # noqa: S608 - fixed text, no input

# All that such members were in the year.
_FACT = f"""
SELECT member_id, 'membership' AS kind, period FROM membership
WHERE membership_status = 'normal' AND {IN_YEAR}
UNION ALL
SELECT member_id, 'exemption', period FROM exemption WHERE {IN_YEAR}
UNION ALL
SELECT member_id, 'post', period FROM leading_post WHERE {IN_YEAR}
"""  # noqa: S608 - fixed text, no input

# The days of each kind. Consecutive rows merge, so neither a transfer nor the next post interrupts
# a month.
_DAYS = f"""
SELECT member_id, {_days("post")} AS led, {_days("membership")} AS belonged,
       {_days("exemption")} AS exempt
FROM fact
WHERE member_id IN (SELECT member_id FROM changing)
GROUP BY member_id
"""  # noqa: S608 - fixed text, no input

# A month counts if the member belonged, with normal membership status and not exempt, on each of
# its days: at the rate of a leading post if they held one on each of them, else at the rate of
# every member. Only who is exempt on each day of the year on which they belonged is exempt.
# Each month is compared once, not in every aggregate.
_MONTH = Once(f"""
SELECT member_id, calendar.*, led @> month AS leads, belonged @> month AS belongs,
       (belonged - exempt) @> month AS counts,
       isempty((belonged - exempt)
               * datemultirange(daterange({YEAR_BEGINS}, {NEXT_BEGINS}))) AS is_exempt
FROM days CROSS JOIN calendar
""")  # noqa: S608 - fixed text, no input

# The months of the calendar year that count, for each member with something that begins or ends
# within it. Everybody else owes for the whole year what applies on the day. If no month is left to
# one who belonged for a month and was not exempt throughout, one month counts. `parts` names the
# rule of each month that counts.
_MONTHS = """
SELECT member_id, is_exempt,
       count(*) FILTER (WHERE counts AND leads) AS leading_months,
       count(*) FILTER (WHERE counts AND NOT leads) AS other_months,
       coalesce(sum(rate) FILTER (WHERE counts), max(rate) FILTER (WHERE belongs), 0) AS months,
       ('[' || coalesce(string_agg(part, ', ' ORDER BY n) FILTER (WHERE counts),
                        (array_agg(part ORDER BY rate DESC, n) FILTER (WHERE belongs))[1],
                        'null') || ']')::jsonb AS parts
FROM (
    SELECT month.*, CASE WHEN leads THEN leading_hours ELSE other_hours END AS rate,
           CASE WHEN leads THEN leading_part ELSE other_part END AS part
    FROM month
) rated
GROUP BY member_id, is_exempt
"""
_NO_MONTHS = """
SELECT NULL::bigint AS member_id, NULL::boolean AS is_exempt, NULL::bigint AS leading_months,
       NULL::bigint AS other_months, NULL::numeric AS months, NULL::jsonb AS parts
WHERE false
"""

_LEADER = "SELECT DISTINCT member_id FROM leading_post WHERE period @> %(as_of)s::date"

# One row per membership on the day %(as_of)s: with the school that served the organisation's
# township that day, and the narrower rule if the member holds a leading post and such a rule is in
# force. The planner drops outer joins that a page does not read. The rule is chosen by comparing
# two booleans, because the planner estimates their matches well; it takes the matches of a CASE to
# be rare, and then reads the other tables row by row. The rule of the day says whether months
# count, and each month counts at the rate of the rules of its time; a training is owed if a month
# counts at the rate of its rule. An exemption that begins or ends within the year takes off its
# months; only one for all of it exempts.
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
                 OR months.member_id IS NULL AND leader.member_id IS NOT NULL
            THEN all_year.leading_hours
            WHEN other_months = 12 OR months.member_id IS NULL THEN all_year.other_hours
            ELSE {_IN_HALVES.format(months="months.months")} END AS owed,
       CASE WHEN months.member_id IS NULL OR NOT rule.pro_rata OR leading_months > 0
                 OR (rule."group" = 'every_member' AND other_months > 0)
            THEN rule.concentrated_trainings ELSE 0 END AS trainings
FROM membership ms
LEFT JOIN schools_organisation organisation ON organisation.id = ms.organisation_id
LEFT JOIN schools_placement place
       ON place.organisation_id = ms.organisation_id AND place.period @> %(as_of)s::date
LEFT JOIN schools_schoolarea area
       ON area.township_id = place.township_id AND area.period @> %(as_of)s::date
LEFT JOIN exemption
       ON exemption.member_id = ms.member_id AND exemption.period @> %(as_of)s::date
LEFT JOIN leader ON leader.member_id = ms.member_id
JOIN rule
  ON rule.period @> %(as_of)s::date AND rule."group" IN ('every_member', 'leading_post')
 AND (rule."group" = 'leading_post') = (leader.member_id IS NOT NULL AND EXISTS (
        SELECT FROM rule narrower
        WHERE "group" = 'leading_post' AND period @> %(as_of)s::date))
CROSS JOIN all_year
LEFT JOIN months ON months.member_id = ms.member_id
WHERE ms.period @> %(as_of)s::date
"""  # noqa: S608 - fixed text, no input


def owed_steps(facts: dict[str, str], *, of_page: bool = False) -> dict[str, str]:
    """The steps from `facts` to `owed`; for the page of a member `of_page`."""
    return {
        **facts,
        "leading_post": _LEADING_POST,
        "calendar": _CALENDAR,
        "all_year": _ALL_YEAR,
        "changing": _CHANGING_OR_RULES if of_page else _CHANGING,
        "fact": _FACT,
        "days": _DAYS,
        "month": _MONTH,
        "months": _MONTHS,
        "leader": _LEADER,
        "owed": _OWED,
    }


def owed_all_year_steps() -> dict[str, str]:
    """The same for the member in `chosen` if `changing` is empty: the day decides about the year.

    No step that reads months is left, but `changing` itself.
    """
    steps = owed_steps(facts_of(CHOSEN), of_page=True) | {"months": _NO_MONTHS}
    unread = {"fact", "days", "month"}
    return {name: sql for name, sql in steps.items() if name not in unread}


# After the facts: who holds a post of an audience on the day, and the audience of a member whom
# this is joined to. A secretary who is an affairs worker too is a secretary.
HOLDER = """
SELECT member_id, bool_or(kind = 'secretary') AS is_secretary FROM post
WHERE kind IN ('secretary', 'affairs_worker') AND period @> %(as_of)s::date
GROUP BY member_id
"""
AUDIENCE = f"""
CASE WHEN holder.is_secretary THEN '{Audience.SECRETARIES}'
     WHEN holder.member_id IS NOT NULL THEN '{Audience.AFFAIRS_WORKERS}'
     ELSE '{Audience.ORDINARY}' END
"""


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


def is_training(least: str) -> str:
    """Whether a group of entries with one `training` is a training of at least so many hours.

    A training is the set of sources with the same `training` that has hours in the ledger, and at
    least the minimum of the rule. That minimum counts attended hours without the cuts for the
    member alone: coming late to half a day still counts as half a day. A reversed entry and its
    reversal cancel out.
    """
    return (
        "sum(entry.hours) > 0"
        f" AND sum(sign(entry.hours) * assessment.gross_hours) >= coalesce({least}, 0)"
    )


# The number of concentrated trainings that a member attended in the year, by the rule of `owed`.
TRAININGS = f"""
(SELECT count(*) FROM (
    SELECT FROM entry
    JOIN hours_assessment assessment ON assessment.id = entry.assessment_id
    JOIN hours_source source ON source.id = assessment.source_id
    WHERE entry.member_id = owed.member_id AND entry.credit_year = %(year)s
      AND entry.category = 'concentrated'
    GROUP BY source.training
    HAVING {is_training("owed.training_hours")}
) training)
"""  # noqa: S608 - fixed text, no input

# For statements that read `owed`, with the HOURS_DONE of each member in `done`. Trainings are
# counted only if a rule asks for more than one, or for a minimum length, and there are hours.
TRAINED = f"""
CASE WHEN coalesce(done.concentrated, 0) = 0 THEN 0
     WHEN owed.trainings > 1 OR owed.trainings = 1 AND owed.training_hours IS NOT NULL
     THEN {TRAININGS}
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

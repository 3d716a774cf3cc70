"""Where members stand in a year: from the rows that are kept, and live where these say nothing.

Lists and figures read `balance_source`, which has the same rows as the live statement at any
moment. A kept row counts if its year is kept, its day of judgement is not over, and no change of
its member waits (`BalanceChange`); all other members are judged in the statement that reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from config.lib.rows import select_column, select_row
from config.lib.sql_steps import with_steps
from config.lib.years import day_of_judgement
from hours.models import Balance, BalanceYear
from hours.queries.requirements import (
    AUDIENCE,
    COUNTED,
    EVERYBODY,
    HOLDER,
    HOURS_DONE,
    IN_A_PART,
    IN_YEAR,
    NEXT_BEGINS,
    THESE,
    TRAINED,
    TRAINED_ONCE,
    VERDICT,
    Outcome,
    facts_of,
    owed_steps,
)

# Beyond so many members it is cheaper to judge everybody than to look each of them up.
MANY = 2000

_COPIED = ("organisation_id", "school_id", "training_hours")
_WORDS = ("organisation_code", "membership_status", "exemption", "rule_group", "audience")
_NUMBERS = ("owed", "trainings", "hours", "concentrated", "trained")
# The columns of a balance besides its year, its member and how long it holds.
COLUMNS = ("name_pinyin", *_COPIED, *_WORDS, *_NUMBERS, "verdict")

# The conditions on a balance for the verdicts that a list is narrowed to.
HAS: dict[str, str] = {
    Outcome.MET: "balance.verdict = 'met'",
    Outcome.SHORT: "balance.verdict = 'unreached'",
    Outcome.NOT_YET_DUE: "balance.verdict = 'unreached'",
    Outcome.EXEMPT: "balance.verdict = 'exempt'",
    Outcome.OUT: "balance.verdict = 'out'",
    COUNTED: "balance.verdict IN ('met', 'unreached')",
    TRAINED_ONCE: "balance.verdict IN ('met', 'unreached') AND balance.concentrated > 0",
}

# What each member did in the year.
_DONE = f"""
SELECT member_id, {HOURS_DONE} FROM entry
WHERE credit_year = %(year)s AND {{of}} GROUP BY member_id
"""  # noqa: S608 - fixed text, no input

# Who belongs to an organisation on that day, with the columns of a balance. OFFSET 0 keeps
# trainings from being counted for the verdict once more.
_COUNTED = f"""
SELECT owed.member_id, member.name_pinyin, owed.organisation_id, owed.school_id,
       owed.training_hours, owed.organisation_code, owed.membership_status,
       coalesce(owed.exemption, '') AS exemption, owed.rule_group,
       {AUDIENCE} AS audience,
       owed.owed, owed.trainings, coalesce(done.hours, 0) AS hours,
       coalesce(done.concentrated, 0) AS concentrated, {TRAINED} AS trained
FROM owed
JOIN trainees_member member ON member.id = owed.member_id
LEFT JOIN done ON done.member_id = owed.member_id
LEFT JOIN holder ON holder.member_id = owed.member_id
OFFSET 0
"""  # noqa: S608 - fixed text, no input
_JUDGED = f"SELECT judged.*, {VERDICT} AS verdict FROM counted judged"  # noqa: S608 - fixed text, no input


def done_steps(of: str) -> dict[str, str]:
    """The ledger, and what these members did in the year."""
    return {"entry": "SELECT * FROM hours_creditentry", "done": _DONE.format(of=of)}


def _judged_steps(of: str) -> dict[str, str]:
    """The steps to `judged`: these members, if they belong to an organisation on the day."""
    return {
        **owed_steps(facts_of(of)),
        **done_steps(of),
        "holder": HOLDER,
        "counted": _COUNTED,
        "judged": _JUDGED,
    }


def _judged(of: str) -> str:
    return with_steps(_judged_steps(of), "SELECT * FROM judged")


def _begins_or_ends(fact: str) -> str:
    """On which days of the year something of a member begins or ends."""
    return f"""
        SELECT member_id, unnest(ARRAY[lower(period), upper(period)]) AS day
        FROM {fact} WHERE {IN_A_PART}"""  # noqa: S608 - fixed text, no input


_OWN_DAYS = " UNION ALL ".join(map(_begins_or_ends, ("membership", "post", "exemption")))
# The next day after that of judgement on which something of the member, the place of their
# organisation, the area of any school or any rule begins or ends.
_NEXT_DAYS = {
    "own_day": f"""
        SELECT member_id, min(day) AS day FROM ({_OWN_DAYS}) dated
        WHERE day > %(as_of)s::date GROUP BY member_id""",  # noqa: S608 - fixed text, no input
    "place_day": f"""
        SELECT organisation_id, min(day) AS day FROM (
            SELECT organisation_id, unnest(ARRAY[lower(period), upper(period)]) AS day
            FROM schools_placement WHERE {IN_A_PART} AND organisation_id IN (
                SELECT organisation_id FROM membership WHERE period @> %(as_of)s::date)
        ) dated
        WHERE day > %(as_of)s::date GROUP BY organisation_id""",  # noqa: S608 - fixed text, no input
    "common_day": """
        SELECT min(day) AS day FROM (
            SELECT unnest(ARRAY[lower(period), upper(period)]) AS day FROM rule
            UNION ALL
            SELECT unnest(ARRAY[lower(period), upper(period)]) FROM schools_schoolarea
        ) dated
        WHERE day > %(as_of)s::date""",
}
_COLUMNS = ", ".join(
    [
        *(f"judged.{name}" for name in _COPIED),
        *(f"coalesce(judged.{name}, '') AS {name}" for name in _WORDS),
        *(f"coalesce(judged.{name}, 0) AS {name}" for name in _NUMBERS),
    ]
)
# The balance of everybody who belongs to an organisation on some day of the year. It holds until
# the next of these days; at the latest until the next year, in which the last day of this one stays
# the day of judgement.
_BALANCES = f"""
SELECT %(year)s::smallint AS year, belonging.id AS member_id, belonging.name_pinyin, {_COLUMNS},
       coalesce(judged.verdict, 'none') AS verdict,
       least(own_day.day, place_day.day, common_day.day, {NEXT_BEGINS}) AS holds_until
FROM (SELECT id, name_pinyin FROM trainees_member
      WHERE id IN (SELECT member_id FROM membership WHERE {IN_YEAR})) belonging
LEFT JOIN judged ON judged.member_id = belonging.id
LEFT JOIN own_day ON own_day.member_id = belonging.id
LEFT JOIN place_day ON place_day.organisation_id = judged.organisation_id
CROSS JOIN common_day
"""  # noqa: S608 - fixed text, no input


def _balances(of: str) -> str:
    return with_steps(_judged_steps(of) | _NEXT_DAYS, _BALANCES)


BALANCES_OF_ALL = _balances(EVERYBODY)
BALANCES_OF_THESE = _balances(THESE)
_JUDGED_ALL, _JUDGED_THESE = _judged(EVERYBODY), _judged(THESE)

BALANCE = ", ".join(("member_id", *COLUMNS))
_KEPT = f"SELECT {BALANCE} FROM hours_balance WHERE year = %(year)s AND verdict <> 'none'"  # noqa: S608 - fixed text, no input

_ALIKE = "school_id, organisation_id, audience, rule_group, verdict"
_KEPT_NUMBERS = f"SELECT {_ALIKE}, members FROM hours_balancecount WHERE year = %(year)s"  # noqa: S608 - fixed text, no input

# Whether what is kept may be read for the day of judgement, and the members it is not right for,
# some of them twice: at most one more than MANY.
_UNSETTLED = """
SELECT EXISTS (SELECT FROM hours_balancechange
               WHERE members IS NULL AND (year IS NULL OR year = %(year)s)) AS everybody,
       ARRAY(
           SELECT member_id FROM hours_balance
           WHERE year = %(year)s AND holds_until <= %(as_of)s::date
           UNION ALL
           SELECT unnest(members) FROM hours_balancechange WHERE year IS NULL OR year = %(year)s
           LIMIT %(many)s + 1) AS members
FROM hours_balanceyear WHERE year = %(year)s AND judged_on <= %(as_of)s::date
"""


@dataclass(frozen=True)
class Unsettled:
    """Whose balances are judged live: these members, or `everybody`."""

    everybody: bool
    members: list[int]


def find_unsettled(year: int, as_of: date) -> Unsettled:
    """Whose kept balances of `year` do not hold on the day of judgement `as_of`. One statement."""
    found = select_row(Unsettled, _UNSETTLED, {"year": year, "as_of": as_of, "many": MANY})
    if found is None or found.everybody or len(found.members) > MANY:
        return Unsettled(everybody=True, members=[])
    return Unsettled(everybody=False, members=sorted(set(found.members)))


def list_expired(year: int, as_of: date) -> set[int]:
    """The members whose kept balance of `year` no longer holds on the day of judgement `as_of`."""
    expired = Balance.objects.filter(year=year, holds_until__lte=as_of)
    return set(expired.values_list("member", flat=True))


@dataclass(frozen=True)
class BalanceSource:
    """The balances of one year, for statements that read them as the FROM item `balance`.

    `parts` together have one row for each member: what is kept, and what is judged live. A list
    takes the first lines of each, since only what is kept is in order already. `numbers` has the
    columns of a BalanceCount, with how many `members` they are; some rows take off what others have
    too much. `unsettled` says who is judged live. `values` are parameters of the statement. A
    change committed after they were found does not show in it: each member stands as at some moment
    of the request.
    """

    parts: tuple[str, ...]
    numbers: str
    unsettled: Unsettled
    values: dict[str, Any]

    def rows(self, columns: str) -> str:
        """These columns of all members, as the FROM item `balance`."""
        parts = (f"SELECT {columns} FROM {part}" for part in self.parts)  # noqa: S608 - fixed text, no input
        return f"({' UNION ALL '.join(parts)}) balance"


def balance_source(year: int, on: date) -> BalanceSource:
    """The balances of `year`, as judged on the day `on`. One statement."""
    as_of = day_of_judgement(year, on)
    values: dict[str, Any] = {"year": year, "as_of": as_of}
    unsettled = find_unsettled(year, as_of)
    if unsettled.everybody:
        numbers = _numbers(1, _JUDGED_ALL)
        return BalanceSource(
            (f"({_JUDGED_ALL}) balance",), f"({numbers}) balance", unsettled, values
        )
    if not unsettled.members:
        return BalanceSource(
            (f"({_KEPT}) balance",), f"({_KEPT_NUMBERS}) balance", unsettled, values
        )
    values["members"] = unsettled.members
    old, new = _numbers(-1, f"{_KEPT} AND {THESE}"), _numbers(1, _JUDGED_THESE)
    return BalanceSource(
        (f"({_KEPT} AND NOT {THESE}) balance", f"({_JUDGED_THESE}) balance"),
        f"({_KEPT_NUMBERS} UNION ALL {old} UNION ALL {new}) balance",
        unsettled,
        values,
    )


def _numbers(each: int, balances: str) -> str:
    """These balances as rows of numbers, each of `each` members."""
    return f"SELECT {_ALIKE}, {each} AS members FROM ({balances}) one"  # noqa: S608 - fixed text, no input


# Kept balances that differ from what is judged on their day, missing ones and such as nobody
# should have; those of members for whom a change waits are not read.
_COMPARED = ", ".join(("member_id", *COLUMNS, "holds_until"))
_WRONG = f"""
WITH waiting AS (
    SELECT members FROM hours_balancechange WHERE year IS NULL OR year = %(year)s
), found AS (
    SELECT {_COMPARED} FROM ({BALANCES_OF_ALL}) balance
), kept AS (
    SELECT {_COMPARED} FROM hours_balance WHERE year = %(year)s
)
SELECT DISTINCT member_id FROM (
    (TABLE found EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE found)
) wrong
WHERE NOT EXISTS (SELECT FROM waiting WHERE members IS NULL)
  AND member_id NOT IN (SELECT unnest(members) FROM waiting WHERE members IS NOT NULL)
"""  # noqa: S608 - fixed text, no input


def list_wrong_balances() -> list[int]:
    """The members whose kept balance in some year differs from the live statement."""
    wrong: set[int] = set()
    for year, judged_on in BalanceYear.objects.values_list("year", "judged_on"):
        wrong.update(select_column(_WRONG, {"year": year, "as_of": judged_on}))
    return sorted(wrong)


# By how much numbers of members are less than the kept balances say.
MISSING_NUMBERS = f"""
SELECT year, {_ALIKE}, sum(members) AS members FROM (
    SELECT year, {_ALIKE}, -members AS members FROM hours_balancecount
    UNION ALL
    SELECT year, {_ALIKE}, 1 FROM hours_balance WHERE verdict <> 'none'
) number
GROUP BY year, {_ALIKE} HAVING sum(members) <> 0
"""  # noqa: S608 - fixed text, no input

# By how much totals of months are less than the ledger says.
MISSING_TOTALS = """
SELECT year, month, school_id, organisation_id, category, sum(hours) AS hours FROM (
    SELECT year, month, school_id, organisation_id, category, -hours AS hours
    FROM hours_monthtotal
    UNION ALL
    SELECT credit_year, extract(month FROM occurred_on), school_id, organisation_id, category,
           sum(hours)
    FROM hours_creditentry GROUP BY 1, 2, 3, 4, 5
) total
GROUP BY year, month, school_id, organisation_id, category HAVING sum(hours) <> 0
"""

# The organisations of which the numbers or the totals are wrong.
WRONG_NUMBERS = f"SELECT DISTINCT organisation_id FROM ({MISSING_NUMBERS}) missing"  # noqa: S608 - fixed text, no input
WRONG_TOTALS = f"SELECT DISTINCT organisation_id FROM ({MISSING_TOTALS}) missing"  # noqa: S608 - fixed text, no input

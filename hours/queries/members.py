"""The list of members with their verdicts, one page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from config.lib.names import SEPARATOR, search_key
from config.lib.sql_lists import SqlList
from config.lib.years import is_over
from hours.queries.balances import BALANCE, HAS, BalanceSource, balance_source
from hours.queries.clocks import STATE, ClockState, clocks_of_all
from hours.queries.requirements import TRAINED_ONCE, Verdict, judge

BY_NAME, BY_ORGANISATION = "name", "organisation"
# By name, or by organisation and name: never by hours, because persons are not ranked.
_ORDERS = {
    BY_NAME: "balance.name_pinyin, balance.member_id",
    BY_ORGANISATION: "balance.organisation_code, balance.name_pinyin, balance.member_id",
}

_AT_SCHOOLS = "balance.school_id = ANY(%(schools)s)"
_AT_SCHOOL = "balance.school_id = %(school)s"  # an index has them in order
_OUTSIDE_TOO = f"({_AT_SCHOOLS} OR balance.school_id IS NULL)"

# As `MemberQuerySet.named_like` finds them.
SEARCH = """
  AND (member.name LIKE %(like)s OR member.name_initials LIKE %(prefix)s
       OR translate(member.name, ' \u00b7', '') LIKE %(bare)s OR member.number = %(text)s
       OR member.name_initials LIKE %(parts)s
          AND (translate(member.name_initials, '\u00b7', '') LIKE %(bare_prefix)s
               OR member.name_initials LIKE %(part)s
               OR regexp_replace(member.name_initials, '([^\u00b7])[^\u00b7]*\u00b7?', '\\1', 'g')
                  LIKE %(bare_prefix)s))
"""
# Who is found comes first: in the order of a list, somebody at its end would be looked for in vain.
_FOUND = f"""
  AND balance.member_id = ANY (ARRAY (SELECT id FROM trainees_member member WHERE true {SEARCH}))
"""  # noqa: S608 - fixed text, no input


@dataclass(frozen=True)
class MemberLine:
    """One member in the list; `school` is None outside every school's area.

    Of the hours `done`, `concentrated` are those of concentrated training. `missed` counts the
    trainings missed by their last day; None on a page, which does not read it.
    """

    member_id: int
    number: str
    name: str
    organisation: str
    school: str | None
    exemption: str | None
    membership_status: str
    owed: Decimal
    done: Decimal
    trainings: int
    trained: int
    is_over: bool
    concentrated: Decimal
    missed: int | None

    @property
    def verdict(self) -> Verdict:
        return judge(
            owed=self.owed,
            done=self.done,
            trainings=self.trainings,
            trained=self.trained,
            exemption=self.exemption,
            membership_status=self.membership_status,
            is_over=self.is_over,
        )


class MemberLines(SqlList[MemberLine]):
    """The list of members with their verdicts, which a file also tells the trainings missed.

    Members of these schools, and with `outside` those in no school's area.
    """

    def __init__(
        self,
        *,
        school_ids: list[int],
        year: int,
        on: date,
        outside: bool = False,
        outcome: str = "",
        text: str = "",
        audience: str = "",
        organisation_ids: list[int] | None = None,
        rule: str = "",
        order: str = BY_NAME,
    ) -> None:
        values: dict[str, Any] = {
            "schools": school_ids,
            "school": school_ids[0] if school_ids else None,
            "is_over": is_over(year, on),
            "organisations": organisation_ids,
            "audience": audience,
            "rule": rule,
            **search_values(text),
        }
        super().__init__(MemberLine, values)
        self._year, self._on = year, on
        conditions = [
            _OUTSIDE_TOO if outside else _AT_SCHOOLS if school_ids[1:] else _AT_SCHOOL,
            f"AND {HAS[outcome]}" if outcome else "",
            "AND balance.audience = %(audience)s" if audience else "",
            "AND balance.rule_group = %(rule)s" if rule else "",
            "AND balance.organisation_id = ANY(%(organisations)s)"
            if organisation_ids is not None
            else "",
            _FOUND if text else "",
        ]
        # The kept counts know neither names nor trainings.
        self._is_read_to_count = bool(text) or outcome == TRAINED_ONCE
        self._where = " ".join(conditions)
        self._order = _ORDERS[order]

    @cached_property
    def _balances(self) -> BalanceSource:
        """The balances of the year, found when the list is first read."""
        found = balance_source(self._year, self._on)
        self._values |= found.values
        return found

    def _source(self) -> str:
        return f"FROM {self._lines()}"

    def _lines(self, order: str = "") -> str:
        """The balances of the list as the FROM item `balance`; in order, the first of them."""
        first = f"ORDER BY {order} LIMIT %(reach)s" if order else ""
        return "({}) balance".format(
            " UNION ALL ".join(
                f"(SELECT {BALANCE} FROM {part} WHERE {self._where} {first})"  # noqa: S608 - of our own text
                for part in self._balances.parts
            )
        )

    def _count(self) -> str:
        if self._is_read_to_count:
            return super()._count()
        numbers = self._balances.numbers
        return f"SELECT coalesce(sum(balance.members), 0) FROM {numbers} WHERE {self._where}"  # noqa: S608 - of our own text

    def _statement(self, *, is_whole: bool) -> str:
        missed = "coalesce(clocks.missed, 0)" if is_whole else "NULL"
        return f"""
            SELECT member.id AS member_id, member.number, member.name,
                   organisation.name AS organisation, school.name AS school,
                   nullif(balance.exemption, '') AS exemption, balance.membership_status,
                   balance.owed, balance.hours AS done, balance.trainings, balance.trained,
                   %(is_over)s AS is_over, balance.concentrated, {missed} AS missed
            FROM {self._lines(self._order)}
            JOIN trainees_member member ON member.id = balance.member_id
            JOIN schools_organisation organisation ON organisation.id = balance.organisation_id
            LEFT JOIN schools_school school ON school.id = balance.school_id
            {_missed() if is_whole else ""}
            ORDER BY {self._order}
        """  # noqa: S608 - of our own text


def _missed() -> str:
    """The join of the trainings that each member missed."""
    return f"""
LEFT JOIN (SELECT member_id, count(*) AS missed FROM ({clocks_of_all()}) clocks
           WHERE {STATE} = '{ClockState.SHORT}' GROUP BY member_id) clocks
       ON clocks.member_id = balance.member_id
"""  # noqa: S608 - fixed text, no input


def search_values(text: str) -> dict[str, str]:
    """The values of SEARCH for a name, initials or number."""
    key = search_key(text)
    return {
        "text": text,
        "like": f"%{_escaped(text)}%",
        "prefix": f"{_escaped(text.lower())}%",
        "bare": f"%{_escaped(key)}%",
        "bare_prefix": f"{_escaped(key.lower())}%",
        "part": f"%{SEPARATOR}{_escaped(key.lower())}%",
        "parts": f"%{SEPARATOR}%",
    }


def _escaped(text: str) -> str:
    """`text` for LIKE, with its wildcards escaped."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")

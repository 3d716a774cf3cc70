"""The list of members with their verdicts, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection

from schools.queries.tree import subtree_ids
from trainees.queries.requirements import OWED_BY_ALL, Outcome, Verdict, day_of_judgement, judge

_IS: dict[str, str] = {
    Outcome.OUT: "standing <> 'normal'",
    Outcome.EXEMPT: "standing = 'normal' AND exemption IS NOT NULL",
    Outcome.MET: "standing = 'normal' AND exemption IS NULL AND coalesce(done.hours, 0) >= owed",
    Outcome.SHORT: "standing = 'normal' AND exemption IS NULL AND coalesce(done.hours, 0) < owed",
}

# Filter values: the outcomes of a verdict, and everyone who owes hours at all.
COUNTED = "counted"
_CONDITIONS = _IS | {COUNTED: "standing = 'normal' AND exemption IS NULL"}

_FROM = f"""
FROM ({OWED_BY_ALL}) owed
JOIN trainees_member member ON member.id = owed.member_id
LEFT JOIN (SELECT member_id, sum(hours) AS hours FROM trainees_creditentry
           WHERE credit_year = %(year)s GROUP BY member_id) done
       ON done.member_id = owed.member_id
LEFT JOIN schools_school school ON school.id = owed.school_id
WHERE owed.school_id = ANY(%(schools)s)
"""  # noqa: S608 - fixed text, no input

_SEARCH = """
  AND (member.name LIKE %(like)s OR member.name_initials LIKE %(prefix)s
       OR member.number = %(text)s)
"""


@dataclass(frozen=True)
class MemberLine:
    """One member in the list."""

    member_id: int
    number: str
    name: str
    organisation: str
    school: str
    exemption: str | None
    standing: str
    owed: Decimal
    done: Decimal

    @property
    def verdict(self) -> Verdict:
        return judge(
            owed=self.owed, done=self.done, exemption=self.exemption, standing=self.standing
        )


class MemberLines(Sequence):
    """The list as the paginator takes it: counted once, sliced by one statement each.

    Ordered by name, never by hours: there is no ranking of persons.
    """

    def __init__(
        self,
        *,
        school_ids: list[int],
        year: int,
        on: date,
        outcome: str = "",
        text: str = "",
        organisation_id: int | None = None,
    ) -> None:
        as_of = day_of_judgement(year, on)
        self._values: dict[str, Any] = {
            "schools": school_ids,
            "year": year,
            "as_of": as_of,
            "text": text,
            "like": f"%{_escaped(text)}%",
            "prefix": f"{_escaped(text.lower())}%",
        }
        condition = f" AND {_CONDITIONS[outcome]}" if outcome else ""
        if organisation_id is not None:
            self._values["organisations"] = subtree_ids(organisation_id, as_of)
            condition += " AND owed.organisation_id = ANY(%(organisations)s)"
        self._from = _FROM + condition + (_SEARCH if text else "")

    @cached_property
    def _length(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {self._from}", self._values)
            return cursor.fetchone()[0]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: Any) -> Any:
        """A slice of MemberLine; single lines are not asked for by the paginator."""
        values = {**self._values, "limit": part.stop - part.start, "offset": part.start}
        statement = f"""
            SELECT member.id, member.number, member.name, owed.organisation_name, school.name,
                   owed.exemption, owed.standing, owed.owed, coalesce(done.hours, 0)
            {self._from}
            ORDER BY member.name_pinyin, member.id LIMIT %(limit)s OFFSET %(offset)s
        """
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return [MemberLine(*row) for row in cursor.fetchall()]


def _escaped(text: str) -> str:
    """`text` for LIKE, its wildcards taken literally."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")

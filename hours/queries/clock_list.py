"""The list of trainings owed within some months, one page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection

from config.lib.periods import last_day, period
from config.lib.years import day_of_judgement
from hours.enums import RequirementGroup
from hours.queries.clocks import STATE, ClockState, clocks_of_all
from hours.queries.members import SEARCH, search_values

_FROM = f"""
FROM (SELECT clocks.*, {STATE} AS state FROM ({{clocks}}) clocks) clock
JOIN trainees_member member ON member.id = clock.member_id
JOIN trainees_membership ms ON ms.member_id = member.id AND ms.period @> %(as_of)s::date
 AND ms.membership_status = 'normal'
JOIN schools_organisation organisation ON organisation.id = ms.organisation_id
LEFT JOIN schools_placement place
       ON place.organisation_id = organisation.id AND place.period @> %(as_of)s::date
LEFT JOIN schools_schoolarea area
       ON area.township_id = place.township_id AND area.period @> %(as_of)s::date
LEFT JOIN schools_school school ON school.id = area.school_id
WHERE """  # noqa: S608 - fixed text, no input
_AT_SCHOOLS = "area.school_id = ANY(%(schools)s)"
_OUTSIDE_TOO = f"({_AT_SCHOOLS} OR area.school_id IS NULL)"


@dataclass(frozen=True)
class ClockLine:
    """A training that a member owes from `began` until (without) `due`; `met_on` is when it was.

    `school` is None outside every school's area.
    """

    member_id: int
    number: str
    name: str
    organisation: str
    school: str | None
    group: str
    began: date
    due: date
    met_on: date | None
    state: str

    @property
    def label(self) -> str:
        return str(RequirementGroup(self.group).label)

    @property
    def last_on(self) -> date:
        """The last day on which a training counts for it."""
        return last_day(period(self.began, self.due)) or self.due


class ClockLines(Sequence):
    """The list as the paginator needs it: one statement counts it, and one reads each slice.

    The clocks that run in `year`, of members of these schools on the day `on` (or the year's last
    day), and with `outside` of those in no school's area; the next due first.
    """

    def __init__(
        self,
        *,
        school_ids: list[int],
        year: int,
        on: date,
        outside: bool = False,
        group: str = "",
        state: str = "",
        text: str = "",
    ) -> None:
        self._values: dict[str, Any] = {
            "schools": school_ids,
            "as_of": day_of_judgement(year, on),
            "group": group,
            "state": state,
            **search_values(text),
        }
        conditions = [
            _OUTSIDE_TOO if outside else _AT_SCHOOLS,
            'clock."group" = %(group)s' if group else "",
            "clock.state = %(state)s" if state else "",
        ]
        where = " AND ".join(condition for condition in conditions if condition)
        self._from = _FROM.format(clocks=clocks_of_all()) + where + (SEARCH if text else "")

    @cached_property
    def _length(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {self._from}", self._values)
            return cursor.fetchone()[0]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: Any) -> Any:
        """A slice of ClockLine; the paginator does not request single lines."""
        values = {**self._values, "limit": part.stop - part.start, "offset": part.start}
        with connection.cursor() as cursor:
            cursor.execute(f"{self._statement} LIMIT %(limit)s OFFSET %(offset)s", values)
            return [ClockLine(*row) for row in cursor.fetchall()]

    def iterator(self, chunk_size: int = 2000) -> Iterator[ClockLine]:
        """All lines, streamed from the server like a queryset's `iterator`."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(self._statement, self._values)
            while rows := cursor.fetchmany(chunk_size):
                yield from (ClockLine(*row) for row in rows)

    @property
    def _statement(self) -> str:
        return f"""
            SELECT member.id, member.number, member.name, organisation.name, school.name,
                   clock."group", clock.began, clock.due, clock.met_on, clock.state
            {self._from}
            ORDER BY clock.due, member.name_pinyin, member.id, clock."group"
        """


def count_missed(school_ids: list[int], on: date, *, outside: bool = False) -> int:
    """How many trainings are missed by their last day in the year of `on`. One statement."""
    lines = ClockLines(
        school_ids=school_ids, year=on.year, on=on, outside=outside, state=ClockState.SHORT
    )
    return len(lines)

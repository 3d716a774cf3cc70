"""The list of trainings owed within some months, one page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from config.lib.periods import last_day, period
from config.lib.sql_lists import SqlList
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
_OF_ONE = {
    RequirementGroup.NEW_SECRETARY: _("new secretary"),
    RequirementGroup.PROBATIONARY: _("probationary member"),
    RequirementGroup.NEW_FULL_MEMBER: _("new full member"),
}
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
        """Why this member owes it: the group, said of one person."""
        return str(_OF_ONE[RequirementGroup(self.group)])

    @property
    def last_on(self) -> date:
        """The last day on which a training counts for it."""
        return last_day(period(self.began, self.due)) or self.due


class ClockLines(SqlList[ClockLine]):
    """The clocks that run in `year`; the next due first.

    Of members of these schools on the day `on` (or the year's last day), and with `outside` of
    those in no school's area.
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
        values = {
            "schools": school_ids,
            "as_of": day_of_judgement(year, on),
            "group": group,
            "state": state,
            **search_values(text),
        }
        super().__init__(ClockLine, values)
        conditions = [
            _OUTSIDE_TOO if outside else _AT_SCHOOLS,
            'clock."group" = %(group)s' if group else "",
            "clock.state = %(state)s" if state else "",
        ]
        where = " AND ".join(condition for condition in conditions if condition)
        self._from = _FROM.format(clocks=clocks_of_all()) + where + (SEARCH if text else "")

    def _source(self) -> str:
        return self._from

    def _statement(self, *, is_whole: bool) -> str:
        return f"""
            SELECT member.id AS member_id, member.number, member.name,
                   organisation.name AS organisation, school.name AS school, clock."group",
                   clock.began, clock.due, clock.met_on, clock.state
            {self._from}
            ORDER BY clock.due, member.name_pinyin, member.id, clock."group"
        """


def count_missed(school_ids: list[int], on: date, *, outside: bool = False) -> int:
    """How many trainings are missed by their last day in the year of `on`. One statement."""
    lines = ClockLines(
        school_ids=school_ids, year=on.year, on=on, outside=outside, state=ClockState.SHORT
    )
    return len(lines)

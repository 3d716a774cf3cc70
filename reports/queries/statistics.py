"""The figures of statistics sheets for any days: classes, sessions, branch studies and members.

They are counted as they stand now, also for days of closed years, since a period may span several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from config.lib.rows import select_rows
from config.lib.sql_lists import SqlList
from courses.enums import Mode
from instructors.enums import Corps
from quotas.queries.deliveries import Delivered, read_delivered
from reports.queries.annual import DIMENSIONS, sum_sessions
from schools.models import School

# Sent to communities: whatever goes out to those who cannot come.
_TO_COMMUNITIES = (Mode.MOBILE_HALL, Mode.OUTREACH)
# The corps of the city academy and of the district Party school.
_FROM_ABOVE = (Corps.LEAD_STUDY, Corps.PROFESSIONAL)
# Approved records of branches by the school that serves them on the day, with their participants.
_STUDIES = """
SELECT area.school_id, study.held_on, count(DISTINCT study.id) AS studies,
       count(participant.id) AS times
FROM studies_study study
JOIN schools_placement place
     ON place.organisation_id = study.organisation_id AND place.period @> study.held_on
JOIN schools_schoolarea area
     ON area.township_id = place.township_id AND area.period @> study.held_on
LEFT JOIN studies_studyparticipant participant ON participant.study_id = study.id
WHERE study.state = 'approved' AND study.kind NOT IN ('online_study', 'outside_training')
  AND study.held_on >= %(first)s AND study.held_on <= %(last)s
  AND area.school_id = ANY(%(schools)s)
GROUP BY area.school_id, study.held_on
"""
# Everybody who belongs to an organisation of these schools on the last day, with the hours of the
# days, those without any included.
_MEMBERS = """
FROM trainees_membership belongs
JOIN trainees_member member ON member.id = belongs.member_id
JOIN schools_organisation organisation ON organisation.id = belongs.organisation_id
JOIN schools_placement place
     ON place.organisation_id = belongs.organisation_id AND place.period @> %(last)s::date
JOIN schools_schoolarea area
     ON area.township_id = place.township_id AND area.period @> %(last)s::date
JOIN schools_school school ON school.id = area.school_id
WHERE belongs.period @> %(last)s::date AND area.school_id = ANY(%(schools)s)
"""
_MEMBER_LINES = f"""
WITH asked AS MATERIALIZED (
    SELECT member.id, member.name, member.number, member.name_pinyin,
           organisation.name AS organisation, school.name AS school
    {_MEMBERS}
    ORDER BY member.name_pinyin, member.id LIMIT %(reach)s
)
SELECT asked.name, asked.number, asked.organisation, asked.school,
       coalesce(done.hours, 0) AS hours, coalesce(done.concentrated, 0) AS concentrated,
       coalesce(done.collective, 0) AS collective
FROM asked
LEFT JOIN (
    SELECT member_id, sum(hours) AS hours,
           sum(hours) FILTER (WHERE category = 'concentrated') AS concentrated,
           sum(hours) FILTER (WHERE category = 'collective') AS collective
    FROM hours_creditentry
    WHERE member_id IN (SELECT id FROM asked)
      AND credit_year >= %(first_year)s AND credit_year <= %(last_year)s
      AND occurred_on >= %(first)s AND occurred_on <= %(last)s
    GROUP BY member_id
) done ON done.member_id = asked.id
ORDER BY asked.name_pinyin, asked.id
"""  # noqa: S608 - fixed text, no input


@dataclass(frozen=True)
class Days:
    """The days of a sheet, both included."""

    first: date
    last: date


class _StudyDay(NamedTuple):
    """The approved studies of a school on a day, and how often somebody took part."""

    school_id: int
    held_on: date
    studies: int
    times: int


@dataclass(frozen=True)
class MemberHours:
    """A member and the hours of the days, as a line of the second sheet."""

    name: str
    number: str
    organisation: str
    school: str
    hours: Decimal
    concentrated: Decimal
    collective: Decimal

    @property
    def other(self) -> Decimal:
        """Hours that are neither concentrated training nor collective study."""
        return self.hours - self.concentrated - self.collective


def source_of(one: Delivered) -> str:
    """Where a session comes from: sent to communities, sent by city or district, or the school's.

    The first two are known by the mode of its class and the corps of its lecturer.
    """
    if one.mode in _TO_COMMUNITIES:
        return "community"
    return "sent" if one.corps in _FROM_ABOVE else "self"


_KEYS: dict[str, Callable[[Delivered], Any]] = {
    **{dimension.name: dimension.keys for dimension in DIMENSIONS},
    "mode": lambda one: [one.mode],
    "source": lambda one: [source_of(one)],
}


class Statistics:
    """The figures of some schools for some days; read once, in two statements."""

    def __init__(self, schools: list[School], days: Days, now: datetime) -> None:
        self._keys = [school.pk for school in schools]
        self._days = days
        self.sessions = read_delivered(self._keys, days.first, days.last, now)
        self._figures: dict[Any, Decimal | int] = {}
        self._studies: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for day in select_rows(_StudyDay, _STUDIES, self._values):
            counted = self._studies[str(day.school_id), str(day.held_on.month)]
            counted[0] += day.studies
            counted[1] += day.times

    @property
    def _values(self) -> dict[str, Any]:
        return {"schools": self._keys, "first": self._days.first, "last": self._days.last}

    def figure(self, measure: str, narrowed: tuple[tuple[str, str], ...] = ()) -> Decimal | int:
        """One figure, narrowed by dimensions and keys."""
        asked = measure, narrowed
        if asked not in self._figures:
            of_studies = measure in {"studies", "study_times"}
            count = self._count_studies if of_studies else self._count_sessions
            self._figures[asked] = count(measure, narrowed)
        return self._figures[asked]

    def _count_studies(self, measure: str, narrowed: tuple[tuple[str, str], ...]) -> int:
        asked, place = dict(narrowed), int(measure == "study_times")
        return sum(
            counted[place]
            for (school, month), counted in self._studies.items()
            if asked.get("school", school) == school and asked.get("month", month) == month
        )

    def _count_sessions(self, measure: str, narrowed: tuple[tuple[str, str], ...]) -> Decimal | int:
        fitting = [
            one for one in self.sessions if all(key in _KEYS[name](one) for name, key in narrowed)
        ]
        value: Decimal | int = getattr(sum_sessions("", "", fitting), measure)
        return value


class MemberHoursLines(SqlList[MemberHours]):
    """The members of these schools on the last day, with their hours of the days, by name."""

    def __init__(self, schools: list[School], days: Days) -> None:
        super().__init__(
            MemberHours,
            {
                "schools": [school.pk for school in schools],
                "first": days.first,
                "last": days.last,
                "first_year": days.first.year,
                "last_year": days.last.year,
            },
        )

    def _source(self) -> str:
        return _MEMBERS

    def _statement(self, *, is_whole: bool) -> str:
        return _MEMBER_LINES

"""When lecturers can teach, and why not: one judgement for many lecturers and days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import chain, pairwise

from django.utils import timezone

from config.lib.asking import ask
from config.lib.periods import inclusive_period, local_date
from instructors.enums import DayPart
from instructors.models import AvailabilityException, Instructor, LecturerLeave, WeeklySlot
from instructors.signals import teaching_asked

# Proposals come weeks ahead.
DAYS_SHOWN = 84


class Busy(StrEnum):
    """Why a lecturer cannot teach at a part of a day."""

    DAY = "day"
    LEAVE = "leave"
    WEEK = "week"


@dataclass(frozen=True)
class Teaching:
    """A session that a lecturer teaches, or is engaged for: when, and where in words."""

    starts_at: datetime
    ends_at: datetime
    where: str

    @property
    def parts(self) -> list[DayPart]:
        """The parts of the day that it touches."""
        starts, ends = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        first, last = starts.time(), ends.time() if ends.date() == starts.date() else time.max
        return [
            part
            for part, (begins, over) in zip(DayPart, pairwise(_BORDERS), strict=True)
            if first < over and begins < last
        ]


# Noon and 18:00 part the day (`DayPart`).
_BORDERS = (time.min, time(12), time(18), time.max)


@dataclass(frozen=True)
class ShownPart:
    """A part of a day: why the lecturer is not free, if so, and where they teach then."""

    part: DayPart
    why: Busy | None
    teaching: list[Teaching]


@dataclass(frozen=True)
class ShownDay:
    """A day with its parts."""

    day: date
    parts: list[ShownPart]


def find_busy(
    instructor_ids: Collection[int], days: Collection[date]
) -> dict[tuple[int, date, DayPart], Busy]:
    """When these lecturers cannot teach on these days, and why; three statements.

    What is said of the day comes before leave, and leave before the week. What is not in the
    answer is free.
    """
    first, last = min(days), max(days)
    said: dict[tuple[int, date, str], bool] = {
        (key, day, part): is_free
        for key, day, part, is_free in AvailabilityException.objects.filter(
            instructor__in=instructor_ids, day__range=(first, last)
        ).values_list("instructor", "day", "part", "is_free")
    }
    span = inclusive_period(first, last)
    leaves, slots = defaultdict(list), defaultdict(list)
    for row in LecturerLeave.objects.filter(instructor__in=instructor_ids, period__overlap=span):
        leaves[row.instructor_id].append(row.period)
    for slot in WeeklySlot.objects.filter(instructor__in=instructor_ids, period__overlap=span):
        slots[slot.instructor_id].append(slot)

    def judge(key: int, day: date, part: DayPart) -> Busy | None:
        if (key, day, part.value) in said:
            return None if said[key, day, part.value] else Busy.DAY
        if any(day in period for period in leaves[key]):
            return Busy.LEAVE
        told = {(slot.weekday, slot.part) for slot in slots[key] if day in slot.period}
        return Busy.WEEK if told and (day.isoweekday(), part.value) not in told else None

    judged = {
        (key, day, part): judge(key, day, part)
        for key in instructor_ids
        for day in days
        for part in DayPart
    }
    return {place: why for place, why in judged.items() if why is not None}


def list_teaching(instructor: Instructor, first: date, last: date) -> list[Teaching]:
    """What a lecturer teaches, or is engaged for, on the days from `first` to `last`, by time."""
    told = ask(teaching_asked, Instructor, instructor=instructor, first=first, last=last)
    return sorted(chain.from_iterable(told), key=lambda one: one.starts_at)


def list_days(instructor: Instructor, first: date) -> list[ShownDay]:
    """The days from `first` on, each with its parts, and what is taught in them."""
    days = [first + timedelta(days=place) for place in range(DAYS_SHOWN)]
    busy = find_busy([instructor.pk], days)
    taught: dict[tuple[date, DayPart], list[Teaching]] = defaultdict(list)
    for one in list_teaching(instructor, first, days[-1]):
        for part in one.parts:
            taught[local_date(one.starts_at), part].append(one)
    return [
        ShownDay(
            day,
            [
                ShownPart(part, busy.get((instructor.pk, day, part)), taught[day, part])
                for part in DayPart
            ],
        )
        for day in days
    ]

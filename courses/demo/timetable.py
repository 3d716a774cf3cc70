"""When the demo's classes meet: school, format, audience and size, and on which days.

One or two classes a week at every school from half a year before `on` to two weeks after it, a few
in the last quarter of the year before, two on the day `on` itself, and at Yangliuqing some that the
demo's own member attends (`Part`).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum

from courses.enums import Format, Mode
from schools.demo import DemoPlan, SchoolRow
from schools.demo.network import JINMENHU, YANGLIUQING, ZHANGJIAWO
from schools.enums import Audience

CLASSES_A_WEEK = 1.5
SMALLEST_ROSTER = 8
SESSIONS_OF_INTENSIVE = 6


class Slot(Enum):
    """A part of the day. Nobody, and no room, is in two sessions of one slot."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Part(StrEnum):
    """What a class shows about the demo's own member, or another class that must exist."""

    PRESENT = "present"
    LATE = "late"
    SAME_DAY = "same_day"  # the afternoon after LATE, so that the day's study reaches the cap
    ON_LEAVE = "on_leave"
    ABSENT = "absent"
    MICRO = "micro"
    LAST_YEAR = "last_year"
    SECRETARIES = "secretaries"
    LARGE = "large"
    TODAY_MORNING = "today_morning"
    TODAY_LATER = "today_later"
    AHEAD = "ahead"


CAP_DAYS_BEFORE = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """A class to be planned; every meeting is a day and a slot."""

    school: SchoolRow
    format: Format
    audience: Audience
    size: int
    meetings: tuple[tuple[date, Slot], ...]
    mode: Mode = Mode.ON_SITE
    part: Part | None = None

    @property
    def is_evening(self) -> bool:
        """Whether it meets after work."""
        return self.meetings[0][1] is Slot.EVENING


# What the demo's member did, and when: days before `on`, format, slot, audience, roster size.
_PARTS = (
    (Part.PRESENT, 150, Format.PACK, Slot.MORNING, Audience.ORDINARY, 50),
    (Part.LATE, CAP_DAYS_BEFORE, Format.PACK, Slot.MORNING, Audience.ORDINARY, 50),
    (Part.SAME_DAY, CAP_DAYS_BEFORE, Format.PACK, Slot.AFTERNOON, Audience.ORDINARY, 50),
    (Part.SECRETARIES, 80, Format.INTENSIVE, Slot.MORNING, Audience.SECRETARIES, 45),
    (Part.ON_LEAVE, 60, Format.PACK, Slot.MORNING, Audience.ORDINARY, 50),
    (Part.LARGE, 45, Format.PACK, Slot.AFTERNOON, Audience.ORDINARY, 300),
    (Part.ABSENT, 30, Format.PACK, Slot.AFTERNOON, Audience.ORDINARY, 50),
    (Part.MICRO, 15, Format.MICRO_LECTURE, Slot.MORNING, Audience.ORDINARY, 40),
    (Part.AHEAD, -7, Format.PACK, Slot.MORNING, Audience.ORDINARY, 50),
)

# Chances of pack, micro-lecture, intensive class and pack in two evenings.
_KINDS = ("pack", "micro", "intensive", "evenings")
_CHANCES = {JINMENHU: (15, 15, 5, 65)}
_USUAL_CHANCES = (50, 15, 15, 20)
_SIZES = {"pack": (35, 85), "micro": (20, 60), "intensive": (25, 60), "evenings": (15, 40)}
_AUDIENCES = (Audience.SECRETARIES, Audience.AFFAIRS_WORKERS, Audience.ORDINARY)
_MODES = (Mode.ON_SITE, Mode.ONLINE, Mode.MOBILE_HALL, Mode.OUTREACH)
_WEEKDAYS, _SATURDAY = range(5), 5
_DAY = timedelta(days=1)


def list_wishes(plan: DemoPlan, school: SchoolRow) -> Iterator[Wish]:
    """The classes of one school; those that must exist come first and so get their rooms."""
    yield from _todays(plan, school)
    if school.code == YANGLIUQING:
        yield from _parts(plan, school)
    rng = plan.rng("timetable", school.code)
    yield from _last_year(plan, school, rng)
    for week in range((plan.window_end - plan.window_start).days // 7):
        monday_or_later = plan.window_start + timedelta(weeks=week)
        for _ in range(_how_many(CLASSES_A_WEEK * plan.scale**0.5, rng)):
            wish = _usual(plan, school, monday_or_later, rng)
            if all(day != plan.on for day, _ in wish.meetings):
                yield wish


def _todays(plan: DemoPlan, school: SchoolRow) -> Iterator[Wish]:
    """One class with a session that ends by noon, and one later on the same day."""
    rng = plan.rng("today", school.code)
    later = Slot.EVENING if school.code == JINMENHU else Slot.AFTERNOON
    for part, slot in ((Part.TODAY_MORNING, Slot.MORNING), (Part.TODAY_LATER, later)):
        size = 50 if school.code == YANGLIUQING else rng.randint(30, 60)
        yield Wish(
            school,
            Format.PACK,
            Audience.ORDINARY,
            _scaled(plan, size),
            _evenings(plan.on) if slot is Slot.EVENING else ((plan.on, slot),),
            part=part,
        )


def _parts(plan: DemoPlan, school: SchoolRow) -> Iterator[Wish]:
    for part, days, kind, slot, audience, size in _PARTS:
        day = plan.days_before(days)
        meetings = _three_days(day) if kind is Format.INTENSIVE else ((day, slot),)
        yield Wish(school, kind, audience, _scaled(plan, size), meetings, part=part)


def _last_year(plan: DemoPlan, school: SchoolRow, rng: random.Random) -> Iterator[Wish]:
    """Two packs late in the year before, unless the half-year includes them."""
    for day in (date(plan.year - 1, 11, 12), date(plan.year - 1, 12, rng.randint(1, 19))):
        if day < plan.window_start:
            part = Part.LAST_YEAR if day.month == 11 and school.code == YANGLIUQING else None
            size = _scaled(plan, rng.randint(*_SIZES["pack"]))
            meetings = ((day, Slot.MORNING),)
            yield Wish(school, Format.PACK, Audience.ORDINARY, size, meetings, part=part)


def _usual(plan: DemoPlan, school: SchoolRow, week: date, rng: random.Random) -> Wish:
    kind = rng.choices(_KINDS, _CHANCES.get(school.code, _USUAL_CHANCES))[0]
    on_saturday = school.code == ZHANGJIAWO and kind != "intensive" and rng.random() < 0.7
    weekday = _SATURDAY if on_saturday else rng.choice(_WEEKDAYS)
    day = week + timedelta(days=(weekday - week.weekday()) % 7)
    low, high = (45, 55) if school.code == YANGLIUQING and kind == "pack" else _SIZES[kind]
    size = _scaled(plan, rng.randint(low, high))
    leading = (50, 20, 30) if kind == "intensive" else (30, 15, 55)
    audience = rng.choices(_AUDIENCES, leading)[0]
    slot = rng.choice((Slot.MORNING, Slot.AFTERNOON))
    match kind:
        case "intensive":
            meetings, format_ = _three_days(day), Format.INTENSIVE
        case "evenings":
            meetings, format_ = _evenings(day), Format.EVENING
        case "micro":
            meetings, format_ = ((day, rng.choice(list(Slot))),), Format.MICRO_LECTURE
        case _:
            meetings, format_ = ((day, slot),), Format.PACK
    mode = Mode.ON_SITE if kind == "intensive" else rng.choices(_MODES, (76, 8, 8, 8))[0]
    return Wish(school, format_, audience, size, meetings, mode)


def _three_days(first: date) -> tuple[tuple[date, Slot], ...]:
    """Six half days on three consecutive days, begun early enough to end by Saturday."""
    first -= timedelta(days=max(0, first.weekday() - 3))
    days = (first, first + _DAY, first + 2 * _DAY)
    return tuple((day, slot) for day in days for slot in (Slot.MORNING, Slot.AFTERNOON))


def _evenings(first: date) -> tuple[tuple[date, Slot], ...]:
    """Two consecutive evenings."""
    return (first, Slot.EVENING), (first + _DAY, Slot.EVENING)


def _how_many(expected: float, rng: random.Random) -> int:
    """A whole number that is `expected` on average."""
    return int(expected) + (rng.random() < expected % 1)


def _scaled(plan: DemoPlan, size: int) -> int:
    """Rosters shrink with the square root of the demo's scale, like the number of classes."""
    return max(SMALLEST_ROSTER, round(size * plan.scale**0.5))

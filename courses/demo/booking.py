"""Turns wishes into stored classes; no room or lecturer is booked twice at the same time."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from config.lib.copying import copy_rows, reserve_ids
from config.lib.hours import ZERO
from config.lib.periods import at_local, in_force
from courses.demo.menu import EVENING, HALF_DAY, MICRO, CourseRow
from courses.demo.timetable import Part, Slot, Wish
from courses.demo.venues import StoredVenue, kind_of, store_venues
from courses.enums import Format, Mode, Strand
from courses.models import Session, StrandShare, TrainingClass, Venue
from instructors.enums import Corps
from schools.demo import DemoPlan, SchoolRow
from schools.demo.network import JINMENHU, LIQIZHUANG, YANGLIUQING, ZHANGJIAWO
from schools.enums import Audience

_TIMES = {
    Slot.MORNING: ((8, 30), (12, 0)),
    Slot.AFTERNOON: ((13, 30), (17, 0)),
    Slot.EVENING: ((18, 30), (20, 30)),
}
_MICRO_LECTURE = timedelta(minutes=15)

_ROOMS = (("第一教室", 60), ("多功能厅", 120), ("礼堂", 320))
# The venue of a school's signature: two memorials, and the lakeside hall of the evening school.
_SIGNATURE_VENUES = {
    YANGLIUQING: ("西青区烈士陵园现场教学点", 80),
    LIQIZHUANG: ("“一二·九”抗日救亡运动纪念馆现场教学点", 80),
    JINMENHU: ("湖畔讲堂", 60),
}
_AUDIENCE_WORDS = {
    Audience.SECRETARIES: "党组织书记",
    Audience.AFFAIRS_WORKERS: "党务工作者",
    Audience.ORDINARY: "党员",
}
_FORMAT_WORDS = {
    Format.MICRO_LECTURE: "微党课",
    Format.PACK: "加油包",
    Format.EVENING: "晚间班",
    Format.INTENSIVE: "集中培训班",
}
_AT_MEMORIAL = 0.25  # share of on-site classes, at the schools that have a memorial
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class VenueRow:
    """A stored venue."""

    id: int
    name: str
    capacity: int
    is_signature: bool


@dataclass(slots=True)
class SessionRow:
    """A session; it gets its id when it is stored."""

    day: date
    slot: Slot
    starts_at: datetime
    ends_at: datetime
    hours: Decimal
    course: CourseRow
    instructor_id: int | None
    venue_id: int
    id: int = 0


@dataclass(slots=True)
class ClassRow:
    """A class with its sessions in order; it gets id, number and code when it is stored."""

    school: SchoolRow
    module: str
    format: Format
    audience: Audience
    size: int
    part: Part | None
    sessions: list[SessionRow]
    wish: Wish
    venue: VenueRow
    id: int = 0
    number: int = 0  # within the school and year
    code: str = ""

    @property
    def days(self) -> tuple[date, date]:
        """The first and last day of the class."""
        return self.sessions[0].day, self.sessions[-1].day


def seed_venues(schools: Sequence[SchoolRow]) -> dict[str, list[VenueRow]]:
    """Store two to four venues per school; returns them by school code, smallest first."""
    wanted = [
        (school, *room)
        for number, school in enumerate(schools)
        for room in _rooms_of(school, number)
    ]
    ids = reserve_ids(Venue, len(wanted))
    store_venues(
        StoredVenue(pk, school, name, seats, kind_of(name))
        for pk, (school, name, seats) in zip(ids, wanted, strict=True)
    )
    venues = defaultdict(list)
    for pk, (school, name, seats) in zip(ids, wanted, strict=True):
        is_signature = _SIGNATURE_VENUES.get(school.code) == (name, seats)
        venues[school.code].append(VenueRow(pk, name, seats, is_signature))
    return {
        code: sorted(of_school, key=lambda venue: venue.capacity)
        for code, of_school in venues.items()
    }


def _rooms_of(school: SchoolRow, number: int) -> Iterator[tuple[str, int]]:
    yield from _ROOMS if number % 2 or school.code == YANGLIUQING else _ROOMS[:2]
    if school.code in _SIGNATURE_VENUES:
        yield _SIGNATURE_VENUES[school.code]


@dataclass
class Booking:
    """Gives each wish a module, courses by the mix, lecturers and rooms.

    The next course is of the strand that is furthest behind its share, per school and module, so
    that the delivered hours match the mix.
    """

    plan: DemoPlan
    courses: list[CourseRow]
    venues: dict[str, list[VenueRow]]
    shares: dict[str, dict[Strand, Decimal]]
    taken: set[tuple[str, int, date, Slot]] = field(default_factory=set)
    delivered: dict[tuple[str, str], dict[Strand, Decimal]] = field(default_factory=dict)

    def book(self, wishes: Iterator[Wish], school: SchoolRow) -> Iterator[ClassRow]:
        """The classes of one school, without those that find no free room."""
        rng = self.plan.rng("booking", school.code)
        for wish in wishes:
            venue = self._free_venue(wish, rng)
            if venue is None:
                continue
            self.taken.update(("venue", venue.id, *meeting) for meeting in wish.meetings)
            module = rng.choice(sorted(self.shares))
            sessions = [
                self._session(wish, module, venue, meeting, rng) for meeting in wish.meetings
            ]
            size = min(wish.size, venue.capacity)
            yield ClassRow(
                school, module, wish.format, wish.audience, size, wish.part, sessions, wish, venue
            )

    def _free_venue(self, wish: Wish, rng: random.Random) -> VenueRow | None:
        """The smallest free room with enough seats, else the largest free one.

        Evening classes by the lake and some on-site classes go to the venue of the school's
        signature.
        """
        free = [
            venue
            for venue in self.venues[wish.school.code]
            if not any(("venue", venue.id, *meeting) in self.taken for meeting in wish.meetings)
        ]
        fitting = [venue for venue in free if venue.capacity >= wish.size]
        if wish.school.code == JINMENHU:
            wants_signature = wish.is_evening
        else:
            wants_signature = wish.mode is Mode.ON_SITE and rng.random() < _AT_MEMORIAL
        fitting.sort(key=lambda venue: venue.is_signature != wants_signature)
        return next(iter(fitting or free[::-1]), None)

    def _session(
        self,
        wish: Wish,
        module: str,
        venue: VenueRow,
        meeting: tuple[date, Slot],
        rng: random.Random,
    ) -> SessionRow:
        day, slot = meeting
        starts, ends = (at_local(day, *clock) for clock in _TIMES[slot])
        hours = EVENING if slot is Slot.EVENING else HALF_DAY
        if wish.format is Format.MICRO_LECTURE:
            starts += timedelta(minutes=30)
            ends, hours = starts + _MICRO_LECTURE, MICRO
        course = self._next_course(wish.school, module, hours, rng)
        lecturer = self._free_lecturer(course, wish.school, meeting, rng)
        return SessionRow(day, slot, starts, ends, hours, course, lecturer, venue.id)

    def _next_course(
        self, school: SchoolRow, module: str, hours: Decimal, rng: random.Random
    ) -> CourseRow:
        delivered = self.delivered.setdefault((school.code, module), dict.fromkeys(Strand, ZERO))
        total = sum(delivered.values()) + hours
        shares = self.shares[module]
        strand = max(Strand, key=lambda s: shares[s] * total / 100 - delivered[s])
        delivered[strand] += hours
        return rng.choice(
            [
                course
                for course in self.courses
                if (course.module, course.strand, course.hours) == (module, strand, hours)
                and (school.code == ZHANGJIAWO or not course.is_elective)
            ]
        )

    def _free_lecturer(
        self,
        course: CourseRow,
        school: SchoolRow,
        meeting: tuple[date, Slot],
        rng: random.Random,
    ) -> int | None:
        """A free lecturer of the course; backbone lecturers teach at their own school.

        A lecturer with an account comes first, so that their home page shows something.
        """
        free = [
            lecturer
            for lecturer in course.instructors
            if (lecturer.corps is not Corps.BACKBONE or lecturer.school_id == school.id)
            and ("lecturer", lecturer.id, *meeting) not in self.taken
        ]
        if not free:
            return None
        chosen = max(rng.choice(free), *free, key=lambda lecturer: lecturer.has_account).id
        self.taken.add(("lecturer", chosen, *meeting))
        return chosen


def read_shares(on: date) -> dict[str, dict[Strand, Decimal]]:
    """The mix in force on the day `on`: per cent by module code and strand."""
    shares: dict[str, dict[Strand, Decimal]] = {}
    rows = StrandShare.objects.filter(in_force(on)).values_list("module__code", "strand", "percent")
    for module, strand, percent in rows:
        shares.setdefault(module, {})[Strand(strand)] = percent
    return shares


def store_classes(classes: list[ClassRow], modules: dict[str, int]) -> None:
    """Store classes and sessions in the order of their first meeting, and assign their ids."""
    classes.sort(key=lambda c: (c.school.code, c.sessions[0].starts_at, c.sessions[0].venue_id))
    numbers: dict[tuple[str, int], int] = defaultdict(int)
    for c, pk in zip(classes, reserve_ids(TrainingClass, len(classes)), strict=True):
        year = c.days[0].year
        numbers[c.school.code, year] += 1
        c.id, c.number = pk, numbers[c.school.code, year]
        c.code = f"{c.school.code}-{year}-{c.number:03d}"
    sessions = [session for c in classes for session in c.sessions]
    for session, pk in zip(sessions, reserve_ids(Session, len(sessions)), strict=True):
        session.id = pk
    copy_rows(
        TrainingClass,
        ["id", "code", "title", "school_id", "module_id", "format", "mode", "audience", "is_open"],
        [
            (
                c.id, c.code, _title_of(c), c.school.id, modules[c.module],
                c.format.value, c.wish.mode.value, c.audience.value,
                c.audience is Audience.ORDINARY,
            )
            for c in classes
        ],
    )  # fmt: skip
    copy_rows(
        Session,
        [
            "id", "training_class_id", "number", "course_id", "instructor_id", "venue_id",
            "starts_at", "ends_at", "held_on", "hours",
        ],
        (
            (
                s.id, c.id, number, s.course.id, s.instructor_id, s.venue_id,
                s.starts_at, s.ends_at, s.day, s.hours,
            )
            for c in classes
            for number, s in enumerate(c.sessions, 1)
        ),
    )  # fmt: skip


def _title_of(c: ClassRow) -> str:
    """The title of a class; some titles name the school's signature."""
    name = _AUDIENCE_WORDS[c.audience] + _FORMAT_WORDS[c.format]
    if c.school.code == JINMENHU and c.wish.is_evening:
        name = "湖畔讲堂夜校学习班"
    elif c.school.code == ZHANGJIAWO and c.days[0].weekday() == _SATURDAY:
        name = "周六红色大讲堂"
    elif c.venue.is_signature and c.format is not Format.MICRO_LECTURE:
        name = f"{_AUDIENCE_WORDS[c.audience]}现场教学"
    return f"{c.school.place}{c.days[0].year}年第{c.number}期{name}"

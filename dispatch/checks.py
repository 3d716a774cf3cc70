"""The checks of dispatch: what forbids a lecturer or a schedule, and what only warns of it.

Pure functions over plain facts, so that the desk and a solver judge alike. A finding has words that
name its facts, in the reader's language. A warning may be overridden with a reason, a block may
not. Figures come from the rule of booking; without one, nothing is measured by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from itertools import pairwise
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from config.lib.dates import format_clock, format_day, format_month
from config.lib.hours import ZERO, format_hours
from config.lib.periods import at_local, first_day, last_day, local_date
from courses.enums import Format, Strand
from courses.mix import Hours, Targets, Verdict, judge_strand, share_of
from dispatch.models import BookingRule
from hours.caps_and_overlaps import MINUTES_OF_A_DAY, HalfDay
from instructors.enums import DayPart
from instructors.queries.availability import Busy
from schools.enums import Audience

_MINUTE = timedelta(minutes=1)
_CENT = Decimal("0.01")
# The minutes of the day at which its parts begin (`DayPart`), and its end.
_BORDERS = (0, 12 * 60, 18 * 60, MINUTES_OF_A_DAY)


class Level(Enum):
    """Whether a finding forbids, or may be overridden with a reason."""

    BLOCK = "block"
    WARN = "warn"


class Code(StrEnum):
    """What a finding is about. `EngagementOverride.warning` keeps it."""

    LECTURER_TAKEN = "lecturer_taken"
    NO_LETTER = "no_letter"
    NOT_FREE = "not_free"
    OUTSIDE_WEEK = "outside_week"
    TRAVEL = "travel"
    HALF_DAY = "half_day"
    MONTH_LOAD = "month_load"
    YEAR_LOAD = "year_load"
    TEACHES_OTHERS = "teaches_others"
    DECLINED = "declined"
    VENUE_TAKEN = "venue_taken"
    VENUE_FULL = "venue_full"
    AUDIENCE = "audience"
    FORMAT = "format"
    OTHER_DATE = "other_date"
    SUBMITTED_LATE = "submitted_late"
    MIX = "mix"


@dataclass(frozen=True)
class Finding:
    """What a check found, in words."""

    code: Code
    level: Level
    text: str

    @property
    def is_block(self) -> bool:
        """Whether it cannot be overridden."""
        return self.level is Level.BLOCK


class Named(NamedTuple):
    """A row by its key and its name."""

    key: int
    name: str


class Room(NamedTuple):
    """A venue and how many people it holds."""

    key: int
    name: str
    capacity: int


@dataclass(frozen=True)
class Taken:
    """A time at which a lecturer, or a venue, is taken: an engagement or a session."""

    starts_at: datetime
    ends_at: datetime
    hours: Decimal
    school: Named
    title: str
    venue_id: int | None = None


@dataclass(frozen=True)
class CourseFacts:
    """A course: for which audiences (none: everybody), and which lecturers teach it (none: any).

    Without a `format` it suits any.
    """

    title: str
    audiences: tuple[str, ...] = ()
    teachers: frozenset[int] = frozenset()
    format: str = ""


@dataclass(frozen=True)
class Slot:
    """A session to fill."""

    starts_at: datetime
    ends_at: datetime
    hours: Decimal
    school: Named
    course: CourseFacts
    room: Room | None = None

    @property
    def day(self) -> date:
        """The day in Asia/Shanghai on which it begins."""
        return local_date(self.starts_at)

    @property
    def parts(self) -> list[DayPart]:
        """The parts of the day that it touches."""
        return list_parts(self.starts_at, self.ends_at)


@dataclass(frozen=True)
class LecturerFacts:
    """A lecturer around a slot. Nothing here counts the slot itself.

    `letters` are the days of the letters of appointment, without those after a revocation; `busy`
    the parts of the day on which they cannot teach; `taken` what they teach near that day. Loads
    are those of the month and the year of the slot. `declined` is the reason of a lecturer who
    declined this very session, empty if they did not answer in time.
    """

    key: int
    letters: tuple[DateRange, ...] = ()
    busy: Mapping[DayPart, Busy] = field(default_factory=dict)
    taken: tuple[Taken, ...] = ()
    month_hours: Decimal = ZERO
    year_hours: Decimal = ZERO
    declined: str | None = None


class MixFacts(NamedTuple):
    """A module of a school in a year: its hours once the letter is taught, and its rule."""

    module: str
    hours: Hours
    targets: Targets


@dataclass(frozen=True)
class LetterFacts:
    """A booking letter with its slots, so far as it is scheduled.

    `rooms` are all venues that it uses, `taken` the times at which others use them. `mixes` has the
    modules that it adds hours to. `format` is the length of its class.
    """

    audience: str
    headcount: int
    courses: tuple[CourseFacts, ...] = ()
    wishes: tuple[date, ...] = ()
    submitted_on: date | None = None
    slots: tuple[Slot, ...] = ()
    rooms: tuple[Room, ...] = ()
    taken: tuple[Taken, ...] = ()
    mixes: tuple[MixFacts, ...] = ()
    format: str = ""


def check_candidate(
    slot: Slot, lecturer: LecturerFacts, rule: BookingRule | None
) -> tuple[Finding, ...]:
    """What speaks against this lecturer in this slot; blocks come first."""
    found = (finding for check in CANDIDATE_CHECKS for finding in check(slot, lecturer, rule))
    return _blocks_first(found)


def check_booking(letter: LetterFacts, rule: BookingRule | None) -> tuple[Finding, ...]:
    """What speaks against a booking letter as it is scheduled; blocks come first."""
    found = (finding for check in LETTER_CHECKS for finding in check(letter, rule))
    return _blocks_first(found)


def _blocks_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: not finding.is_block))


def list_parts(starts_at: datetime, ends_at: datetime) -> list[DayPart]:
    """The parts of the day that a time touches, in their order.

    What goes on after midnight belongs to the evening.
    """
    begins, ends = _minutes(starts_at, ends_at)
    return [
        part
        for part, (first, last) in zip(DayPart, pairwise(_BORDERS), strict=True)
        if begins < last and first < ends
    ]


def share_by_half_day(
    starts_at: datetime, ends_at: datetime, hours: Decimal
) -> dict[DayPart, Decimal]:
    """The hours of a session by half day, as the credit-hour ledger knows half days.

    One that fits into no half day counts evenly in those that it touches.
    """
    begins, ends = _minutes(starts_at, ends_at)
    for half in HalfDay:
        first, last = half.value
        if first <= begins and ends <= last:
            return {DayPart[half.name]: hours}
    parts = list_parts(starts_at, ends_at)
    return dict.fromkeys(parts, (hours / len(parts)).quantize(_CENT))


def _minutes(starts_at: datetime, ends_at: datetime) -> tuple[int, int]:
    """Begin and end in minutes of the day on which it begins."""
    midnight = at_local(local_date(starts_at), 0)
    return (starts_at - midnight) // _MINUTE, -((midnight - ends_at) // _MINUTE)


def _overlap(one: Slot | Taken, other: Taken) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _words_of(taken: Taken) -> dict[str, str]:
    return {
        "title": taken.title,
        "school": taken.school.name,
        "day": format_day(local_date(taken.starts_at)),
        "from": format_clock(taken.starts_at),
        "to": format_clock(taken.ends_at),
    }


def _check_one_place(slot: Slot, lecturer: LecturerFacts, _rule: object) -> Iterator[Finding]:
    """Nobody teaches in two places at one time."""
    for taken in lecturer.taken:
        if _overlap(slot, taken):
            text = _(
                "This lecturer teaches “%(title)s” at %(school)s, %(day)s, %(from)s to %(to)s."
            )
            yield Finding(Code.LECTURER_TAKEN, Level.BLOCK, text % _words_of(taken))


def _check_letter(slot: Slot, lecturer: LecturerFacts, _rule: object) -> Iterator[Finding]:
    """A letter of appointment holds on the day."""
    if any(slot.day in letter for letter in lecturer.letters):
        return
    ends = [end for letter in lecturer.letters if (end := last_day(letter)) and end < slot.day]
    if ends:
        text = _("The letter of appointment ran until %(day)s.") % {"day": format_day(max(ends))}
    elif lecturer.letters:
        begins = min(first_day(letter) for letter in lecturer.letters)
        text = _("The letter of appointment begins on %(day)s only.") % {"day": format_day(begins)}
    else:
        text = _("Holds no letter of appointment.")
    yield Finding(Code.NO_LETTER, Level.BLOCK, text)


def _check_free(slot: Slot, lecturer: LecturerFacts, _rule: object) -> Iterator[Finding]:
    """Leave, and what is said of the day, are kept."""
    reasons = [(part, lecturer.busy.get(part)) for part in slot.parts]
    if any(why is Busy.LEAVE for _part, why in reasons):
        text = _("Is on leave on %(day)s.") % {"day": format_day(slot.day)}
        yield Finding(Code.NOT_FREE, Level.BLOCK, text)
    for part, why in reasons:
        if why is Busy.DAY:
            text = _("Cannot teach on %(day)s, %(part)s.")
            words = {"day": format_day(slot.day), "part": part.label}
            yield Finding(Code.NOT_FREE, Level.BLOCK, text % words)


def _check_week(slot: Slot, lecturer: LecturerFacts, _rule: object) -> Iterator[Finding]:
    """The weekly pattern is kept where it can be."""
    for part in slot.parts:
        if lecturer.busy.get(part) is Busy.WEEK:
            text = _("Does not usually teach at this time of the week: %(day)s, %(part)s.")
            words = {"day": format_day(slot.day), "part": part.label}
            yield Finding(Code.OUTSIDE_WEEK, Level.WARN, text % words)


def _check_travel(
    slot: Slot, lecturer: LecturerFacts, rule: BookingRule | None
) -> Iterator[Finding]:
    """There is time to travel from the school before and to the school after."""
    if rule is None:
        return
    needed = timedelta(minutes=rule.travel_minutes)
    before, after = find_before(slot, lecturer), find_after(slot, lecturer)
    if before and before.school.key != slot.school.key and slot.starts_at - before.ends_at < needed:
        text = _(
            "Teaches at %(school)s until %(time)s: %(minutes)d minutes to travel, %(needed)d are "
            "needed."
        )
        gap, moment, school = slot.starts_at - before.ends_at, before.ends_at, before.school
        yield Finding(Code.TRAVEL, Level.WARN, text % _travel(gap, moment, school, rule))
    if after and after.school.key != slot.school.key and after.starts_at - slot.ends_at < needed:
        text = _(
            "Teaches at %(school)s from %(time)s: %(minutes)d minutes to travel, %(needed)d are "
            "needed."
        )
        gap, moment, school = after.starts_at - slot.ends_at, after.starts_at, after.school
        yield Finding(Code.TRAVEL, Level.WARN, text % _travel(gap, moment, school, rule))


def _travel(
    gap: timedelta, moment: datetime, school: Named, rule: BookingRule
) -> dict[str, str | int]:
    return {
        "school": school.name,
        "time": format_clock(moment),
        "minutes": gap // _MINUTE,
        "needed": rule.travel_minutes,
    }


def find_before(slot: Slot, lecturer: LecturerFacts) -> Taken | None:
    """What the lecturer teaches last before the slot."""
    before = [taken for taken in lecturer.taken if taken.ends_at <= slot.starts_at]
    return max(before, key=lambda taken: taken.ends_at, default=None)


def find_after(slot: Slot, lecturer: LecturerFacts) -> Taken | None:
    """What the lecturer teaches first after the slot."""
    after = [taken for taken in lecturer.taken if taken.starts_at >= slot.ends_at]
    return min(after, key=lambda taken: taken.starts_at, default=None)


def _check_half_day(
    slot: Slot, lecturer: LecturerFacts, rule: BookingRule | None
) -> Iterator[Finding]:
    """No more paid hours in half a day than the rule allows."""
    if rule is None:
        return
    that_day = [
        share_by_half_day(taken.starts_at, taken.ends_at, taken.hours)
        for taken in lecturer.taken
        if local_date(taken.starts_at) == slot.day
    ]
    for part, own in share_by_half_day(slot.starts_at, slot.ends_at, slot.hours).items():
        hours = sum((shares.get(part, ZERO) for shares in that_day), own)
        if hours > rule.half_day_hours:
            text = _(
                "With this, %(hours)s credit hours on %(day)s, %(part)s; at most %(most)s are paid."
            )
            words = {"day": format_day(slot.day), "part": part.label}
            words |= _load(hours, rule.half_day_hours)
            yield Finding(Code.HALF_DAY, Level.WARN, text % words)


def _check_month(
    slot: Slot, lecturer: LecturerFacts, rule: BookingRule | None
) -> Iterator[Finding]:
    """The load of the month stays within the rule."""
    hours = lecturer.month_hours + slot.hours
    if rule is not None and hours > rule.month_hours:
        text = _("With this, %(hours)s credit hours in %(month)s, of at most %(most)s.")
        words = {"month": format_month(slot.day), **_load(hours, rule.month_hours)}
        yield Finding(Code.MONTH_LOAD, Level.WARN, text % words)


def _check_year(slot: Slot, lecturer: LecturerFacts, rule: BookingRule | None) -> Iterator[Finding]:
    """The load of the year stays within the rule."""
    hours = lecturer.year_hours + slot.hours
    if rule is not None and hours > rule.year_hours:
        text = _("With this, %(hours)s credit hours in %(year)d, of at most %(most)s.")
        words = {"year": slot.day.year, **_load(hours, rule.year_hours)}
        yield Finding(Code.YEAR_LOAD, Level.WARN, text % words)


def _load(hours: Decimal, most: Decimal) -> dict[str, str]:
    return {"hours": format_hours(hours), "most": format_hours(most)}


def _check_teachers(slot: Slot, lecturer: LecturerFacts, _rule: object) -> Iterator[Finding]:
    """Where the course names its lecturers, one of them teaches it."""
    if slot.course.teachers and lecturer.key not in slot.course.teachers:
        text = _("Is not among those who teach “%(course)s”.") % {"course": slot.course.title}
        yield Finding(Code.TEACHES_OTHERS, Level.WARN, text)


def _check_answer(_slot: Slot, lecturer: LecturerFacts, _rule: object) -> Iterator[Finding]:
    """Nobody is asked again for a session by oversight."""
    if lecturer.declined is None:
        return
    text = _("Did not answer in time for this session.")
    if lecturer.declined:
        text = _("Declined this session: %(reason)s") % {"reason": lecturer.declined}
    yield Finding(Code.DECLINED, Level.WARN, text)


def _check_venue_is_free(letter: LetterFacts, _rule: object) -> Iterator[Finding]:
    """No venue is used twice at one time."""
    for slot in letter.slots:
        for taken in letter.taken:
            if slot.room and taken.venue_id == slot.room.key and _overlap(slot, taken):
                text = _(
                    "This venue is taken by “%(title)s” of %(school)s, %(day)s, %(from)s to %(to)s."
                )
                yield Finding(Code.VENUE_TAKEN, Level.BLOCK, text % _words_of(taken))


def _check_capacity(letter: LetterFacts, _rule: object) -> Iterator[Finding]:
    """All who are expected find a place."""
    for room in letter.rooms:
        if letter.headcount > room.capacity:
            text = _("%(venue)s holds %(capacity)d people; %(count)d are expected.")
            words = {"venue": room.name, "capacity": room.capacity, "count": letter.headcount}
            yield Finding(Code.VENUE_FULL, Level.BLOCK, text % words)


def _check_audience(letter: LetterFacts, _rule: object) -> Iterator[Finding]:
    """The courses are meant for the audience."""
    for course in letter.courses:
        if course.audiences and letter.audience not in course.audiences:
            meant = [str(Audience(value).label) for value in course.audiences]
            text = _("“%(course)s” is meant for: %(meant)s. The class is for: %(audience)s.") % {
                "course": course.title,
                "meant": _(", ").join(meant),
                "audience": Audience(letter.audience).label,
            }
            yield Finding(Code.AUDIENCE, Level.WARN, text)


def _check_format(letter: LetterFacts, _rule: object) -> Iterator[Finding]:
    """The courses are as long as the class."""
    for course in letter.courses:
        if course.format and letter.format and course.format != letter.format:
            text = _("“%(course)s” is taught as: %(usual)s. The class is: %(format)s.") % {
                "course": course.title,
                "usual": Format(course.format).label,
                "format": Format(letter.format).label,
            }
            yield Finding(Code.FORMAT, Level.WARN, text)


def _check_wishes(letter: LetterFacts, _rule: object) -> Iterator[Finding]:
    """The class begins on a day that the school wished for."""
    begins = min((slot.day for slot in letter.slots), default=None)
    if begins is not None and letter.wishes and begins not in letter.wishes:
        text = _("Begins on %(day)s; the school wished for: %(wishes)s.") % {
            "day": format_day(begins),
            "wishes": _(", ").join(format_day(day) for day in letter.wishes),
        }
        yield Finding(Code.OTHER_DATE, Level.WARN, text)


def _check_lead(letter: LetterFacts, rule: BookingRule | None) -> Iterator[Finding]:
    """The letter was submitted so many days before its earliest wished day."""
    if rule is None or letter.submitted_on is None or not letter.wishes:
        return
    days = (min(letter.wishes) - letter.submitted_on).days
    if days < rule.lead_days:
        text = _(
            "Submitted on %(day)s, %(days)d days before the earliest wished day, of at least "
            "%(lead)d."
        )
        words = {"day": format_day(letter.submitted_on), "days": days, "lead": rule.lead_days}
        yield Finding(Code.SUBMITTED_LATE, Level.WARN, text % words)


def _check_mix(letter: LetterFacts, _rule: object) -> Iterator[Finding]:
    """With the letter, the school's year stays inside the mix of each module."""
    for mix in letter.mixes:
        outside = [
            _share_words(strand, mix)
            for strand in Strand
            if judge_strand(strand, mix.hours, mix.targets)
            in {Verdict.TOO_LITTLE, Verdict.TOO_MUCH}
        ]
        if outside:
            text = _("With this letter, %(module)s would be outside its mix: %(shares)s.")
            words = {"module": mix.module, "shares": _(", ").join(outside)}
            yield Finding(Code.MIX, Level.WARN, text % words)


def _share_words(strand: Strand, mix: MixFacts) -> str:
    target = mix.targets[strand]
    return _("%(strand)s %(share)s%% (%(lower)s–%(upper)s%%)") % {
        "strand": strand.label,
        "share": format_hours((share_of(strand, mix.hours) or ZERO).quantize(Decimal("0.1"))),
        "lower": format_hours(target.lower),
        "upper": format_hours(target.upper),
    }


CANDIDATE_CHECKS: tuple[
    Callable[[Slot, LecturerFacts, BookingRule | None], Iterator[Finding]], ...
] = (
    _check_one_place,
    _check_letter,
    _check_free,
    _check_week,
    _check_travel,
    _check_half_day,
    _check_month,
    _check_year,
    _check_teachers,
    _check_answer,
)
LETTER_CHECKS: tuple[Callable[[LetterFacts, BookingRule | None], Iterator[Finding]], ...] = (
    _check_venue_is_free,
    _check_capacity,
    _check_audience,
    _check_format,
    _check_wishes,
    _check_lead,
    _check_mix,
)

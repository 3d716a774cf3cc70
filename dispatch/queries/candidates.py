"""The lecturers for a session as candidates in their rank, and what speaks against a letter.

Facts are read here in a constant number of statements, and judged by `dispatch.checks`. A lecturer
is taken by live engagements and by sessions that were not called off and belong to no live
engagement: an engagement and its session say the same, so each hour counts once.

Only the district dispatches, so all lecturers are read, with what any school asks of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from config.lib.asking import ask
from config.lib.hours import ZERO
from config.lib.periods import (
    at_local,
    calendar_year,
    first_day,
    last_day,
    local_date,
    months_of,
    period,
)
from courses.enums import FORMAT_OF_PRESET, Preset, Strand
from courses.models import Course, Session, Venue
from courses.queries.loads import sum_loads
from courses.queries.mix import read_targets
from courses.querysets import SessionQuerySet
from dispatch.checks import (
    Code,
    CourseFacts,
    Finding,
    LecturerFacts,
    LetterFacts,
    MixFacts,
    Named,
    Room,
    Slot,
    Taken,
    check_booking,
    check_candidate,
    find_before,
)
from dispatch.enums import EngagementState
from dispatch.models import BookingLetter, BookingRule, Engagement
from dispatch.queries.mix import Wanted, add_wanted, asked_by, sum_planned, wanted_by
from dispatch.queries.rules import find_booking_rule
from dispatch.querysets import EngagementQuerySet
from dispatch.signals import feedback_asked
from instructors.enums import Title
from instructors.models import AppointmentLetter, Instructor
from instructors.queries.availability import find_busy
from schools.models import SchoolArea

# What is so far from a slot is on another day and beyond any travel that a rule asks for.
_NEAR = timedelta(hours=24)


class Journey(NamedTuple):
    """From where a lecturer comes on the day of a slot, and the minutes in between.

    `is_here`: it is the school of the slot.
    """

    school: Named
    minutes: int
    is_here: bool = False


class Home(NamedTuple):
    """The township in which a lecturer lives, and the minutes of travel from there."""

    township: str
    minutes: int


class Said(Protocol):
    """What trainees said of a lecturer: the mean of so many answers."""

    mean: Decimal
    answers: int


class Others(NamedTuple):
    """What takes lecturers, apart from what they are asked for."""

    engagements: EngagementQuerySet
    sessions: SessionQuerySet


class Load(NamedTuple):
    """The hours of a lecturer in a month and in its year."""

    month: Decimal = ZERO
    year: Decimal = ZERO


@dataclass(frozen=True)
class Candidate:
    """A lecturer for a session, with all that speaks for and against.

    `letter_end` is the last day of the letter of appointment that holds on the day of the session;
    loads are those of its month and year, without the session itself. `home` and `feedback` are
    read for lists alone.
    """

    instructor: Instructor
    findings: tuple[Finding, ...]
    letter_end: date | None
    month_hours: Decimal
    year_hours: Decimal
    came_from: Journey | None
    last_at_school: date | None
    is_preferred: bool
    is_of_preferred_corps: bool
    teaches_course: bool
    home: Home | None = None
    feedback: Said | None = None

    @property
    def title(self) -> str:
        """The professional title in words; empty without one."""
        has_none = self.instructor.title == Title.NONE
        return "" if has_none else str(self.instructor.get_title_display())

    @property
    def corps(self) -> str:
        """The corps in words."""
        return self.instructor.get_corps_display()

    @property
    def is_blocked(self) -> bool:
        """Whether the lecturer cannot be engaged."""
        return any(finding.is_block for finding in self.findings)

    @property
    def has_refused(self) -> bool:
        """Whether the lecturer declined this session, or let it lapse."""
        return any(finding.code is Code.DECLINED for finding in self.findings)

    @property
    def warnings(self) -> list[Finding]:
        """What may be overridden with a reason."""
        return [finding for finding in self.findings if not finding.is_block]

    @property
    def travels(self) -> bool:
        """Whether they come from another school that day, or live in no township of this one."""
        if self.came_from is not None:
            return not self.came_from.is_here
        return self.home is None or self.home.minutes > 0

    @property
    def rank(
        self,
    ) -> tuple[bool, bool, bool, bool, bool, bool, Decimal, Decimal, bool, date, str, int]:
        """The smaller, the better: blocked ones come last, those without warnings first."""
        return (
            self.is_blocked,
            self.has_refused,
            bool(self.findings),
            not self.is_preferred,
            not self.is_of_preferred_corps,
            not self.teaches_course,
            self.month_hours,
            self.year_hours,
            self.travels,
            self.last_at_school or date.min,
            self.instructor.name,
            self.instructor.pk,
        )


def list_candidates(engagement: Engagement, on: date) -> list[Candidate]:
    """All lecturers for the session of `engagement`, the best first, blocked ones last.

    `on` is today: the last time at the school is not after it. Figures are those of the rule of
    booking in force on the day of the session. A constant number of statements.
    """
    lecturers = list(Instructor.objects.select_related("home_township"))
    judged = _judge(engagement, lecturers, on)
    said: dict[int, Said] = {}
    keys = [lecturer.pk for lecturer in lecturers]
    for answer in ask(feedback_asked, Instructor, instructor_ids=keys, on=on):
        said |= answer
    homes = _read_homes(engagement, lecturers)
    found = [
        replace(one, home=homes.get(one.instructor.pk), feedback=said.get(one.instructor.pk))
        for one in judged
    ]
    return sorted(found, key=lambda candidate: candidate.rank)


def _read_homes(engagement: Engagement, lecturers: Iterable[Instructor]) -> dict[int, Home]:
    """Where lecturers live, and how long they travel to the school from there by the rule.

    Who lives in a township of the school travels no time that counts.
    """
    day = local_date(engagement.starts_at)
    rule = find_booking_rule(day)
    areas = SchoolArea.objects.filter(school=engagement.letter.school_id, period__contains=day)
    near = set(areas.values_list("township", flat=True))
    minutes = rule.travel_minutes if rule else 0
    return {
        one.pk: Home(one.home_township.name, 0 if one.home_township_id in near else minutes)
        for one in lecturers
        if one.home_township is not None
    }


def find_candidate(engagement: Engagement, instructor_id: int, on: date | None = None) -> Candidate:
    """One lecturer, judged as in the list; without `on`, as of the day of the session.

    Raises Instructor.DoesNotExist.
    """
    lecturer = Instructor.objects.get(pk=instructor_id)
    return _judge(engagement, [lecturer], on)[0]


def blocks_of(engagement: Engagement) -> str:
    """What has come to block the lecturer of an engagement, in words; empty if nothing did."""
    return list_blocks([engagement]).get(engagement.pk, "")


def list_blocks(engagements: Sequence[Engagement]) -> dict[int, str]:
    """What has come to block the lecturers of live engagements, in words, by engagement.

    Those whom nothing blocks are left out. That no two of them are at once is the database's to
    hold, so only sessions of classes are read. A constant number of statements.
    """
    rows = [row for row in engagements if row.instructor_id is not None]
    if not rows:
        return {}
    slots = [slot_of_engagement(row) for row in rows]
    keys = {row.instructor_id for row in rows if row.instructor_id is not None}
    others = Others(Engagement.objects.none(), without_engagement())
    read = read_lecturers(others, slots, keys, with_loads=False)
    blocks = {}
    for row, slot, facts in zip(rows, slots, read, strict=True):
        findings = check_candidate(slot, facts[row.instructor_id or 0], None)
        if blocked := [finding.text for finding in findings if finding.is_block]:
            blocks[row.pk] = " ".join(blocked)
    return blocks


def _judge(
    engagement: Engagement, lecturers: Iterable[Instructor], on: date | None
) -> list[Candidate]:
    """The lecturers as candidates, in the order in which they come."""
    by_key = {lecturer.pk: lecturer for lecturer in lecturers}
    if not by_key:
        return []
    slot = slot_of_engagement(engagement)
    (facts,) = read_lecturers(_others(engagement), [slot], by_key)
    for key, reason in _read_refusals(engagement):
        if key in facts:
            facts[key] = replace(facts[key], declined=reason)
    last_days = _read_last_days(engagement.letter.school_id, by_key, on or slot.day)
    rule = find_booking_rule(slot.day)
    return [
        _candidate(
            engagement.letter,
            slot,
            lecturer,
            facts=facts[key],
            rule=rule,
            last_at_school=last_days.get(key),
        )
        for key, lecturer in by_key.items()
    ]


def _read_refusals(engagement: Engagement) -> QuerySet[Engagement, tuple[int, str]]:
    """Who declined the session of `engagement`, or did not answer, and with what reason."""
    asked = Engagement.objects.filter(
        letter=engagement.letter_id,
        number=engagement.number,
        state__in=[EngagementState.DECLINED, EngagementState.LAPSED],
        instructor__isnull=False,
    )
    return asked.order_by("pk").values_list("instructor_id", "reason")


def _candidate(
    letter: BookingLetter,
    slot: Slot,
    lecturer: Instructor,
    *,
    facts: LecturerFacts,
    rule: BookingRule | None,
    last_at_school: date | None,
) -> Candidate:
    held = next((days for days in facts.letters if slot.day in days), None)
    before = find_before(slot, facts)
    came_from = None
    if before and local_date(before.starts_at) == slot.day:
        minutes = (slot.starts_at - before.ends_at) // timedelta(minutes=1)
        came_from = Journey(before.school, minutes, before.school.key == slot.school.key)
    return Candidate(
        lecturer,
        check_candidate(slot, facts, rule),
        last_day(held) if held else None,
        facts.month_hours,
        facts.year_hours,
        came_from,
        last_at_school,
        is_preferred=lecturer.pk == letter.preferred_instructor_id,
        is_of_preferred_corps=lecturer.corps == letter.preferred_corps,
        teaches_course=lecturer.pk in slot.course.teachers,
    )


def read_lecturers(
    others: Others, slots: Sequence[Slot], keys: Collection[int], *, with_loads: bool = True
) -> list[dict[int, LecturerFacts]]:
    """The facts of these lecturers around each slot; none of the slots counts for another.

    Six statements, and two for each month, unless it is `with_loads=False`.
    """
    letters = _read_letters(keys)
    busy = find_busy(list(keys), [slot.day for slot in slots])
    near = Q(
        starts_at__lt=max(slot.ends_at for slot in slots) + _NEAR,
        ends_at__gt=min(slot.starts_at for slot in slots) - _NEAR,
        instructor__in=keys,
    )
    taken: dict[int, list[Taken]] = defaultdict(list)
    for key, time in [
        *_read_taken(others.engagements.filter(near), "letter", "instructor_id"),
        *_read_taken(others.sessions.filter(near), "training_class", "instructor_id"),
    ]:
        taken[key].append(time)
    months = {slot.day.replace(day=1) for slot in slots} if with_loads else set()
    loads = {month: _add_loads(others, keys, month) for month in months}

    def facts_of(slot: Slot, key: int) -> LecturerFacts:
        first, last = slot.starts_at - _NEAR, slot.ends_at + _NEAR
        load = loads[slot.day.replace(day=1)][key] if with_loads else Load()
        return LecturerFacts(
            key,
            tuple(letters[key]),
            {part: why for part in slot.parts if (why := busy.get((key, slot.day, part)))},
            tuple(time for time in taken[key] if first < time.ends_at and time.starts_at < last),
            load.month,
            load.year,
        )

    return [{key: facts_of(slot, key) for key in keys} for slot in slots]


def _others(engagement: Engagement) -> Others:
    """What takes lecturers apart from the session of `engagement`.

    Another engagement for the same session, which this one replaces, is no other session.
    """
    engagements = Engagement.objects.live().exclude(
        letter=engagement.letter_id, number=engagement.number
    )
    return Others(engagements, without_engagement().exclude(pk=engagement.session_id))


def others_than(session: Session | None = None) -> Others:
    """What takes lecturers apart from a session of a class and its engagement, if there is one."""
    engagements, sessions = Engagement.objects.live(), without_engagement()
    if session is not None:
        engagements = engagements.exclude(session=session)
        sessions = sessions.exclude(pk=session.pk)
    return Others(engagements, sessions)


def without_engagement() -> SessionQuerySet:
    """Sessions that were not called off and belong to no live engagement."""
    live = Engagement.objects.live().filter(session=OuterRef("pk"))
    return Session.objects.to_be_held().exclude(Exists(live))


def _read_letters(keys: Collection[int]) -> dict[int, list[DateRange]]:
    """The days on which letters of appointment hold: a revoked one until its revocation."""
    letters: dict[int, list[DateRange]] = defaultdict(list)
    for letter in AppointmentLetter.objects.filter(instructor__in=keys):
        ends = [letter.period.upper, letter.revoked_at and local_date(letter.revoked_at)]
        begins, end = first_day(letter.period), min(filter(None, ends), default=None)
        if end is None or begins < end:
            letters[letter.instructor_id].append(period(begins, end))
    return letters


def _read_taken(queryset: QuerySet, source: str, key: str) -> list[tuple[int, Taken]]:
    """Times that are taken, each with its `key`: the lecturer's or the venue's. One statement.

    `source` is what has school and title: the letter of an engagement, the class of a session.
    """
    rows = queryset.order_by("starts_at", "pk").values_list(
        key,
        "starts_at",
        "ends_at",
        "hours",
        "venue_id",
        f"{source}__title",
        f"{source}__school_id",
        f"{source}__school__name",
    )
    return [
        (owner, Taken(starts_at, ends_at, hours, Named(*school), title, venue_id))
        for owner, starts_at, ends_at, hours, venue_id, title, *school in rows
    ]


def _add_loads(others: Others, keys: Collection[int], day: date) -> dict[int, Load]:
    """The hours of each lecturer in month and year of `day`. Two statements."""
    loads = {
        key: Load(load.month(day.month).planned, load.year.planned)
        for key, load in sum_loads(keys, day.year, others.sessions).items()
    }
    month, year = months_of(day.year, day.month, day.month), calendar_year(day.year)
    rows = (
        others.engagements.filter(_begins_in(year), instructor__in=keys)
        .values_list("instructor_id")
        .annotate(month=Sum("hours", filter=_begins_in(month)), year=Sum("hours"))
        .order_by()
    )
    for key, in_month, in_year in rows:
        loads[key] = Load(loads[key].month + (in_month or ZERO), loads[key].year + in_year)
    return loads


def _begins_in(days: DateRange) -> Q:
    """What begins on one of these days; they have an end."""
    return Q(starts_at__gte=at_local(days.lower, 0), starts_at__lt=at_local(days.upper, 0))


def _read_last_days(school_id: int, keys: Collection[int], until: date) -> dict[int, date]:
    """The last day, up to `until`, on which each lecturer taught at a school. One statement."""
    sessions = Session.objects.to_be_held().filter(
        training_class__school=school_id, instructor__in=keys, held_on__lte=until
    )
    return dict(sessions.order_by().values_list("instructor_id").annotate(Max("held_on")))


def slot_of_engagement(engagement: Engagement) -> Slot:
    """The session that an engagement is to fill."""
    school, venue = engagement.letter.school, engagement.venue
    return Slot(
        engagement.starts_at,
        engagement.ends_at,
        engagement.hours,
        Named(school.pk, school.name),
        course_facts(engagement.course),
        _room_of(venue) if venue else None,
    )


def _room_of(venue: Venue) -> Room:
    return Room(venue.pk, venue.name, venue.capacity)


def course_facts(course: Course) -> CourseFacts:
    """A course as the checks see it."""
    teachers = frozenset(lecturer.pk for lecturer in course.instructors.all())
    return CourseFacts(course.title, tuple(course.audiences), teachers, course.format)


def check_letter(letter: BookingLetter, on: date | None = None) -> tuple[Finding, ...]:
    """What speaks against a booking letter, as it is scheduled or, before that, as it asks.

    One that was not submitted yet is judged as if it were on the day `on`. Figures are those of the
    rule of booking of the day of submission, or of its first day. A constant number of statements.
    """
    engagements = list(
        letter.engagements.live()
        .select_related("letter__school", "course__module", "venue")
        .prefetch_related("course__instructors")
    )
    slots = tuple(slot_of_engagement(engagement) for engagement in engagements)
    courses = [row.course for row in engagements] or _list_courses(letter)
    venues = {row.venue for row in engagements} if engagements else {letter.venue}
    wishes = tuple(row.day for row in letter.dates.all())
    submitted_on = local_date(letter.submitted_at) if letter.submitted_at else on
    begins = min([slot.day for slot in slots] or wishes, default=local_date(letter.written_at))
    facts = LetterFacts(
        letter.audience,
        letter.headcount,
        tuple(course_facts(course) for course in sorted(set(courses), key=lambda c: c.code)),
        wishes,
        submitted_on,
        slots,
        tuple(sorted(_room_of(venue) for venue in venues if venue)),
        _read_venues_taken(letter, slots),
        _read_mixes(letter, engagements, begins),
        FORMAT_OF_PRESET[Preset(letter.preset)],
    )
    return check_booking(facts, find_booking_rule(submitted_on or begins))


def _list_courses(letter: BookingLetter) -> list[Course]:
    """The courses of the menu that a letter asks for, each as often as it does."""
    items = letter.items.exclude(course=None).select_related("course__module")
    rows = items.prefetch_related("course__instructors")
    return [row.course for row in rows if row.course is not None]


def _read_venues_taken(letter: BookingLetter, slots: Sequence[Slot]) -> tuple[Taken, ...]:
    """When classes use the venues of these slots, between the first and the last of them.

    Other letters do not: two live engagements never have one venue at one time, by constraint.
    """
    rooms = {slot.room.key for slot in slots if slot.room}
    if not rooms:
        return ()
    begins, ends = min(slot.starts_at for slot in slots), max(slot.ends_at for slot in slots)
    sessions = Session.objects.to_be_held().filter(
        venue__in=rooms, starts_at__lt=ends, ends_at__gt=begins
    )
    if letter.training_class_id:
        sessions = sessions.exclude(training_class=letter.training_class_id)
    return tuple(taken for _key, taken in _read_taken(sessions, "training_class", "venue_id"))


def _read_mixes(
    letter: BookingLetter, engagements: Sequence[Engagement], begins: date
) -> tuple[MixFacts, ...]:
    """The modules that the letter teaches, in its school's year with the letter's hours.

    What has a session counts with the school's sessions, and others as on the letter's page. The
    rule of the mix is that of the day on which the letter begins.
    """
    items = [] if engagements else list(letter.items.select_related("course__module", "module"))
    wanted = [
        Wanted(row.course.module_id, Strand(row.course.strand), row.hours)
        for row in engagements
        if row.session_id is None
    ]
    if letter.training_class_id is None:
        wanted += wanted_by(asked_by(items), letter.preset)
    hours = add_wanted(sum_planned(letter.school_id, begins.year), wanted)
    targets = read_targets(begins)
    modules = {row.course.module for row in engagements}
    asked = (item.course.module if item.course else item.module for item in items)
    modules |= {module for module in asked if module is not None}
    return tuple(
        MixFacts(module.name, hours[module.pk], targets.get(module.pk, {}))
        for module in sorted(modules, key=lambda module: module.code)
    )

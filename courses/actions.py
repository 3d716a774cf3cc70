"""Plan training classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.origin import Actor
from accounts.records import RecordError, lock_row
from config.lib.dates import format_clock, format_moment
from config.lib.periods import at_local, local_date
from courses.enums import FORMAT_OF_PRESET, Mode, Preset
from courses.errors import CoursesError
from courses.joint_actions import share_class
from courses.models import Course, PresetSession, Programme, Session, TrainingClass, Venue
from courses.permissions import plans_classes
from courses.records import require_room, save_class, save_session
from courses.signals import class_planned
from instructors.models import Instructor
from schools.enums import Audience
from schools.models import School

_CLASS_FIELDS = (
    *("code", "title", "school", "module", "format", "mode", "audience"),
    *("programme", "capacity", "is_open"),
)


@dataclass(frozen=True)
class ClassPlan:
    """The input for a new class. Every session starts with the same place.

    It starts with the same lecturer too, unless `instructors` names one for each session. Sessions
    take the `courses` in turn, in this order. `venue` or `place` is where they meet.
    `joint_schools` are others whose members share the class.
    `begins_at` None means the time of the preset; `capacity` None means the capacity of the venue.
    `lecturer_reason` says why the lecturer teaches it in spite of a warning.
    """

    school: School
    preset: Preset
    title: str
    audience: Audience
    mode: Mode
    courses: Sequence[Course]
    first_day: date
    begins_at: time | None = None
    venue: Venue | None = None
    place: str = ""
    instructor: Instructor | None = None
    instructors: Sequence[Instructor | None] = ()
    programme: Programme | None = None
    capacity: int | None = None
    is_open: bool = False
    joint_schools: Sequence[School] = ()
    lecturer_reason: str = ""


def plan_class(*, plan: ClassPlan, by: Actor, at: datetime) -> TrainingClass:
    """Create a class with the sessions of its preset.

    Its module is that of its first course. If the first session `begins_at` another time than in
    the preset, the others move by the same amount. Raises PermissionDenied, and CoursesError if the
    plan does not fit: a time in the past, because rosters are fixed once a session has begun; a
    session that would last into another day; more courses than sessions; no place; a venue or
    lecturer that is taken.
    """
    on = local_date(at)
    if by.user is None or not plans_classes(by.user, plan.school.pk, on):
        raise PermissionDenied
    with transaction.atomic():
        # In one order, so that no two plans wait for each other.
        for course in sorted(set(plan.courses), key=lambda course: course.pk):
            lock_row(course, no_key=True)
        # Class numbers are assigned one at a time; the school does not close meanwhile.
        school = lock_row(plan.school, no_key=True)
        new = TrainingClass(
            code=_next_code(school, plan.first_day.year),
            title=plan.title.strip(),
            school=school,
            module=plan.courses[0].module,
            format=FORMAT_OF_PRESET[plan.preset],
            mode=plan.mode,
            audience=plan.audience,
            programme=plan.programme,
            capacity=plan.capacity,
            is_open=plan.is_open,
        )
        try:
            require_room(plan.capacity, plan.venue, "capacity")
            save_class(obj=new, by=by, at=at, fields=_CLASS_FIELDS, school_code=school.code)
            for session in _sessions_of(new, plan):
                if session.starts_at <= at:
                    _refuse_begun(session)
                save_session(obj=session, by=by, at=at, fields=(), school_code=school.code)
            share_class(new, plan.joint_schools, by=by, at=at)
            class_planned.send(TrainingClass, training_class=new, by=by, at=at)
        except RecordError as error:
            field = "first_day" if error.field == "starts_at" else error.field
            raise CoursesError(error.message, field) from error
    return new


def _refuse_begun(session: Session) -> NoReturn:
    text = _(
        "Session %(number)d would have begun at %(moment)s. A class is set up before it begins: "
        "afterwards nobody can be put on its roster."
    )
    facts = {"number": session.number, "moment": format_moment(session.starts_at)}
    raise RecordError(text % facts, field="starts_at")


def _next_code(school: School, year: int) -> str:
    """School, year and running number: 120111102-2026-041."""
    begins = f"{school.code}-{year}-"
    codes = TrainingClass.objects.filter(code__startswith=begins).values_list("code", flat=True)
    numbers = [int(code.removeprefix(begins)) for code in codes if code[len(begins) :].isdigit()]
    return f"{begins}{max(numbers, default=0) + 1:03}"


@dataclass(frozen=True)
class Meeting:
    """When a session of a preset would meet, what it teaches, and its credit hours."""

    number: int
    course: Course
    starts_at: datetime
    ends_at: datetime
    hours: Decimal


def list_meetings(
    *, preset: Preset, courses: Sequence[Course], first_day: date, begins_at: time | None
) -> list[Meeting]:
    """The sessions of a preset from the day `first_day` on; they take the courses in turn.

    Raises RecordError for more courses than sessions, and a session that is not within one day.
    """
    rows = list(PresetSession.objects.filter(preset=preset).order_by("number"))
    if len(courses) > len(rows):
        text = ngettext(
            "This format has one session, so there is one course.",
            "This format has %(n)d sessions, so there are %(n)d courses at most.",
            len(rows),
        )
        raise RecordError(text % {"n": len(rows)}, field="courses")
    later = _moved(rows[0].starts, begins_at) if begins_at else timedelta()
    meetings = []
    for row, course in zip(rows, cycle(courses), strict=False):
        day = first_day + timedelta(days=row.day - 1)
        starts_at = at_local(day, row.starts.hour, row.starts.minute) + later
        ends_at = starts_at + timedelta(minutes=row.minutes)
        if later and {local_date(starts_at), local_date(ends_at)} != {day}:
            _refuse_overnight(row.number, starts_at, ends_at)
        meetings.append(Meeting(row.number, course, starts_at, ends_at, row.hours))
    return meetings


def _sessions_of(training_class: TrainingClass, plan: ClassPlan) -> Iterator[Session]:
    meetings = list_meetings(
        preset=plan.preset,
        courses=plan.courses,
        first_day=plan.first_day,
        begins_at=plan.begins_at,
    )
    lecturers = plan.instructors or [plan.instructor] * len(meetings)
    for meeting, instructor in zip(meetings, lecturers, strict=True):
        yield Session(
            training_class=training_class,
            number=meeting.number,
            course=meeting.course,
            instructor=instructor,
            venue=plan.venue,
            place=plan.place.strip(),
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            hours=meeting.hours,
            lecturer_reason=plan.lecturer_reason.strip() if instructor else "",
        )


def _moved(usual: time, begins_at: time) -> timedelta:
    """How much later than usual a class begins; negative if it is earlier."""
    minutes = begins_at.hour * 60 + begins_at.minute - usual.hour * 60 - usual.minute
    return timedelta(minutes=minutes)


def _refuse_overnight(number: int, starts_at: datetime, ends_at: datetime) -> NoReturn:
    text = _(
        "Session %(number)d would be held from %(from)s to %(to)s, which is not within one day. "
        "Name another time, or move single sessions afterwards."
    )
    facts = {"number": number, "from": format_clock(starts_at), "to": format_clock(ends_at)}
    raise RecordError(text % facts, field="begins_at")

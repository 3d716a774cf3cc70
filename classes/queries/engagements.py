"""What a lecturer teaches: sessions to come and taught, as they read them themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Case, OuterRef, QuerySet, Value, When
from django.utils.translation import gettext as _

from classes.models import ClassMaterial, Enrolment
from classes.queries.timetable import locate, say_called_off
from config.lib.calendars import Event
from config.lib.counting import count_rows
from config.lib.periods import day_before, local_date
from config.lib.weeks import monday_of, weeks_from
from courses.models import Course, Session
from courses.queries.loads import is_delivered
from dispatch.enums import EngagementState
from dispatch.models import Engagement as Booked
from instructors.models import Instructor
from schools.queries.clerks import list_clerks

# How long sessions that are over stay on the page and in the calendar.
DAYS_BACK = 30


@dataclass(frozen=True)
class Engagement:
    """A session that a lecturer teaches, with whom to call at the school: names and telephones.

    The session has `enrolled`, the headcount of its roster, `materials`, the number of those of its
    class, and `was_taught`: whether its roll is submitted.
    """

    session: Session
    clerks: list[tuple[str, str]]

    @property
    def enrolled(self) -> int:
        """How many are on the roster."""
        return int(self.session.enrolled)  # type: ignore[attr-defined]

    @property
    def materials(self) -> int:
        """How many materials the class has."""
        return int(self.session.materials)  # type: ignore[attr-defined]

    @property
    def was_taught(self) -> bool:
        """Whether the roll is submitted, so that the hours count."""
        return bool(self.session.was_taught)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Week:
    """The engagements of a week, which begins on the Monday `first`."""

    first: date
    engagements: list[Engagement]

    @property
    def last(self) -> date:
        """Its Sunday."""
        return day_before(weeks_from(self.first, 1))


@dataclass(frozen=True)
class Teaching:
    """Engagements to come by week, and those of the last days, the newest first."""

    weeks: list[Week]
    past: list[Engagement]


def get_teaching(lecturer: Instructor, now: datetime) -> Teaching:
    """What a lecturer teaches, in two statements for any number of sessions."""
    sessions = list(_sessions(lecturer, now))
    schools = {session.training_class.school_id for session in sessions}
    clerks = list_clerks(schools, local_date(now), office_first=True)
    engagements = [
        Engagement(session, clerks.get(session.training_class.school_id, []))
        for session in sessions
    ]
    ahead = [engagement for engagement in engagements if engagement.session.ends_at > now]
    past = [engagement for engagement in engagements if engagement.session.ends_at <= now]
    return Teaching(list(_by_week(ahead)), past[::-1])


def with_taught(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Annotate `was_taught`: whether a session was delivered."""
    taught = Case(When(is_delivered(), then=Value(True)), default=Value(False))
    return sessions.annotate(was_taught=taught)


def list_taught_courses(lecturer: Instructor, on: date) -> QuerySet[Course]:
    """Courses offered on the day `on` that the lecturer may teach, with their materials."""
    offered = lecturer.courses.offered(on)
    return offered.select_related("module").prefetch_related("materials__file").order_by("code")


def list_teaching_events(lecturer: Instructor, now: datetime) -> list[Event]:
    """What a lecturer teaches as calendar events: sessions, and what waits for the school alone.

    They name nobody.
    """
    return [*_list_accepted(lecturer, now), *_list_sessions(lecturer, now)]


def _list_accepted(lecturer: Instructor, now: datetime) -> list[Event]:
    """Engagements that the lecturer accepted, before there is a class."""
    rows = Booked.objects.filter(
        instructor=lecturer, session=None, state=EngagementState.ACCEPTED, starts_at__gt=now
    ).select_related("letter__school", "letter__venue", "course", "venue")
    return [
        Event(
            uid=f"engagement-{row.pk}@xuetang",
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            summary=_("Teach, once the school agrees: %(course)s") % {"course": row.course.title},
            location=row.venue.name if row.venue else row.letter.where,
            description="\n".join([row.letter.school.name, row.letter.title]),
            is_tentative=True,
        )
        for row in rows.order_by("starts_at", "pk")
    ]


def _list_sessions(lecturer: Instructor, now: datetime) -> list[Event]:
    return [
        Event(
            uid=f"teaching-{session.pk}@xuetang",
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            summary=_("Teach: %(course)s") % {"course": session.course.title},
            location=locate(session),
            description=_describe(session),
            is_cancelled=session.is_called_off,
        )
        for session in _sessions(lecturer, now)
    ]


def _sessions(lecturer: Instructor, now: datetime) -> QuerySet[Session]:
    since = local_date(now) - timedelta(days=DAYS_BACK)
    materials = ClassMaterial.objects.filter(training_class=OuterRef("training_class"))
    rows = Session.objects.filter(instructor=lecturer, held_on__gte=since)
    return (
        with_taught(rows)
        .select_related("training_class__school", "course", "venue")
        .annotate(
            enrolled=count_rows(Enrolment.objects.of_outer_session()),
            materials=count_rows(materials),
        )
        .order_by("starts_at", "pk")
    )


def _by_week(engagements: list[Engagement]) -> Iterator[Week]:
    def monday(engagement: Engagement) -> date:
        return monday_of(engagement.session.held_on)

    for first, some in groupby(engagements, monday):
        yield Week(first, list(some))


def _describe(session: Session) -> str:
    training_class = session.training_class
    lines = [
        training_class.school.name,
        _("%(title)s, session %(number)d")
        % {"title": training_class.title, "number": session.number},
        _("Audience: %(audience)s, %(n)d enrolled")
        % {
            "audience": training_class.get_audience_display(),
            "n": session.enrolled,  # type: ignore[attr-defined]
        },
    ]
    if session.is_called_off:
        lines.append(say_called_off(session))
    return "\n".join(lines)

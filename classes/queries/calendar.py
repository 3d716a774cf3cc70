"""The calendar of a school, a venue, a lecturer or the district: taught, booked and wished for.

What stands there is what its own pages show: sessions and letters of the schools in sight, what one
teaches oneself, and drafts of the dispatch plan for the dispatch desk alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from classes.models import Enrolment, WaitingListEntry
from classes.queries.classes import with_places
from config.lib.counting import count_rows
from config.lib.periods import at_local, local_date
from config.lib.weeks import weeks_from
from courses.models import Session, Venue
from courses.querysets import is_for_school
from dispatch.enums import AT_THE_DESK, EngagementState, LetterStage
from dispatch.models import BookingLetter, Engagement, WishedDate
from dispatch.permissions import dispatches
from dispatch.querysets import EngagementQuerySet
from instructors.enums import DayPart
from instructors.models import Instructor
from instructors.queries.availability import find_busy
from schools.models import School


class ItemKind(StrEnum):
    """What an item of the calendar is."""

    SESSION = "session"
    ENGAGEMENT = "engagement"
    WISH = "wish"
    # Venue or lecturer are taken at a school out of sight.
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Subject:
    """Whose calendar it is: a venue, a lecturer or both, else a school, else all schools in sight.

    Where a venue or a lecturer is chosen, the school narrows nothing: what takes up either stands
    there.
    """

    school: School | None = None
    venue: Venue | None = None
    lecturer: Instructor | None = None

    @property
    def is_of_one(self) -> bool:
        """Whether it is the calendar of a venue or a lecturer."""
        return self.venue is not None or self.lecturer is not None

    def narrow(self, *, school: str, venue: str, lecturer: str) -> Q:
        """The condition on rows that have school, venue and lecturer under these names."""
        if not self.is_of_one:
            return Q(**{school: self.school}) if self.school else Q()
        condition = Q()
        if self.venue is not None:
            condition |= Q(**{venue: self.venue})
        if self.lecturer is not None:
            condition |= Q(**{lecturer: self.lecturer})
        return condition


@dataclass(frozen=True)
class Places:
    """How many a class takes (None: any number), how many have a place, and how many wait."""

    most: int | None
    taken: int
    waiting: int

    @property
    def free(self) -> int:
        """The places that are left in a class that takes a number."""
        return max(0, (self.most or 0) - self.taken)


@dataclass(frozen=True)
class CalendarItem:
    """Something on a day. Which of `session`, `engagement` and `wished` is there follows from kind.

    A wish may have no time. `places` is there while a session is to come. `is_in_sight` says
    whether the pages of its school are; one's own sessions elsewhere are not.
    """

    kind: ItemKind
    day: date
    starts_at: datetime | None
    ends_at: datetime | None
    title: str = ""
    school: str = ""
    where: str = ""
    lecturer: str = ""
    session: Session | None = None
    engagement: Engagement | None = None
    wished: WishedDate | None = None
    places: Places | None = None
    is_in_sight: bool = True
    subject: Subject = Subject()

    @property
    def facts(self) -> list[str]:
        """School, place and lecturer, without those that the calendar is of."""
        of_both = self.subject.venue is not None and self.subject.lecturer is not None
        is_set = self.kind in {ItemKind.SESSION, ItemKind.ENGAGEMENT}
        nobody = _("no lecturer yet") if is_set else ""
        # A class that the school joins is held at another one, whose venue may have the same name.
        is_guest = self.subject.school is not None and self.school != self.subject.school.name
        of_many = self.subject.school is None or self.subject.lecturer is not None
        shown = [
            (self.school, of_many or is_guest),
            (self.where, self.subject.venue is None or of_both),
            (self.lecturer or nobody, self.subject.lecturer is None or of_both),
        ]
        return [word for word, is_shown in shown if word and is_shown]


@dataclass
class CalendarDay:
    """A day with its items by time, and the parts in which the lecturer cannot teach.

    `is_open` says whether something may be planned: the day is not over, school and venue are
    there, and the lecturer can teach at some part of it.
    """

    day: date
    items: list[CalendarItem] = field(default_factory=list)
    absent: list[DayPart] = field(default_factory=list)
    is_open: bool = False

    @property
    def is_absent(self) -> bool:
        """Whether the lecturer cannot teach at all."""
        return len(self.absent) == len(DayPart)


@dataclass(frozen=True)
class _Asked:
    """Who reads which days of whose calendar, and when."""

    user: User
    subject: Subject
    days: Sequence[date]
    now: datetime

    @property
    def on(self) -> date:
        """Today."""
        return local_date(self.now)

    @property
    def moments(self) -> dict[str, datetime]:
        """The condition that something starts on one of the days, which follow each other."""
        after = weeks_from(self.days[0], len(self.days) // 7)
        return {"starts_at__gte": at_local(self.days[0], 0), "starts_at__lt": at_local(after, 0)}


def list_calendar(
    user: User, subject: Subject, days: Sequence[date], now: datetime
) -> list[CalendarDay]:
    """Whole weeks of a calendar, as `user` may see them. A constant number of statements."""
    asked = _Asked(user, subject, days, now)
    calendar = {day: CalendarDay(day, is_open=_is_open(asked, day)) for day in days}
    for item in _items(asked):
        calendar[item.day].items.append(item)
    if subject.lecturer is not None:
        busy = find_busy([subject.lecturer.pk], days)
        for one in calendar.values():
            key = subject.lecturer.pk
            one.absent = [part for part in DayPart if (key, one.day, part) in busy]
            one.is_open = one.is_open and not one.is_absent
    for one in calendar.values():
        one.items.sort(key=lambda item: (item.starts_at is None, item.starts_at or now, item.title))
    return list(calendar.values())


def _is_open(asked: _Asked, day: date) -> bool:
    there = (row.period for row in (asked.subject.school, asked.subject.venue) if row is not None)
    return day >= asked.on and all(day in period for period in there)


def _items(asked: _Asked) -> Iterator[CalendarItem]:
    sessions = list(_list_sessions(asked))
    in_sight = set(School.objects.visible_to(asked.user, asked.on).values_list("pk", flat=True))
    listed = Session.objects.listed_for(asked.user, asked.on).filter(**asked.moments)
    keys_listed = set(listed.values_list("pk", flat=True))
    for session in sessions:
        yield _item_of_session(session, asked, session.pk in keys_listed)
    for engagement in _list_engagements(asked, [session.pk for session in sessions]):
        yield _item_of_engagement(engagement, asked, engagement.letter.school_id in in_sight)
    for wished in _list_wishes(asked):
        yield _item_of_wish(wished, asked)
    yield from _list_elsewhere(asked)


def _list_sessions(asked: _Asked) -> QuerySet[Session]:
    subject, school = asked.subject, asked.subject.school
    narrowed = subject.narrow(school="training_class__school", venue="venue", lecturer="instructor")
    if school is not None and not subject.is_of_one:
        narrowed = is_for_school(school, "training_class")
    taken = Enrolment.objects.lasting().filter(training_class=OuterRef("training_class"))
    waiting = WaitingListEntry.objects.filter(training_class=OuterRef("training_class"))
    rows = Session.objects.known_to(asked.user, asked.on).filter(narrowed, **asked.moments)
    return (
        with_places(rows)
        .select_related("training_class__school", "course", "venue", "instructor")
        .annotate(taken=count_rows(taken), waiting=count_rows(waiting))
    )


def _item_of_session(session: Any, asked: _Asked, is_in_sight: bool) -> CalendarItem:
    is_ahead = session.ends_at > asked.now and not session.is_called_off
    return CalendarItem(
        ItemKind.SESSION,
        session.held_on,
        session.starts_at,
        session.ends_at,
        title=session.course.title,
        school=session.training_class.school.name,
        where=session.where,
        lecturer=session.instructor.name if session.instructor else "",
        session=session,
        places=Places(session.places, session.taken, session.waiting) if is_ahead else None,
        is_in_sight=is_in_sight,
        subject=asked.subject,
    )


def _list_engagements(asked: _Asked, shown: Collection[int]) -> QuerySet[Engagement]:
    """Engagements that are no session of the calendar; what is drafted is for the desk alone."""
    subject = asked.subject.narrow(school="letter__school", venue="venue", lecturer="instructor")
    rows = _taking(asked, Engagement.objects.visible_to(asked.user, asked.on))
    if not dispatches(asked.user):
        rows = rows.exclude(state=EngagementState.DRAFT)
    rows = rows.filter(subject, **asked.moments).exclude(session__in=shown)
    related = ("letter__school", "letter__venue", "course", "instructor", "venue", "session")
    return rows.select_related(*related)


def _taking(asked: _Asked, rows: EngagementQuerySet) -> EngagementQuerySet:
    """What takes lecturer or venue; a venue is kept for a session that lost its lecturer."""
    return rows.live() if asked.subject.lecturer is not None else rows.with_venue()


def _item_of_engagement(engagement: Engagement, asked: _Asked, is_in_sight: bool) -> CalendarItem:
    return CalendarItem(
        ItemKind.ENGAGEMENT,
        local_date(engagement.starts_at),
        engagement.starts_at,
        engagement.ends_at,
        title=engagement.course.title,
        school=engagement.letter.school.name,
        where=engagement.venue.name if engagement.venue else engagement.letter.where,
        lecturer=engagement.instructor.name if engagement.instructor and engagement.is_live else "",
        engagement=engagement,
        is_in_sight=is_in_sight,
        subject=asked.subject,
    )


def _list_wishes(asked: _Asked) -> QuerySet[WishedDate]:
    """Wished days to come of letters that wait at the desk.

    To all but the desk a letter waits until something of its schedule is released.
    """
    stages = Q(letter__stage__in=AT_THE_DESK)
    if not dispatches(asked.user):
        released = Engagement.objects.live().exclude(state=EngagementState.DRAFT)
        known = Exists(released.filter(letter=OuterRef("letter")))
        stages = stages | Q(~known, letter__stage=LetterStage.SCHEDULED)
    subject = asked.subject.narrow(
        school="letter__school", venue="letter__venue", lecturer="letter__preferred_instructor"
    )
    letters = BookingLetter.objects.visible_to(asked.user, asked.on)
    days = (max(asked.days[0], asked.on), asked.days[-1])
    rows = WishedDate.objects.filter(stages, subject, letter__in=letters, day__range=days)
    return rows.select_related("letter__school", "letter__venue", "letter__preferred_instructor")


def _item_of_wish(wished: WishedDate, asked: _Asked) -> CalendarItem:
    letter, time = wished.letter, wished.begins_at
    return CalendarItem(
        ItemKind.WISH,
        wished.day,
        at_local(wished.day, time.hour, time.minute) if time else None,
        None,
        title=letter.title,
        school=letter.school.name,
        where=letter.where,
        lecturer=letter.preferred_instructor.name if letter.preferred_instructor else "",
        wished=wished,
        subject=asked.subject,
    )


def _list_elsewhere(asked: _Asked) -> Iterator[CalendarItem]:
    """When venue or lecturer are taken at schools out of sight: the times, nothing else.

    Nothing can be planned then, so those who may choose them have to know.
    """
    user, on, subject = asked.user, asked.on, asked.subject
    if not subject.is_of_one:
        return
    held = Session.objects.to_be_held().filter(
        subject.narrow(school="training_class__school", venue="venue", lecturer="instructor"),
        **asked.moments,
    )
    agreed = (
        _taking(asked, Engagement.objects.all())
        .exclude(state=EngagementState.DRAFT)
        .filter(
            subject.narrow(school="letter__school", venue="venue", lecturer="instructor"),
            **asked.moments,
        )
    )
    out_of_sight = [
        held.exclude(pk__in=Session.objects.known_to(user, on).values("pk")),
        agreed.exclude(pk__in=Engagement.objects.visible_to(user, on).values("pk")),
    ]
    times = {time for rows in out_of_sight for time in rows.values_list("starts_at", "ends_at")}
    for starts_at, ends_at in times:
        yield CalendarItem(ItemKind.ELSEWHERE, local_date(starts_at), starts_at, ends_at)

"""A school with its clerk, the academic officer, a lecturer, and a letter from draft to class."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from accounts.enums import ActorChannel, Role
from accounts.models import User
from accounts.origin import Actor
from config.lib.periods import at_local, inclusive_period, period
from courses.enums import Mode, Preset, Strand
from courses.models import Course, Module, Venue
from dispatch.actions.desk import (
    Schedule,
    engage_for_letter,
    engage_lecturer,
    schedule_letter,
)
from dispatch.actions.letters import (
    Item,
    LetterContent,
    Wished,
    confirm_letter,
    submit_letter,
    write_letter,
)
from dispatch.actions.proposals import accept_engagement
from dispatch.actions.releasing import Release, release_plan
from dispatch.models import BookingLetter, Engagement
from instructors.models import Instructor, LecturerLeave
from schools.enums import Audience
from tests import factories
from tests.factories import acting, grant, make_user

# A letter is written four weeks ahead, on a Monday.
WRITTEN = at_local(date(2026, 5, 4), 9)
WISHED = date(2026, 6, 2)
LATER = WRITTEN + timedelta(days=1)
PORTAL = Actor(None, ActorChannel.TASK)


class BookingWorld:
    """Who books, who dispatches, and who teaches."""

    def __init__(self) -> None:
        self.school = factories.make_school("120111102", "杨柳青镇")
        self.clerk = factories.make_clerk(self.school)
        self.officer = make_user()
        grant(self.officer, Role.DISTRICT_SCHOOL)
        self.venue = self.make_venue("二楼会议室")
        self.course = self.make_course("T-01", Strand.THEORY)
        self.lecturer = self.make_lecturer("赵敏")

    def make_venue(self, name: str) -> Venue:
        return Venue.objects.create(
            school=self.school, name=name, capacity=120, period=period(date(2019, 1, 1))
        )

    def make_course(self, code: str, strand: Strand) -> Course:
        return Course.objects.create(
            code=code,
            title=f"课程{code}",
            module=Module.objects.get(code="governance"),
            strand=strand,
            hours=4,
        )

    def make_lecturer(self, name: str) -> Instructor:
        """A lecturer with an account and a letter of appointment."""
        user = make_user()
        lecturer = Instructor.objects.create(
            name=name, corps="professional", employer="区委党校", user=user
        )
        factories.make_letter(lecturer, at=WRITTEN - timedelta(days=7))
        return lecturer

    def content(self, **changes: object) -> LetterContent:
        facts = {
            "title": "六月基层治理课",
            "preset": Preset.PACK,
            "mode": Mode.ON_SITE,
            "audience": Audience.ORDINARY,
            "headcount": 40,
            "items": [Item(course=self.course)],
            "dates": [Wished(WISHED, field="day_1")],
            "venue": self.venue,
        }
        return LetterContent(**facts | changes)

    def write(self, *, at: datetime = WRITTEN, **changes: object) -> BookingLetter:
        return write_letter(
            school_id=self.school.pk, content=self.content(**changes), by=acting(self.clerk), at=at
        )

    def submit(self, **changes: object) -> BookingLetter:
        letter = self.write(**changes)
        submit_letter(letter_id=letter.pk, by=acting(self.clerk), at=WRITTEN)
        return letter

    def schedule(self, letter: BookingLetter, day: date = WISHED, reason: str = "题目在前") -> None:
        schedule_letter(
            letter_id=letter.pk,
            schedule=Schedule(day, None, [item.course for item in letter.items.all()]),
            reason=reason,
            by=acting(self.officer),
            at=LATER,
        )

    def engage(
        self,
        letter: BookingLetter,
        lecturer: Instructor | None = None,
        *,
        number: int = 1,
        is_urgent: bool = False,
    ) -> Engagement:
        return engage_lecturer(
            letter_id=letter.pk,
            number=number,
            instructor_id=(lecturer or self.lecturer).pk,
            reason="已电话沟通",
            is_urgent=is_urgent,
            by=acting(self.officer),
            at=LATER,
        )

    def release(
        self, at: datetime = LATER, *, chosen: Collection[Engagement] | None = None
    ) -> Release:
        keys = None if chosen is None else {row.pk for row in chosen}
        return release_plan(note="", chosen=keys, by=acting(self.officer), at=at)

    def propose(self, letter: BookingLetter | None = None) -> Engagement:
        """A proposal that waits for the lecturer."""
        letter = letter or self.submit()
        if not letter.engagements.exists():
            self.schedule(letter)
        engagement = self.engage(letter)
        self.release()
        engagement.refresh_from_db()
        return engagement

    def submit_evenings(self) -> BookingLetter:
        """A letter of a format with two sessions, scheduled."""
        letter = self.submit(preset=Preset.EVENING, items=[Item(course=self.course)] * 2)
        self.schedule(letter)
        return letter

    def engage_all(
        self, letter: BookingLetter, lecturer: Instructor | None = None, **given: Any
    ) -> list[Engagement]:
        """One lecturer for all sessions."""
        numbers = [row.number for row in letter.engagements.live()]
        facts = {"reason": "已电话沟通", "numbers": numbers, "at": LATER} | given
        return engage_for_letter(
            letter_id=letter.pk,
            instructor_id=(lecturer or self.lecturer).pk,
            by=acting(self.officer),
            **facts,
        )

    def propose_evenings(self) -> list[Engagement]:
        """Two proposals of one letter that wait for the lecturer."""
        rows = self.engage_all(self.submit_evenings())
        self.release()
        for row in rows:
            row.refresh_from_db()
        return rows

    def go_on_leave(self, day: date = WISHED) -> None:
        """The lecturer is on leave on that day, entered after all else."""
        LecturerLeave.objects.create(
            instructor=self.lecturer, kind="duty", period=inclusive_period(day, day)
        )

    def accept(self, engagement: Engagement, *, user: User | None = None) -> None:
        accept_engagement(
            engagement_id=engagement.pk, by=acting(user or self.lecturer.user), at=LATER
        )

    def confirm(self) -> BookingLetter:
        """A letter with its class."""
        engagement = self.propose()
        self.accept(engagement)
        return confirm_letter(letter_id=engagement.letter_id, by=acting(self.clerk), at=LATER)

"""Candidates for a session in their rank, and the findings of a booking letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from classes.models import RatingAnswer, RatingRound
from config.lib.periods import at_local, inclusive_period, period
from courses.enums import Strand
from courses.models import Course, Module, Session, StrandShare, Venue
from dispatch.checks import Code, Named
from dispatch.enums import EngagementState, LetterStage
from dispatch.models import BookingItem, BookingLetter, BookingRule, Engagement
from dispatch.queries.candidates import (
    Candidate,
    Home,
    Journey,
    check_letter,
    find_candidate,
    list_candidates,
)
from dispatch.queries.rules import find_booking_rule
from instructors.enums import DayPart, Title
from instructors.models import (
    AppointmentLetter,
    AvailabilityException,
    Instructor,
    LecturerLeave,
    WeeklySlot,
)
from schools.models import School, Township
from tests import factories
from tests.factories import DAY, MORNING

pytestmark = pytest.mark.django_db
TODAY = DAY - timedelta(days=10)
LAST_DAY = date(2027, 12, 31)
_SERIALS = count(1)


def appoint(lecturer: Instructor, last: date = LAST_DAY, **fields: Any) -> AppointmentLetter:
    return AppointmentLetter.objects.create(
        number=f"P{next(_SERIALS)}",
        instructor=lecturer,
        period=inclusive_period(date(2025, 1, 1), last),
        signed_on=date(2025, 1, 1),
        **fields,
    )


class Desk:
    """Two schools, and a letter of the first one with a session of four hours to fill."""

    def __init__(self) -> None:
        self.here = factories.make_school()
        self.there = factories.make_school("120111005", "津门湖街道")
        self.letter = factories.make_booking_letter(self.here)
        self.engagement = factories.make_engagement(self.letter)

    def lecturer(self, name: str = "赵敏", *, appointed: bool = True, **fields: Any) -> Instructor:
        fields = {"corps": "professional", "employer": "区委党校"} | fields
        lecturer = Instructor.objects.create(name=name, **fields)
        if appointed:
            appoint(lecturer)
        return lecturer

    def engage(
        self, lecturer: Instructor, starts_at: datetime, school: School | None = None, **fields: Any
    ) -> Engagement:
        """Another letter engages the lecturer."""
        letter = factories.make_booking_letter(school or self.there)
        return factories.make_engagement(letter, lecturer, starts_at=starts_at, **fields)

    def teach(
        self, lecturer: Instructor, starts_at: datetime, school: School | None = None, **fields: Any
    ) -> Session:
        """A class that no letter asked for."""
        training_class = factories.make_class(school or self.there)
        return factories.make_session(
            training_class, starts_at=starts_at, instructor=lecturer, **fields
        )

    def confirm(self, engagement: Engagement) -> Session:
        """The class of the engagement's letter, whose session says what the engagement says."""
        training_class = factories.make_class(engagement.letter.school)
        engagement.session = factories.make_session(
            training_class,
            starts_at=engagement.starts_at,
            hours=engagement.hours,
            instructor=engagement.instructor,
        )
        engagement.save()
        BookingLetter.objects.filter(pk=engagement.letter_id).update(
            stage=LetterStage.CONFIRMED, training_class=training_class
        )
        engagement.letter.refresh_from_db()
        return engagement.session

    def list(self) -> list[Candidate]:
        engagement = Engagement.objects.get(pk=self.engagement.pk)
        with translation.override("en"):
            return list_candidates(engagement, TODAY)

    def find(self, lecturer: Instructor) -> Candidate:
        return next(one for one in self.list() if one.instructor == lecturer)

    def codes(self, lecturer: Instructor) -> list[Code]:
        return [finding.code for finding in self.find(lecturer).findings]

    def names(self) -> list[str]:
        return [candidate.instructor.name for candidate in self.list()]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestACandidate:
    def test_who_is_free_has_nothing_against_them(self, desk):
        lecturer = desk.lecturer()

        found = desk.find(lecturer)

        assert (found.findings, found.warnings, found.is_blocked) == ((), [], False)
        assert found.letter_end == LAST_DAY
        assert (found.month_hours, found.year_hours) == (0, 0)
        assert (found.came_from, found.last_at_school) == (None, None)
        assert found.corps == lecturer.get_corps_display()

    def test_without_a_letter_on_the_day_is_blocked(self, desk):
        nobody = desk.lecturer("钱一", appointed=False)
        former = desk.lecturer("孙二", appointed=False)
        appoint(former, DAY - timedelta(days=1))
        last = desk.lecturer("李三", appointed=False)
        appoint(last, DAY)

        assert desk.codes(nobody) == [Code.NO_LETTER]
        assert desk.codes(former) == [Code.NO_LETTER]
        assert desk.find(former).letter_end is None
        assert (desk.codes(last), desk.find(last).letter_end) == ([], DAY)

    def test_a_revoked_letter_holds_until_its_day(self, desk):
        revoked = {"revoked_by": factories.make_user(), "revocation_reason": "调离"}
        before, after = (
            desk.lecturer("钱一", appointed=False),
            desk.lecturer("孙二", appointed=False),
        )
        appoint(before, revoked_at=MORNING, **revoked)
        appoint(after, revoked_at=MORNING + timedelta(days=1), **revoked)
        at_once = desk.lecturer("李三", appointed=False)
        appoint(at_once, revoked_at=at_local(date(2025, 1, 1), 9), **revoked)

        texts = [f.text for f in desk.find(before).findings]
        assert texts == ["The letter of appointment ran until Tue 19 May 2026."]
        assert (desk.codes(after), desk.find(after).letter_end) == ([], DAY)
        assert [f.text for f in desk.find(at_once).findings] == ["Holds no letter of appointment."]

    def test_who_cannot_teach_then_is_blocked_or_warned_of(self, desk):
        away, said, weekly = (desk.lecturer(name) for name in ("钱一", "孙二", "李三"))
        LecturerLeave.objects.create(
            instructor=away, kind="duty", period=inclusive_period(DAY, DAY)
        )
        AvailabilityException.objects.create(
            instructor=said, day=DAY, part=DayPart.MORNING, is_free=False
        )
        WeeklySlot.objects.create(
            instructor=weekly, weekday=1, part=DayPart.MORNING, period=period(date(2025, 1, 1))
        )

        assert desk.codes(away) == [Code.NOT_FREE]
        assert desk.codes(said) == [Code.NOT_FREE]
        assert desk.codes(weekly) == [Code.OUTSIDE_WEEK]
        assert (desk.find(said).is_blocked, desk.find(weekly).is_blocked) == (True, False)

    def test_an_engagement_or_a_session_elsewhere_blocks(self, desk):
        engaged, teaching = desk.lecturer("钱一"), desk.lecturer("孙二")
        desk.engage(engaged, MORNING + timedelta(hours=1), hours="0.25")
        desk.teach(teaching, MORNING + timedelta(hours=1), hours="0.25")

        for lecturer in (engaged, teaching):
            found = desk.find(lecturer)
            assert found.is_blocked
            assert found.findings[0].code == Code.LECTURER_TAKEN
            assert "津门湖街道党校" in found.findings[0].text

    @pytest.mark.parametrize("state", ["declined", "lapsed", "withdrawn"])
    def test_an_engagement_that_ended_takes_nobody(self, desk, state):
        lecturer = desk.lecturer()
        desk.engage(lecturer, MORNING, state=EngagementState(state))

        assert desk.codes(lecturer) == []

    def test_a_session_that_was_called_off_takes_nobody(self, desk):
        lecturer = desk.lecturer()
        desk.teach(
            lecturer,
            MORNING,
            called_off_at=MORNING - timedelta(days=1),
            called_off_by=factories.make_user(),
            called_off_because="暴雪",
        )

        found = desk.find(lecturer)

        assert (found.findings, found.month_hours) == ((), 0)

    def test_comes_from_the_last_place_of_the_day(self, desk):
        lecturer = desk.lecturer()
        desk.engage(lecturer, MORNING - timedelta(hours=2), hours="0.25", ends_at=MORNING)
        yesterday = desk.lecturer("钱一")
        desk.teach(yesterday, MORNING - timedelta(hours=22))

        found = desk.find(lecturer)

        assert found.came_from == Journey(Named(desk.there.pk, "津门湖街道党校"), 0)
        assert Code.TRAVEL in desk.codes(lecturer)
        assert desk.find(yesterday).came_from is None

    def test_is_not_warned_of_within_one_school(self, desk):
        lecturer = desk.lecturer()
        desk.teach(lecturer, MORNING + timedelta(hours=4), desk.here)

        assert desk.codes(lecturer) == []

    def test_last_taught_at_the_school_until_today(self, desk):
        lecturer, later, elsewhere = (desk.lecturer(name) for name in ("钱一", "孙二", "李三"))
        for days in (30, 20):
            desk.teach(lecturer, MORNING - timedelta(days=days), desk.here)
        desk.teach(later, MORNING - timedelta(days=9), desk.here)
        desk.teach(elsewhere, MORNING - timedelta(days=20))

        assert desk.find(lecturer).last_at_school == DAY - timedelta(days=20)
        assert desk.find(later).last_at_school is None
        assert desk.find(elsewhere).last_at_school is None

    def test_those_who_teach_the_course_are_named(self, desk):
        named, other = desk.lecturer("钱一"), desk.lecturer("孙二")
        desk.engagement.course.instructors.add(named)

        assert (desk.codes(named), desk.find(named).teaches_course) == ([], True)
        assert desk.codes(other) == [Code.TEACHES_OTHERS]


class TestLoads:
    def test_are_of_month_and_year_of_the_session(self, desk):
        lecturer = desk.lecturer()
        desk.engage(lecturer, at_local(date(2026, 5, 1), 9), hours="2")
        desk.teach(lecturer, at_local(date(2026, 5, 31), 18), hours="1")
        desk.engage(lecturer, at_local(date(2026, 1, 1), 9), hours="4")
        desk.teach(lecturer, at_local(date(2026, 12, 31), 9), hours="0.5")
        desk.engage(lecturer, at_local(date(2025, 12, 31), 9))
        desk.teach(lecturer, at_local(date(2027, 1, 1), 9))

        found = desk.find(lecturer)

        assert (found.month_hours, found.year_hours) == (3, Decimal("7.5"))

    def test_an_engagement_and_its_session_count_once(self, desk):
        lecturer = desk.lecturer()
        engagement = desk.engage(lecturer, MORNING + timedelta(days=1))
        before = desk.find(lecturer)

        desk.confirm(engagement)
        after = desk.find(lecturer)

        assert (before.month_hours, after.month_hours) == (4, 4)
        assert after.findings == ()

    def test_the_session_of_an_engagement_that_ended_counts(self, desk):
        """The school's class goes on with the lecturer whom its session names."""
        lecturer = desk.lecturer()
        engagement = desk.engage(lecturer, MORNING + timedelta(days=1))
        desk.confirm(engagement)
        Engagement.objects.filter(pk=engagement.pk).update(
            state=EngagementState.WITHDRAWN, reason="换人"
        )

        assert desk.find(lecturer).month_hours == 4

    def test_the_session_itself_does_not_count_or_take(self, desk):
        lecturer = desk.lecturer()
        desk.engagement.instructor = lecturer
        desk.engagement.save()
        desk.confirm(desk.engagement)

        found = desk.find(lecturer)

        assert (found.findings, found.month_hours, found.year_hours) == ((), 0, 0)

    def test_the_session_of_an_engagement_that_ended_is_the_one_to_fill(self, desk):
        lecturer = desk.lecturer()
        desk.engagement.instructor = lecturer
        desk.engagement.save()
        desk.confirm(desk.engagement)
        desk.engagement.state, desk.engagement.reason = EngagementState.WITHDRAWN, "换人"
        desk.engagement.save()

        found = desk.find(lecturer)

        assert (found.findings, found.month_hours) == ((), 0)

    def test_a_former_engagement_is_judged_beside_the_one_that_replaced_it(self, desk):
        """The panel of a session stays the same when somebody else is engaged for it."""
        former, other = desk.lecturer("钱一"), desk.lecturer("孙二")
        desk.engagement.instructor = former
        desk.engagement.state, desk.engagement.reason = EngagementState.WITHDRAWN, "换人"
        desk.engagement.save()
        factories.make_engagement(desk.letter, other, number=desk.engagement.number)

        found = desk.find(other)

        assert (found.findings, found.month_hours) == ((), 0)

    def test_above_the_rule_are_warned_of(self, desk):
        lecturer = desk.lecturer()
        for day in range(6):
            desk.engage(lecturer, MORNING + timedelta(days=2 + day))

        found = desk.find(lecturer)

        assert [finding.code for finding in found.warnings] == [Code.MONTH_LOAD]
        assert found.warnings[0].text == "With this, 28 credit hours in May 2026, of at most 24."

    def test_are_judged_by_the_rule_of_the_day_of_the_session(self, desk):
        rule = BookingRule.objects.get()
        rule.period = period(date(2019, 1, 1), DAY)
        rule.save()
        rule.pk, rule.month_hours, rule.period = None, Decimal(3), period(DAY)
        rule.save()

        assert desk.codes(desk.lecturer()) == [Code.MONTH_LOAD]
        assert find_booking_rule(DAY - timedelta(days=1)).month_hours == 24


class TestTheRank:
    def test_puts_the_free_first_then_the_warned_then_the_blocked(self, desk):
        desk.lecturer("一", appointed=False)
        warned = desk.lecturer("二")
        WeeklySlot.objects.create(
            instructor=warned, weekday=1, part=DayPart.MORNING, period=period(date(2025, 1, 1))
        )
        desk.letter.preferred_instructor = warned
        desk.letter.save()
        desk.lecturer("三")

        assert desk.names() == ["三", "二", "一"]

    def test_puts_preferred_lecturer_and_corps_before_those_who_teach_it(self, desk):
        """All are warned of: one for the week, the others for the course."""
        teaches, preferred = desk.lecturer("一"), desk.lecturer("四")
        desk.lecturer("三", corps="lead_study")
        desk.engagement.course.instructors.add(teaches)
        WeeklySlot.objects.create(
            instructor=teaches, weekday=1, part=DayPart.MORNING, period=period(date(2025, 1, 1))
        )
        desk.letter.preferred_instructor, desk.letter.preferred_corps = preferred, "lead_study"
        desk.letter.save()

        assert desk.names() == ["四", "三", "一"]

    def test_puts_who_declined_the_session_behind_all_who_may_be_asked(self, desk):
        declined, warned = desk.lecturer("一"), desk.lecturer("二")
        WeeklySlot.objects.create(
            instructor=warned, weekday=1, part=DayPart.MORNING, period=period(date(2025, 1, 1))
        )
        factories.make_engagement(
            desk.letter, declined, number=desk.engagement.number, state="declined"
        )

        assert desk.names() == ["二", "一"]
        assert desk.codes(declined) == [Code.DECLINED]

    def test_puts_those_who_teach_the_course_before_a_lower_load(self, desk):
        """Both are warned of: one for the week, one for the course."""
        teaches, other = desk.lecturer("二"), desk.lecturer("一")
        desk.engagement.course.instructors.add(teaches)
        WeeklySlot.objects.create(
            instructor=teaches, weekday=1, part=DayPart.MORNING, period=period(date(2025, 1, 1))
        )
        desk.engage(teaches, MORNING + timedelta(days=1))

        assert [one.instructor for one in desk.list()] == [teaches, other]

    def test_puts_a_lower_load_first_of_the_month_then_of_the_year(self, desk):
        busy_month, busy_year, idle = (desk.lecturer(name) for name in ("一", "二", "三"))
        desk.engage(busy_month, MORNING + timedelta(days=1), hours="1")
        for days in (60, 61):
            desk.engage(busy_year, MORNING + timedelta(days=days))

        assert [one.instructor for one in desk.list()] == [idle, busy_year, busy_month]

    def test_puts_who_need_not_travel_before_who_was_not_here_for_long(self, desk):
        here, there = (Township.objects.get(code=one.code) for one in (desk.here, desk.there))
        desk.lecturer("一", home_township=there)
        at_home = desk.lecturer("二", home_township=here)
        desk.teach(at_home, at_local(date(2025, 12, 2), 9), desk.here)

        assert desk.names() == ["二", "一"]

    def test_asks_where_they_teach_before_and_not_where_they_live(self, desk):
        here, there = (Township.objects.get(code=one.code) for one in (desk.here, desk.there))
        early = {"starts_at": MORNING - timedelta(hours=4), "ends_at": MORNING - timedelta(hours=3)}
        desk.teach(desk.lecturer("一", home_township=here), school=desk.there, **early)
        desk.teach(desk.lecturer("二", home_township=there), school=desk.here, **early)

        assert desk.names() == ["二", "一"]

    def test_puts_who_was_not_here_for_long_first_and_then_goes_by_name(self, desk):
        recently, long_ago = desk.lecturer("一"), desk.lecturer("二")
        desk.teach(recently, at_local(date(2025, 12, 2), 9), desk.here)
        desk.teach(long_ago, at_local(date(2025, 3, 2), 9), desk.here)
        desk.lecturer("乙")
        desk.lecturer("丙")

        assert desk.names() == ["丙", "乙", "二", "一"]


class TestOneCandidate:
    def test_is_judged_as_in_the_list(self, desk):
        free, blocked = desk.lecturer("钱一"), desk.lecturer("孙二", appointed=False)
        desk.engage(free, MORNING + timedelta(days=1))
        desk.teach(free, MORNING - timedelta(days=20), desk.here)

        with translation.override("en"):
            for lecturer in (free, blocked):
                assert find_candidate(desk.engagement, lecturer.pk, TODAY) == desk.find(lecturer)

    def test_was_last_at_the_school_before_the_session_if_no_day_is_given(self, desk):
        lecturer = desk.lecturer()
        desk.teach(lecturer, MORNING - timedelta(days=1), desk.here)

        found = find_candidate(desk.engagement, lecturer.pk)

        assert found.last_at_school == DAY - timedelta(days=1)

    def test_who_is_gone_raises(self, desk):
        with pytest.raises(Instructor.DoesNotExist):
            find_candidate(desk.engagement, 0)


def count_statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as statements:
        act()
    return len(statements)


class TestStatements:
    def test_are_as_many_for_60_lecturers_as_for_one(self, desk):
        first = desk.lecturer("钱零")
        desk.engage(first, MORNING + timedelta(days=1))
        desk.teach(first, MORNING + timedelta(days=2))
        for_one = count_statements(desk.list)

        for number in range(59):
            lecturer = desk.lecturer(f"钱{number + 1}")
            desk.engage(lecturer, MORNING + timedelta(hours=number % 5), hours="1")
            desk.teach(lecturer, MORNING - timedelta(days=20), desk.here)
            LecturerLeave.objects.create(
                instructor=lecturer, kind="duty", period=inclusive_period(DAY, DAY)
            )
            desk.engagement.course.instructors.add(lecturer)

        assert len(desk.list()) == 60
        assert count_statements(desk.list) == for_one

    def test_of_a_letter_do_not_grow_with_its_sessions(self, desk):
        def check() -> None:
            check_letter(BookingLetter.objects.get(pk=letter.pk))

        hall = make_hall(desk.here)
        letter = factories.make_booking_letter(desk.here, venue=hall)
        factories.make_engagement(letter)
        for_one = count_statements(check)

        for day in range(1, 12):
            course = make_course(f"R-{day}", Strand.THEORY, module="rural")
            factories.make_engagement(
                letter, starts_at=MORNING + timedelta(days=day), course=course
            )
            desk.teach(desk.lecturer(), MORNING + timedelta(days=day, hours=4), venue=hall)

        assert count_statements(check) == for_one


def make_hall(school: School, capacity: int = 60) -> Venue:
    return Venue.objects.create(
        school=school, name="湖畔讲堂", capacity=capacity, period=period(date(2019, 1, 1))
    )


def make_course(
    code: str, strand: Strand, hours: str = "4", *, module: str = "governance", **fields: Any
) -> Course:
    return Course.objects.create(
        code=code,
        title=f"课程 {code}",
        module=Module.objects.get(code=module),
        strand=strand,
        hours=Decimal(hours),
        **fields,
    )


def ask_for(letter: BookingLetter, *courses: Course | None) -> None:
    """Items of a letter; None is a wish in words."""
    for position, course in enumerate(courses, start=1):
        wish = {"wish": "讲讲调解", "module": Module.objects.get(code="rural"), "strand": "theory"}
        BookingItem.objects.create(
            letter=letter, position=position, **({"course": course} if course else wish)
        )


def found_in(letter: BookingLetter) -> dict[Code, str]:
    """What is found in a letter as it is stored, in English."""
    with translation.override("en"):
        findings = check_letter(BookingLetter.objects.get(pk=letter.pk))
    return {finding.code: finding.text for finding in findings}


class TestALetter:
    @pytest.fixture(autouse=True)
    def _any_mix_will_do(self, desk):
        """Only the tests of the mix have its rule."""
        StrandShare.objects.all().delete()

    def test_as_it_is_scheduled_may_have_no_finding(self, desk):
        assert found_in(desk.letter) == {}

    def test_that_others_keep_out_of_its_venue_is_blocked(self, desk):
        hall = make_hall(desk.here)
        letter = factories.make_booking_letter(desk.here, venue=hall)
        engagement = factories.make_engagement(letter)
        assert found_in(letter) == {}

        desk.teach(desk.lecturer(), engagement.ends_at, venue=hall)
        assert found_in(letter) == {}

        desk.teach(desk.lecturer("钱一"), engagement.starts_at, venue=hall)
        assert list(found_in(letter)) == [Code.VENUE_TAKEN]

    def test_does_not_find_its_own_class_in_its_venue(self, desk):
        hall = make_hall(desk.here)
        letter = factories.make_booking_letter(desk.here, venue=hall)
        engagement = factories.make_engagement(letter)
        Session.objects.filter(pk=desk.confirm(engagement).pk).update(venue=hall)

        assert found_in(letter) == {}

    def test_measures_its_venue_before_and_after_it_is_scheduled(self, desk):
        hall = make_hall(desk.here, capacity=39)
        letter = factories.make_booking_letter(desk.here, venue=hall)
        assert list(found_in(letter)) == [Code.VENUE_FULL]

        factories.make_engagement(letter, venue=make_hall(desk.there, capacity=40))
        assert found_in(letter) == {}

    def test_asks_for_courses_for_its_audience(self, desk):
        letter = factories.make_booking_letter(desk.here)
        course = make_course("S-1", Strand.THEORY, audiences=["secretaries"])
        ask_for(letter, course, course, None)
        assert list(found_in(letter)) == [Code.AUDIENCE]

        factories.make_engagement(letter)
        assert found_in(letter) == {}

    def test_begins_on_a_wished_day(self, desk):
        letter = factories.make_booking_letter(desk.here)
        factories.make_engagement(letter, starts_at=MORNING + timedelta(days=1))
        assert list(found_in(letter)) == [Code.OTHER_DATE]

        factories.make_engagement(letter)
        assert found_in(letter) == {}

    def test_is_measured_by_the_lead_of_the_day_of_submission(self, desk):
        letter = factories.make_booking_letter(desk.here)
        late = MORNING - timedelta(days=13)
        BookingLetter.objects.filter(pk=letter.pk).update(submitted_at=late)
        assert list(found_in(letter)) == [Code.SUBMITTED_LATE]

        rule = BookingRule.objects.get()
        rule.period = period(date(2019, 1, 1), DAY - timedelta(days=12))
        rule.save()
        assert list(found_in(letter)) == [Code.SUBMITTED_LATE]

        BookingRule.objects.filter(pk=rule.pk).update(lead_days=13)
        assert found_in(letter) == {}


class TestTheMixOfALetter:
    """The school has 8 hours of theory and 8 of practice in governance; 4 of role models fit."""

    @pytest.fixture
    def letter(self, desk) -> BookingLetter:
        for number, strand in enumerate([Strand.THEORY, Strand.PRACTICE] * 2):
            self.teach(desk, make_course(f"M-{number}", strand), number)
        return factories.make_booking_letter(desk.here)

    def teach(self, desk: Desk, course: Course, days: int) -> None:
        when = MORNING + timedelta(days=10 + days)
        desk.teach(desk.lecturer(), when, desk.here, course=course)

    def test_is_judged_by_the_courses_that_it_asks_for(self, letter):
        ask_for(letter, make_course("V-1", Strand.ROLE_MODELS))
        assert found_in(letter) == {}

        letter.items.all().delete()
        ask_for(letter, make_course("V-2", Strand.THEORY))
        assert found_in(letter)[Code.MIX].endswith(
            "political theory 60% (35–45%), role models 0% (15–25%)."
        )

    def test_counts_a_course_for_each_session_that_it_takes(self, letter):
        BookingLetter.objects.update(preset="evening")
        letter.refresh_from_db()
        course = make_course("V-1", Strand.ROLE_MODELS, "0.25")
        ask_for(letter, course)
        assert found_in(letter) == {}

        letter.items.all().delete()
        ask_for(letter, course, make_course("V-2", Strand.THEORY))
        assert "role models 10% (15–25%)" in found_in(letter)[Code.MIX]

    def test_is_judged_by_the_engagements_once_there_are_any(self, letter):
        course = make_course("V-1", Strand.ROLE_MODELS, "4")
        ask_for(letter, course)
        factories.make_engagement(letter, course=course, hours="1")

        assert Code.MIX in found_in(letter)

    def test_counts_what_has_a_session_once(self, desk, letter):
        """4 of 20 hours are inside; counted twice they would be 8 of 24."""
        course = make_course("V-1", Strand.ROLE_MODELS, "4")
        session = desk.confirm(factories.make_engagement(letter, course=course))
        Session.objects.filter(pk=session.pk).update(course=course)

        assert found_in(letter) == {}

    def test_counts_what_has_no_engagement_any_more_once(self, desk, letter):
        course = make_course("V-1", Strand.ROLE_MODELS, "4")
        ask_for(letter, course)
        engagement = factories.make_engagement(letter, course=course)
        session = desk.confirm(engagement)
        Session.objects.filter(pk=session.pk).update(course=course)
        Engagement.objects.filter(pk=engagement.pk).update(state="withdrawn", reason="换人")

        assert found_in(letter) == {}

    def test_leaves_out_other_schools_other_years_and_what_was_called_off(self, desk, letter):
        ask_for(letter, make_course("V-1", Strand.ROLE_MODELS))
        theory = make_course("M-9", Strand.THEORY)
        desk.teach(desk.lecturer(), MORNING, course=theory)
        desk.teach(desk.lecturer(), at_local(date(2025, 6, 1), 9), desk.here, course=theory)
        desk.teach(
            desk.lecturer(),
            MORNING,
            desk.here,
            course=theory,
            called_off_at=MORNING - timedelta(days=1),
            called_off_by=factories.make_user(),
            called_off_because="暴雪",
        )
        assert found_in(letter) == {}

        desk.teach(desk.lecturer(), at_local(date(2026, 6, 1), 9), desk.here, course=theory)
        assert Code.MIX in found_in(letter)

    def test_counts_a_wish_as_its_page_does(self, letter):
        ask_for(letter, None)

        text = found_in(letter)[Code.MIX]
        assert "political theory 100% (35–45%)" in text
        assert text.count("would be outside") == 1


class TestWhatElseIsSaid:
    def test_who_does_not_teach_before_comes_from_home(self, desk):
        near, far = (Township.objects.get(code=one.code) for one in (desk.here, desk.there))
        minutes = find_booking_rule(DAY).travel_minutes
        found = [
            desk.find(desk.lecturer(name, home_township=township)).home
            for name, township in [("钱一", near), ("孙二", far), ("李三", None)]
        ]

        assert found == [Home(near.name, 0), Home(far.name, minutes), None]

    def test_the_title_is_named_if_there_is_one(self, desk):
        assert (
            desk.find(desk.lecturer("钱一", title=Title.PROFESSOR)).title == Title.PROFESSOR.label
        )
        assert desk.find(desk.lecturer("孙二")).title == ""

    def test_feedback_is_what_trainees_said_once_enough_did(self, desk):
        lecturer = desk.lecturer()
        session = factories.make_session(
            factories.make_class(desk.here),
            starts_at=at_local(TODAY - timedelta(days=60), 9),
            instructor=lecturer,
        )
        assert desk.find(lecturer).feedback is None

        last = TODAY - timedelta(days=30)
        rated = {"training_class": session.training_class}
        RatingRound.objects.create(last_day=last, least=5, **rated)
        scores = {"content": 1, "usefulness": 1, "organisation": 1, "text": ""}
        for teaching in (5, 5, 4, 4, 4):
            RatingAnswer.objects.create(teaching=teaching, **scores, **rated)

        found = desk.find(lecturer).feedback
        assert (found.mean, found.answers) == (Decimal("4.4"), 5)
        # Persons are not ranked by it.
        assert desk.find(lecturer).rank == replace(desk.find(lecturer), feedback=None).rank

"""The calendar: whose items it holds, for whom, on which day, and with how many places."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classes.actions.calling_off import call_off_session
from classes.models import WaitingListEntry
from classes.queries.calendar import CalendarDay, CalendarItem, ItemKind, Subject, list_calendar
from classes.queries.classes import places_of
from config.lib.periods import at_local, inclusive_period, period
from config.lib.weeks import list_days, monday_of
from instructors.enums import DayPart
from instructors.models import AvailabilityException
from tests import factories
from tests.dispatch.world import LATER, WISHED, BookingWorld

pytestmark = pytest.mark.django_db

# The week that crosses New Year.
NEW_YEAR = list_days(date(2026, 12, 28))
NOW = at_local(NEW_YEAR[0], 8)
WEEK = list_days(monday_of(WISHED))


@pytest.fixture
def world() -> BookingWorld:
    return BookingWorld()


def hold(world: BookingWorld, starts_at: datetime, **fields):
    return factories.make_session(
        factories.make_class(world.school), starts_at=starts_at, course=world.course, **fields
    )


def items(days: list[CalendarDay]) -> list[CalendarItem]:
    return [item for one in days for item in one.items]


def read(user, subject=None, days=NEW_YEAR, now=NOW) -> list[CalendarItem]:
    return items(list_calendar(user, subject or Subject(), days, now))


class TestDays:
    def test_a_day_begins_and_ends_at_midnight_in_shanghai(self, world):
        first = hold(world, at_local(NEW_YEAR[0], 0))
        last = hold(world, at_local(NEW_YEAR[-1], 23, 30))
        hold(world, at_local(NEW_YEAR[0], 0) - timedelta(minutes=1), ends_at=first.starts_at)
        hold(world, at_local(date(2027, 1, 4), 0))

        days = list_calendar(world.clerk, Subject(), NEW_YEAR, NOW)

        assert [one.day for one in days] == NEW_YEAR
        assert [len(one.items) for one in days] == [1, 0, 0, 0, 0, 0, 1]
        assert [item.session for item in items(days)] == [first, last]

    def test_a_week_goes_on_across_new_year(self, world):
        for day in (date(2026, 12, 31), date(2027, 1, 1)):
            hold(world, at_local(day, 9))

        assert [item.day for item in read(world.clerk)] == [date(2026, 12, 31), date(2027, 1, 1)]

    def test_an_engagement_stands_on_its_day_in_shanghai(self, world):
        letter = factories.make_booking_letter(world.school, stage="scheduled")
        factories.make_engagement(
            letter, world.lecturer, state="proposed", starts_at=at_local(NEW_YEAR[2], 0)
        )

        (item,) = read(world.clerk)

        assert (item.kind, item.day) == (ItemKind.ENGAGEMENT, NEW_YEAR[2])

    def test_items_stand_by_time_and_wishes_without_one_below(self, world):
        letter = factories.make_booking_letter(world.school, dates=[NEW_YEAR[1]])
        late, early = (hold(world, at_local(NEW_YEAR[1], hour)) for hour in (18, 9))

        shown = read(world.clerk)

        assert [item.session for item in shown] == [early, late, None]
        assert shown[-1].wished.letter == letter


class TestNames:
    def test_a_class_at_another_school_that_one_joins_names_its_host(self, world):
        guest = factories.make_school("120111101", "津门湖街道")
        session = hold(world, at_local(NEW_YEAR[1], 9), venue=world.venue)
        session.training_class.joining_schools.create(school=guest)

        (at_guest,) = read(factories.make_clerk(guest), Subject(school=guest))
        (at_host,) = read(world.clerk, Subject(school=world.school))

        assert at_guest.facts[:2] == ["杨柳青镇党校", "二楼会议室"]
        assert at_host.facts[0] == "二楼会议室"


class TestPlaces:
    def test_are_those_of_the_class(self, world):
        session = hold(world, at_local(NEW_YEAR[1], 9), venue=world.venue)
        organisation = factories.make_organisation(world.school)
        factories.enrol(session.training_class, factories.make_member(organisation))

        (item,) = read(world.clerk)

        assert item.places.most == places_of(session.training_class) == 120
        assert (item.places.taken, item.places.free) == (1, 119)

    def test_a_full_class_says_how_many_wait(self, world):
        session = hold(world, at_local(NEW_YEAR[1], 9))
        training_class = session.training_class
        training_class.capacity = 1
        training_class.save()
        organisation = factories.make_organisation(world.school)
        factories.enrol(training_class, factories.make_member(organisation))
        WaitingListEntry.objects.create(
            training_class=training_class, member=factories.make_member(organisation), since=NOW
        )

        (item,) = read(world.clerk)

        assert (item.places.free, item.places.waiting) == (0, 1)

    def test_a_class_at_other_places_takes_any_number(self, world):
        hold(world, at_local(NEW_YEAR[1], 9), venue=world.venue)
        session = hold(world, at_local(NEW_YEAR[2], 9))
        session.venue, session.place = None, "村文化广场"
        session.save()

        assert [item.places.most for item in read(world.clerk)] == [120, None]

    def test_are_not_told_of_what_is_over_or_called_off(self, world):
        hold(world, at_local(NEW_YEAR[1], 9))
        off = hold(world, at_local(NEW_YEAR[3], 9))
        call_off_session(session_id=off.pk, reason="停电", by=factories.acting(world.clerk), at=NOW)

        over, called_off = read(world.clerk, now=at_local(NEW_YEAR[2], 8))

        assert (over.places, called_off.places) == (None, None)
        assert called_off.session.is_called_off


class TestSight:
    def test_another_school_is_out_of_sight(self, world):
        other = factories.make_school("120111005", "津门湖街道")
        hold(world, at_local(NEW_YEAR[1], 9))
        factories.make_booking_letter(world.school, dates=[NEW_YEAR[1]])

        assert read(factories.make_clerk(other)) == []
        assert len(read(world.officer)) == 2

    def test_a_lecturer_taken_elsewhere_is_known_by_the_time_alone(self, world):
        other = factories.make_school("120111005", "津门湖街道")
        session = hold(world, at_local(NEW_YEAR[1], 9), instructor=world.lecturer)
        letter = factories.make_booking_letter(world.school, stage="scheduled")
        for state, hour in (("draft", 14), ("proposed", 19)):
            factories.make_engagement(
                letter, world.lecturer, state=state, starts_at=at_local(NEW_YEAR[1], hour)
            )

        taken, proposed = read(factories.make_clerk(other), Subject(lecturer=world.lecturer))

        assert (taken.kind, taken.starts_at) == (ItemKind.ELSEWHERE, session.starts_at)
        assert proposed.starts_at == at_local(NEW_YEAR[1], 19)
        assert (taken.title, taken.facts, taken.session) == ("", [], None)
        assert read(factories.make_clerk(other)) == []

    def test_lecturers_see_their_own_at_any_school(self, world):
        session = hold(world, at_local(NEW_YEAR[1], 9), instructor=world.lecturer)
        hold(world, at_local(NEW_YEAR[1], 14))

        (item,) = read(world.lecturer.user, Subject(lecturer=world.lecturer))

        assert item.session == session
        assert not item.is_in_sight

    def test_a_venue_and_a_lecturer_are_shown_together(self, world):
        room = hold(world, at_local(NEW_YEAR[1], 9), venue=world.venue)
        taught = hold(world, at_local(NEW_YEAR[2], 9), instructor=world.lecturer)
        hold(world, at_local(NEW_YEAR[3], 9))
        subject = Subject(world.school, world.venue, world.lecturer)

        assert [item.session for item in read(world.clerk, subject)] == [room, taught]


class TestBooking:
    def test_drafts_are_for_the_desk_alone(self, world):
        letter = world.submit()
        world.schedule(letter)
        world.engage(letter)

        assert [item.kind for item in read(world.officer, days=WEEK, now=LATER)] == [
            ItemKind.ENGAGEMENT
        ]
        own = Subject(lecturer=world.lecturer)
        assert read(world.lecturer.user, own, days=WEEK, now=LATER) == []
        # The school still reads what it asked for.
        (wish,) = read(world.clerk, days=WEEK, now=LATER)
        assert (wish.kind, wish.day, wish.wished.letter) == (ItemKind.WISH, WISHED, letter)

    def test_a_proposal_takes_the_place_of_the_wish(self, world):
        engagement = world.propose()

        for user in (world.officer, world.clerk):
            (item,) = read(user, days=WEEK, now=LATER)
            assert (item.kind, item.engagement) == (ItemKind.ENGAGEMENT, engagement)
        own = Subject(lecturer=world.lecturer)
        assert len(read(world.lecturer.user, own, days=WEEK, now=LATER)) == 1

    def test_a_confirmed_letter_stands_once(self, world):
        letter = world.confirm()

        (item,) = read(world.officer, days=WEEK, now=LATER)

        assert item.session.training_class == letter.training_class

    def test_a_substitute_reads_the_proposal_for_a_session_that_is_planned(self, world):
        letter = world.confirm()
        other = world.make_lecturer("孙立")
        letter.engagements.update(
            state="withdrawn", reason="生病", answered_at=None, answered_by=None
        )
        session = letter.training_class.sessions.get()
        session.instructor = None
        session.save()
        proposal = factories.make_engagement(
            letter, other, state="proposed", starts_at=session.starts_at, session=session
        )

        (item,) = read(other.user, Subject(lecturer=other), days=WEEK, now=LATER)
        assert item.engagement == proposal
        (item,) = read(world.clerk, days=WEEK, now=LATER)
        assert item.session == session

    def test_wishes_stand_by_choice_until_their_day_is_over(self, world):
        factories.make_booking_letter(world.school, dates=[NEW_YEAR[1], NEW_YEAR[3]])
        factories.make_booking_letter(world.school, dates=[NEW_YEAR[1]], stage="declined")

        assert [item.wished.rank for item in read(world.clerk)] == [1, 2]
        assert [item.wished.rank for item in read(world.clerk, now=at_local(NEW_YEAR[2], 8))] == [2]

    def test_a_wish_belongs_to_its_venue_and_its_lecturer(self, world):
        factories.make_booking_letter(
            world.school,
            dates=[NEW_YEAR[1]],
            venue=world.venue,
            preferred_instructor=world.lecturer,
        )
        factories.make_booking_letter(world.school, dates=[NEW_YEAR[2]])

        for subject in (Subject(venue=world.venue), Subject(lecturer=world.lecturer)):
            assert [item.day for item in read(world.officer, subject)] == [NEW_YEAR[1]]


class TestFreeDays:
    def test_days_to_come_are_open(self, world):
        days = list_calendar(world.clerk, Subject(), NEW_YEAR, at_local(NEW_YEAR[2], 23, 59))

        assert [one.is_open for one in days] == [False, False, True, True, True, True, True]

    def test_a_venue_is_open_on_its_days(self, world):
        world.venue.period = period(date(2019, 1, 1), NEW_YEAR[2])
        world.venue.save()
        subject = Subject(world.school, world.venue)

        days = list_calendar(world.clerk, subject, NEW_YEAR, NOW)

        assert [one.is_open for one in days] == [True, True, *[False] * 5]

    def test_a_lecturer_on_leave_is_absent_without_a_reason(self, world):
        world.lecturer.leaves.create(kind="duty", period=inclusive_period(NEW_YEAR[1], NEW_YEAR[1]))
        AvailabilityException.objects.create(
            instructor=world.lecturer, day=NEW_YEAR[2], part=DayPart.MORNING, is_free=False
        )

        days = list_calendar(world.clerk, Subject(lecturer=world.lecturer), NEW_YEAR, NOW)

        assert [one.absent for one in days[:3]] == [[], [*DayPart], [DayPart.MORNING]]
        assert [one.is_open for one in days[:3]] == [True, False, True]


def test_the_number_of_statements_does_not_grow(world):
    organisation = factories.make_organisation(world.school)
    factories.enrol(
        hold(world, at_local(NEW_YEAR[0], 0)).training_class, factories.make_member(organisation)
    )
    subjects = [Subject(world.school), Subject(world.school, world.venue, world.lecturer)]

    def count() -> list[int]:
        counts = []
        for subject in subjects:
            with CaptureQueriesContext(connection) as statements:
                list_calendar(world.clerk, subject, NEW_YEAR, NOW)
            counts.append(len(statements))
        return counts

    factories.make_booking_letter(world.school, dates=[NEW_YEAR[1]])
    count()  # the roles of the clerk are read once
    before = count()
    training_class = factories.make_class(world.school)
    begins = at_local(NEW_YEAR[0], 3)
    for number in range(280):
        factories.make_session(
            training_class,
            starts_at=begins + timedelta(minutes=30 * number),
            ends_at=begins + timedelta(minutes=30 * number + 30),
            instructor=world.lecturer,
            venue=world.venue,
        )
    for number in range(20):
        factories.make_booking_letter(world.school, dates=[NEW_YEAR[number % 7]])

    assert len(read(world.clerk)) > 300
    assert count() == before

"""When a lecturer can teach: the week from a day on, leave, and single days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import in_force, inclusive_period, period
from instructors.actions import availability as acts
from instructors.enums import DayPart
from instructors.errors import AvailabilityError
from instructors.models import LecturerLeave, WeeklySlot
from instructors.queries.availability import Busy, find_busy, list_days
from tests import factories
from tests.factories import DAY, NOON, acting, grant, make_lecturer, make_user
from tests.refusals import refused

pytestmark = pytest.mark.django_db
WEDNESDAY = DAY  # 20 May 2026
MONDAY = date(2026, 5, 25)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def lecturer(user):
    return make_lecturer(factories.make_school(), user=user)


def set_week(lecturer, user, *slots, on=DAY):
    acts.set_weekly_slots(instructor_id=lecturer.pk, slots=slots, on=on, by=acting(user), at=NOON)


def add_leave(lecturer, user, first, last, kind="duty"):
    return acts.add_lecturer_leave(
        instructor_id=lecturer.pk,
        kind=kind,
        days=inclusive_period(first, last),
        by=acting(user),
        at=NOON,
    )


def say(lecturer, user, day, part="morning", *, is_free):
    return acts.add_availability_exception(
        instructor_id=lecturer.pk,
        day=day,
        part=DayPart(part),
        is_free=is_free,
        by=acting(user),
        at=NOON,
    )


def busy(lecturer, day, part="morning"):
    return find_busy([lecturer.pk], [day]).get((lecturer.pk, day, DayPart(part)))


class TestTheWeek:
    def test_is_open_until_something_is_said(self, lecturer):
        assert busy(lecturer, MONDAY) is None

    def test_holds_from_its_day_on_and_leaves_the_days_before(self, lecturer, user):
        set_week(lecturer, user, (1, "morning"))
        set_week(lecturer, user, (1, "evening"), on=MONDAY + timedelta(days=7))

        assert busy(lecturer, MONDAY) is None
        assert busy(lecturer, MONDAY, "evening") == Busy.WEEK
        later = MONDAY + timedelta(days=7)
        assert busy(lecturer, later) == Busy.WEEK
        assert busy(lecturer, later, "evening") is None

    def test_replaces_what_was_planned_for_later(self, lecturer, user):
        set_week(lecturer, user, (1, "evening"), on=MONDAY + timedelta(days=7))
        set_week(lecturer, user, (1, "morning"), on=MONDAY)

        assert [*WeeklySlot.objects.values_list("part", "period")] == [("morning", period(MONDAY))]

    def test_kept_slots_stay_one_row_a_day(self, lecturer, user):
        set_week(lecturer, user, (1, "morning"), (2, "morning"))
        set_week(lecturer, user, (1, "morning"), on=MONDAY)

        assert WeeklySlot.objects.filter(in_force(MONDAY)).count() == 1
        assert WeeklySlot.objects.filter(in_force(DAY)).count() == 2

    def test_does_not_change_the_past(self, lecturer, user):
        with refused(AvailabilityError, "is past") as caught:
            set_week(lecturer, user, on=DAY - timedelta(days=1))
        assert caught.value.field == "on"

    def test_is_in_the_trail(self, lecturer, user):
        set_week(lecturer, user, (1, "morning"))

        entry = AuditEntry.objects.get(act="set_weekly_slots")
        assert entry.before == {"weekly_slots": []}
        assert entry.after["weekly_slots"] == ["1-morning"]


class TestLeave:
    def test_comes_before_the_week(self, lecturer, user):
        set_week(lecturer, user, (1, "morning"))
        add_leave(lecturer, user, DAY, MONDAY)

        assert busy(lecturer, MONDAY) == Busy.LEAVE
        assert busy(lecturer, MONDAY + timedelta(days=7)) is None

    def test_has_an_end_lies_ahead_and_does_not_overlap(self, lecturer, user):
        add_leave(lecturer, user, DAY, MONDAY)

        with refused(AvailabilityError, "on some of these days already"):
            add_leave(lecturer, user, MONDAY, MONDAY)
        with refused(AvailabilityError, "is past"):
            add_leave(lecturer, user, DAY - timedelta(days=9), DAY - timedelta(days=8))
        with refused(AvailabilityError, "last day"):
            acts.add_lecturer_leave(
                instructor_id=lecturer.pk,
                kind="duty",
                days=period(MONDAY),
                by=acting(user),
                at=NOON,
            )

    def test_taken_back_ends_today_or_goes(self, lecturer, user):
        running = add_leave(lecturer, user, DAY, MONDAY)
        coming = add_leave(lecturer, user, MONDAY + timedelta(days=1), date(2026, 6, 30))
        acts.end_lecturer_leave(leave_id=running.pk, by=acting(user), at=NOON + timedelta(days=2))
        acts.end_lecturer_leave(leave_id=coming.pk, by=acting(user), at=NOON)

        left = LecturerLeave.objects.get()
        assert left.period == period(DAY, DAY + timedelta(days=2))
        with refused(AvailabilityError, "is over"):
            acts.end_lecturer_leave(
                leave_id=running.pk, by=acting(user), at=NOON + timedelta(days=2)
            )
        with refused(AvailabilityError, "already"):
            acts.end_lecturer_leave(leave_id=coming.pk, by=acting(user), at=NOON)


class TestSingleDays:
    def test_come_before_leave_and_week(self, lecturer, user):
        add_leave(lecturer, user, DAY, MONDAY)
        say(lecturer, user, MONDAY, is_free=True)
        say(lecturer, user, date(2026, 6, 1), is_free=False)

        assert busy(lecturer, MONDAY) is None
        assert busy(lecturer, MONDAY, "evening") == Busy.LEAVE
        assert busy(lecturer, date(2026, 6, 1)) == Busy.DAY

    def test_are_said_once_and_taken_back(self, lecturer, user):
        said = say(lecturer, user, MONDAY, is_free=False)
        with refused(AvailabilityError, "already"):
            say(lecturer, user, MONDAY, is_free=True)

        acts.remove_availability_exception(exception_id=said.pk, by=acting(user), at=NOON)

        assert busy(lecturer, MONDAY) is None


class TestWhoEnters:
    def test_the_lecturer_and_the_academic_officer(self, lecturer, user):
        academic = make_user()
        grant(academic, Role.DISTRICT_SCHOOL)

        for person, weekday in ((user, 1), (academic, 2)):
            set_week(lecturer, person, (weekday, "morning"))

            assert lecturer.weekly_slots.filter(weekday=weekday).exists()

    def test_nobody_else(self, lecturer):
        other = make_user()
        make_lecturer(lecturer.nominated_by, "钱进", user=other)
        clerk = factories.make_clerk(lecturer.nominated_by)

        for person in (other, clerk):
            with refused(AvailabilityError, "may not enter"):
                set_week(lecturer, person)
            with refused(AvailabilityError, "may not enter"):
                add_leave(lecturer, person, DAY, DAY)
            with refused(AvailabilityError, "may not enter"):
                say(lecturer, person, DAY, is_free=False)


def test_many_lecturers_and_days_cost_three_statements(lecturer, user, django_assert_num_queries):
    others = [make_lecturer(lecturer.nominated_by, f"赵{place}") for place in range(20)]
    for other in others:
        other.leaves.create(kind="duty", period=inclusive_period(DAY, MONDAY))
    keys = [lecturer.pk, *(other.pk for other in others)]

    with django_assert_num_queries(3):
        found = find_busy(keys, [DAY, MONDAY, date(2026, 6, 1)])

    assert len(found) == 20 * 2 * 3
    with django_assert_num_queries(5):  # and one each for sessions and engagements
        assert len(list_days(lecturer, DAY)) == 84

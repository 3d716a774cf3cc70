"""What a form says of each lecturer at its time: the checks of the desk, in the desk's words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from config.lib.periods import inclusive_period, period
from courses.models import Session
from dispatch.checks import Slot
from dispatch.queries.lecturer_remarks import list_remarks, list_remarks_on_choices, slot_of
from instructors.enums import DayPart
from instructors.lecturer_choice import Remark, Standing
from instructors.models import AvailabilityException, LecturerLeave, WeeklySlot
from tests import factories
from tests.dispatch.queries.test_candidates import Desk, appoint, count_statements
from tests.factories import DAY, MORNING

pytestmark = pytest.mark.django_db
LATER = timedelta(days=7)


@pytest.fixture
def desk() -> Desk:
    factories.grant(factories.make_user(), Role.DISTRICT_SCHOOL)
    return Desk()


def slot(desk: Desk, after: timedelta = timedelta(), lasts: int = 3) -> Slot:
    """A session in the morning of DAY, or so much later, at the first school."""
    begins = MORNING + after
    course = desk.engagement.course
    return slot_of(desk.here, course, begins, begins + timedelta(hours=lasts), Decimal(4))


def dispatcher() -> User:
    return User.objects.get(role_grants__role=Role.DISTRICT_SCHOOL)


def remarks(
    *slots: Slot, session: Session | None = None, reader: User | None = None
) -> dict[int, Remark]:
    with translation.override("en"):
        return list_remarks(slots, reader or dispatcher(), session)


class TestOfASession:
    def test_nothing_is_said_of_who_is_free(self, desk):
        lecturer = desk.lecturer()

        assert remarks(slot(desk)) == {}
        desk.teach(lecturer, MORNING + LATER)
        assert remarks(slot(desk)) == {}

    def test_who_teaches_elsewhere_is_not_free_and_would_be_refused(self, desk):
        in_class, engaged = desk.lecturer("钱一"), desk.lecturer("孙二")
        desk.teach(in_class, MORNING)
        desk.engage(engaged, MORNING)

        said = remarks(slot(desk))

        assert said[in_class.pk] == Remark(
            Standing.NOT_FREE,
            "This lecturer teaches “基层治理培训班” at 津门湖街道党校, Wed 20 May 2026, "
            "09:00 to 12:00.",
            is_refused=True,
        )
        assert (said[engaged.pk].standing, said[engaged.pk].is_refused) == (Standing.NOT_FREE, True)
        assert "基层治理约课" in said[engaged.pk].text

    def test_the_session_itself_and_its_engagement_are_in_nobodys_way(self, desk):
        lecturer = desk.lecturer()
        session = desk.confirm(desk.engage(lecturer, MORNING, desk.here))

        assert remarks(slot(desk), session=session) == {}
        assert remarks(slot(desk))[lecturer.pk].is_refused

    def test_leave_and_what_is_said_of_the_day_would_be_refused(self, desk):
        away, said = desk.lecturer("钱一"), desk.lecturer("孙二")
        LecturerLeave.objects.create(
            instructor=away, kind="duty", period=inclusive_period(DAY, DAY)
        )
        AvailabilityException.objects.create(
            instructor=said, day=DAY, part=DayPart.MORNING, is_free=False
        )

        found = remarks(slot(desk))

        assert found == {
            away.pk: Remark(Standing.NOT_FREE, "Is on leave on Wed 20 May 2026.", True),
            said.pk: Remark(Standing.NOT_FREE, "Cannot teach on Wed 20 May 2026, morning.", True),
        }
        assert remarks(slot(desk, timedelta(days=1))) == {}

    def test_a_letter_that_ran_out(self, desk):
        former, last = (desk.lecturer(name, appointed=False) for name in ("钱一", "孙二"))
        appoint(former, DAY - timedelta(days=1))
        appoint(last, DAY)

        assert remarks(slot(desk)) == {
            former.pk: Remark(
                Standing.NOT_FREE,
                "The letter of appointment ran until Tue 19 May 2026.",
                is_refused=True,
            )
        }

    def test_another_time_of_the_week_only_speaks_against_it(self, desk):
        lecturer = desk.lecturer()
        WeeklySlot.objects.create(
            instructor=lecturer, weekday=1, part=DayPart.MORNING, period=period(date(2025, 1, 1))
        )

        said = remarks(slot(desk))[lecturer.pk]

        assert (said.standing, said.is_refused) == (Standing.DOUBTFUL, False)
        assert said.text.startswith("Does not usually teach at this time of the week")
        assert remarks(slot(desk, timedelta(days=5))) == {}  # a Monday

    def test_who_teaches_other_courses_stands_apart_without_words(self, desk):
        named, other = desk.lecturer("钱一"), desk.lecturer("孙二")
        desk.engagement.course.instructors.add(named)

        assert remarks(slot(desk)) == {other.pk: Remark(Standing.OTHER_COURSES, "")}

    def test_without_a_course_nobody_is_asked_about_it(self, desk):
        desk.lecturer()
        desk.engagement.course.instructors.add(desk.lecturer("钱一"))
        ends = MORNING + timedelta(hours=3)

        assert remarks(slot_of(desk.here, None, MORNING, ends, Decimal(4))) == {}


class TestOfAClass:
    def test_who_is_taken_for_one_session_is_not_free_for_the_class(self, desk):
        lecturer, free = desk.lecturer("钱一"), desk.lecturer("孙二")
        desk.teach(lecturer, MORNING + timedelta(days=2))
        days = [slot(desk, timedelta(days=number)) for number in range(3)]

        said = remarks(*days)

        assert said[lecturer.pk].standing is Standing.NOT_FREE
        assert "Fri 22 May 2026" in said[lecturer.pk].text
        assert free.pk not in said

    def test_what_speaks_against_two_sessions_is_said_once(self, desk):
        lecturer = desk.lecturer("钱一", appointed=False)

        said = remarks(slot(desk), slot(desk, timedelta(days=1)))

        assert said[lecturer.pk].text == "Holds no letter of appointment."
        assert not said[lecturer.pk].is_refused

    def test_without_a_session_nothing_is_said(self, desk):
        desk.lecturer("钱一", appointed=False)

        assert remarks() == {}

    def test_statements_grow_with_neither_lecturers_nor_sessions(self, desk):
        desk.lecturer("钱零")
        one, two = slot(desk), slot(desk, timedelta(hours=5))
        for_one = count_statements(lambda: remarks(one))
        for number in range(30):
            desk.teach(desk.lecturer(f"钱{number + 1}"), MORNING + LATER)

        assert count_statements(lambda: remarks(one)) == for_one
        assert count_statements(lambda: remarks(one, two)) == for_one


class TestOfAClerk:
    """What a school reads of a lecturer is less than what the desk does."""

    def test_names_of_others_are_not_said_and_its_own_are(self, desk):
        clerk = factories.make_clerk(desk.here)
        elsewhere, at_home = desk.lecturer("钱一"), desk.lecturer("孙二")
        desk.teach(elsewhere, MORNING)
        factories.make_session(
            factories.make_class(desk.here, "本校班"), starts_at=MORNING, instructor=at_home
        )

        said = remarks(slot(desk), reader=clerk)

        assert said[elsewhere.pk].text == (
            "This lecturer teaches “another class” at another school, Wed 20 May 2026, "
            "09:00 to 12:00."
        )
        assert "本校班" in said[at_home.pk].text

    def test_days_of_letters_and_loads_stay_at_the_desk(self, desk):
        clerk, lecturer = factories.make_clerk(desk.here), desk.lecturer("钱一", appointed=False)

        (mine, theirs) = (
            remarks(slot(desk), reader=reader)[lecturer.pk].text for reader in (clerk, None)
        )

        assert mine == "No letter of appointment holds on that day."
        assert theirs == "Holds no letter of appointment."


class TestOnChoices:
    def choices(self, desk: Desk, *days: int) -> dict[int, Remark]:
        with translation.override("en"):
            choices = [[slot(desk, timedelta(days=day))] for day in days]
            return list_remarks_on_choices(choices, dispatcher())

    def test_who_is_free_on_one_of_the_days_may_still_come(self, desk):
        lecturer = desk.lecturer()
        desk.teach(lecturer, MORNING)

        said = self.choices(desk, 0, 1)

        assert said[lecturer.pk].standing is Standing.DOUBTFUL
        assert "Wed 20 May 2026" in said[lecturer.pk].text

    def test_who_is_taken_on_all_of_them_is_not_free_and_not_refused(self, desk):
        lecturer = desk.lecturer()
        desk.teach(lecturer, MORNING)
        desk.teach(lecturer, MORNING + LATER)

        said = self.choices(desk, 0, 7)

        assert (said[lecturer.pk].standing, said[lecturer.pk].is_refused) == (
            Standing.NOT_FREE,
            False,
        )
        assert self.choices(desk, 1, 8) == {}

    def test_without_a_day_nothing_is_said(self, desk):
        desk.lecturer("钱一", appointed=False)

        assert self.choices(desk) == {}
        assert list_remarks_on_choices([[]], dispatcher()) == {}

"""Setting up a class."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.periods import at_local, local_date, period
from courses.actions import ClassPlan, plan_class
from courses.enums import Mode, Preset
from courses.errors import CoursesError
from courses.models import Course, Session, Venue
from instructors.models import Instructor
from schools.enums import Audience
from tests import factories
from tests.factories import START
from tests.refusals import refused

pytestmark = pytest.mark.django_db
NOW = at_local(date(2026, 11, 24), 10)
DAY = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class World:
    """A school with a hall, a clerk, a course and a lecturer."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        factories.make_session(factories.make_class(self.school), starts_at=at_local(DAY, 19))
        self.course = Course.objects.get()
        self.hall = Venue.objects.get()
        self.lecturer = Instructor.objects.create(
            name="王教授", corps="professional", employer="区委党校"
        )
        self.by = factories.acting(factories.make_clerk(self.school))
        self.plan = ClassPlan(
            school=self.school,
            preset=Preset.PACK,
            title="冬季加油包",
            audience=Audience.ORDINARY,
            mode=Mode.ON_SITE,
            courses=[self.course],
            first_day=DAY,
            venue=self.hall,
            instructor=self.lecturer,
        )

    def set_up(self, by=None, **changes):
        return plan_class(plan=replace(self.plan, **changes), by=by or self.by, at=NOW)


@pytest.fixture
def world():
    return World()


def meetings(training_class):
    return [
        (s.number, local_date(s.starts_at), f"{s.starts_at.astimezone(NOW.tzinfo):%H:%M}", s.hours)
        for s in training_class.sessions.order_by("number")
    ]


class TestAClassSetUp:
    @pytest.mark.parametrize(
        ("preset", "expected"),
        [
            (Preset.MICRO_LECTURE, [(1, DAY, "09:00", Decimal("0.25"))]),
            (Preset.PACK, [(1, DAY, "08:30", Decimal(4))]),
            (
                Preset.EVENING,
                [(number, DAY + timedelta(days=number), "18:30", Decimal(2)) for number in (1, 2)],
            ),
        ],
    )
    def test_meets_as_its_preset_says(self, world, preset, expected):
        first_day = expected[0][1]

        assert meetings(world.set_up(preset=preset, first_day=first_day)) == expected

    def test_of_three_days_meets_in_six_half_days(self, world):
        made = world.set_up(preset=Preset.INTENSIVE)

        assert [(number, day) for number, day, _, _ in meetings(made)] == [
            (number, DAY + timedelta(days=(number - 1) // 2)) for number in range(1, 7)
        ]
        assert sum(hours for *_, hours in meetings(made)) == 24
        assert made.format == "intensive"

    @pytest.mark.parametrize(
        ("begins_at", "expected"),
        [
            (time(8), ["08:00", "13:00"] * 3),
            (time(14), ["14:00", "19:00"] * 3),
            (time(8, 30), ["08:30", "13:30"] * 3),
        ],
    )
    def test_may_begin_at_another_time_and_moves_as_a_whole(self, world, begins_at, expected):
        made = world.set_up(
            preset=Preset.INTENSIVE, begins_at=begins_at, mode=Mode.ONLINE, venue=None, place="网上"
        )

        assert [starts for _, _, starts, _ in meetings(made)] == expected

    def test_may_be_set_up_for_the_afternoon_of_the_same_day(self, world):
        made = world.set_up(preset=Preset.MICRO_LECTURE, first_day=NOW.date(), begins_at=time(15))

        assert meetings(made) == [(1, NOW.date(), "15:00", Decimal("0.25"))]

    def test_takes_its_courses_in_turn(self, world):
        other = Course.objects.create(
            code="c2", title="党务实务", module=world.course.module, strand="practice", hours=4
        )

        made = world.set_up(preset=Preset.INTENSIVE, courses=[other, world.course])

        assert [session.course for session in made.sessions.order_by("number")] == [
            other,
            world.course,
        ] * 3
        assert made.module == other.module

    def test_of_two_evenings_is_no_pack(self, world):
        made = world.set_up(preset=Preset.EVENING, first_day=DAY + timedelta(days=1))

        assert made.format == "evening"

    def test_has_the_module_of_its_course_and_the_next_number_of_school_and_year(self, world):
        first = world.set_up()
        second = world.set_up(first_day=DAY + timedelta(days=1))

        assert first.module == world.course.module
        assert [first.code, second.code] == [f"{world.school.code}-2026-00{n}" for n in (1, 2)]

    def test_stands_in_the_trail_with_its_sessions(self, world):
        made = world.set_up(preset=Preset.INTENSIVE)

        entries = AuditEntry.objects.filter(act="add_record", actor=world.by.user)
        assert [entry.object_type for entry in entries.order_by("pk")] == [
            "courses.trainingclass",
            *["courses.session"] * 6,
        ]
        assert entries.filter(object_id=made.pk, school_code=world.school.code).exists()

    def test_may_name_a_place_that_is_no_venue(self, world):
        made = world.set_up(mode=Mode.OUTREACH, venue=None, place=" 王稳庄镇大侯庄村广场 ")

        session = made.sessions.get()
        assert (session.venue, session.where) == (None, "王稳庄镇大侯庄村广场")


class TestRefused:
    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"venue": None}, "venue", "Choose the venue"),
            ({"venue": None, "mode": Mode.MOBILE_HALL}, "place", "name the place"),
            ({"place": "村口"}, "place", "not both"),
            ({"capacity": 301}, "capacity", "holds 300"),
            ({"first_day": NOW.date()}, "first_day", "would have begun at 24 Nov 2026 08:30"),
            (
                {"first_day": NOW.date(), "begins_at": time(9)},
                "first_day",
                "would have begun at 24 Nov 2026 09:00",
            ),
            (
                {"begins_at": time(21)},
                "begins_at",
                "Session 1 would be held from 21:00 to 00:30, which is not within one day",
            ),
            ({"first_day": date(2028, 1, 1)}, "first_day", "this year and the next"),
        ],
    )
    def test_at_the_field_that_does_not_fit(self, world, changes, field, words):
        with refused(CoursesError, words) as caught:
            world.set_up(**changes)

        assert caught.value.field == field
        assert not Session.objects.filter(held_on=changes.get("first_day", DAY)).exclude(
            starts_at=at_local(DAY, 19)
        )

    def test_more_courses_than_sessions(self, world):
        with refused(CoursesError, "This format has 2 sessions") as caught:
            world.set_up(preset=Preset.EVENING, courses=[world.course] * 3)

        assert caught.value.field == "courses"

    def test_a_venue_that_is_taken_and_by_what(self, world):
        world.set_up(title="党员微党课")

        with refused(CoursesError, "党员微党课.*08:30 to 12:00") as caught:
            world.set_up(instructor=None)

        assert caught.value.field == "venue"

    def test_a_lecturer_who_teaches_elsewhere_and_where(self, world):
        other = Venue.objects.create(
            school=world.school, name="礼堂", capacity=320, period=period(START)
        )
        world.set_up()

        with refused(CoursesError, "teaches “冬季加油包”") as caught:
            world.set_up(venue=other)

        assert caught.value.field == "instructor"

    def test_what_begins_as_the_other_ends_fits(self, world):
        world.set_up(preset=Preset.EVENING, first_day=DAY + timedelta(days=1))
        session = world.set_up(first_day=DAY + timedelta(days=4)).sessions.get()

        assert Session.objects.beside(session).count() == 0

    def test_by_anybody_but_the_schools_clerk_and_the_academic_officer(self, world):
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)
        neighbour = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, world.school)

        assert world.set_up(by=factories.acting(officer)).pk
        for user in (neighbour, leader):
            with refused(PermissionDenied):
                world.set_up(by=factories.acting(user), first_day=DAY + timedelta(days=2))

"""The own pages of a lecturer: engagements, hours, materials, the calendar, and home."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import AuditEntry
from backstage.tasklist import list_tasks
from classes.actions.materials import add_material
from classes.models import CalendarFeed
from config.lib.periods import at_local, today
from courses.menu_actions import add_course_material
from courses.models import Session
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db
PAGE = "/my/teaching/"


class World:
    """A lecturer with an account, and a class of two trainees at a school with a clerk."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.school.telephone = "02227390001"
        self.school.save()
        self.clerk = factories.make_clerk(self.school, display_name="周文", phone="13800001111")
        self.user = factories.make_user(display_name="赵敏")
        self.lecturer = factories.make_lecturer(self.school, "赵敏", user=self.user)
        self.training_class = factories.make_class(self.school)
        branch = factories.make_organisation(self.school)
        self.members = [factories.make_member(branch, name) for name in ("张伟", "王芳")]
        factories.enrol(self.training_class, *self.members)

    def hold(self, days, **fields):
        return factories.make_session(
            self.training_class,
            starts_at=at_local(today() + timedelta(days=days), 9),
            instructor=self.lecturer,
            **fields,
        )

    def submit(self, session):
        submit_roll(
            session_id=session.pk,
            marks={member.pk: "present" for member in self.members},
            seen={},
            by=factories.acting(self.clerk),
            at=session.ends_at,
        )

    def browser(self):
        return browser_of(self.user)


@pytest.fixture
def world():
    return World()


def sent(**fields):
    return {"idempotency_key": str(uuid4()), **fields}


def call_off(session, by):
    Session.objects.filter(pk=session.pk).update(
        called_off_at=timezone.now(), called_off_by=by, called_off_because="台风"
    )


class TestEngagements:
    def test_say_where_for_whom_and_whom_to_call(self, world):
        session = world.hold(3)
        Session.objects.exclude(pk=session.pk).update(instructor=None)

        page = world.browser().get(PAGE)

        ((engagement,),) = [week.engagements for week in page.context["teaching"].weeks]
        assert engagement.session == session
        assert engagement.enrolled == 2
        for text in ("网格化治理", "基层治理培训班", "杨柳青镇", "2 people enrolled", "周文"):
            assert text in page.text
        # The number of the office comes first: a lecturer needs nobody's own.
        assert "2739 0001" in page.text.replace(" ", " ") or "27390001" in page.text
        assert "13800001111" not in page.text

    def test_stand_by_week_in_order(self, world):
        monday = -today().weekday() + 7
        sessions = [world.hold(monday + days) for days in (0, 6, 7)]

        weeks = world.browser().get(PAGE).context["teaching"].weeks

        assert [[e.session for e in week.engagements] for week in weeks] == [
            sessions[:2],
            sessions[2:],
        ]
        assert weeks[0].first == sessions[0].held_on
        assert weeks[0].last == sessions[1].held_on

    def test_that_are_called_off_say_so(self, world):
        call_off(world.hold(3), world.clerk)

        text = world.browser().get(PAGE).text

        assert "called off" in text
        assert "台风" in text

    def test_of_the_last_days_say_whether_the_roll_is_submitted(self, world):
        taught, open_one = world.hold(-3), world.hold(-2)
        world.hold(-31)
        world.submit(taught)

        past = world.browser().get(PAGE).context["teaching"].past

        assert [e.session for e in past] == [open_one, taught]
        assert [e.was_taught for e in past] == [False, True]

    def test_of_others_are_not_there(self, world):
        session = world.hold(3)
        other = factories.make_lecturer(world.school, "钱进")
        Session.objects.filter(pk=session.pk).update(instructor=other)

        assert not world.browser().get(PAGE).context["teaching"].weeks

    def test_are_nobodys_who_is_no_lecturer(self, world):
        assert browser_of(world.clerk).get(PAGE).status_code == 404

    def test_cost_the_same_for_one_and_for_many(self, world):
        world.hold(1)
        browser = world.browser()
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as one:
            browser.get(PAGE)
        for days in range(2, 22):
            world.hold(days)
            world.submit(world.hold(-days))

        with CaptureQueriesContext(connection) as many:
            browser.get(PAGE)

        assert len(many) == len(one)


class TestHours:
    def test_open_to_their_sessions(self, world):
        year = today().year
        day = today().replace(month=1, day=1) - today()
        session = world.hold(day.days, hours="2")
        world.submit(session)

        page = world.browser().get(PAGE)

        assert page.context["load"].month(1).taught == Decimal(2)
        address = reverse("classes:lecturer_sessions", args=[world.lecturer.pk])
        query = {"year": year, "part": "m1", "teaching": "taught"}
        assert f"{address}?year={year}&amp;part=m1&amp;teaching=taught" in page.text
        assert list(world.browser().get(address, query).context["page_obj"]) == [session]


class TestMaterials:
    def add(self, world, session):
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)
        return add_course_material(
            course_id=session.course_id,
            title="讲义",
            data=factories.make_pdf(),
            name="讲义.pdf",
            by=factories.acting(officer),
            at=timezone.now(),
        )

    def test_of_a_class_are_led_to(self, world):
        world.hold(3)
        add_material(
            training_class_id=world.training_class.pk,
            title="讲义",
            data=factories.make_pdf(),
            name="讲义.pdf",
            by=factories.acting(world.clerk),
            at=timezone.now(),
        )

        text = world.browser().get(PAGE).text

        address = reverse("classes:class_materials", args=[world.training_class.pk])
        assert address in text
        assert world.browser().get(address).status_code == 200

    def test_of_a_course_are_read_by_who_may_teach_it(self, world):
        session = world.hold(3)
        Session.objects.update(instructor=None)
        material = self.add(world, session)
        address = reverse("courses:course_material", args=[session.course_id, material.pk])
        assert world.browser().get(address).status_code == 404

        world.lecturer.courses.add(session.course)

        assert address in world.browser().get(PAGE).text
        assert world.browser().get(address).status_code == 200

    def test_of_a_course_are_read_by_who_teaches_it(self, world):
        session = world.hold(3)
        material = self.add(world, session)
        address = reverse("courses:course_material", args=[session.course_id, material.pk])

        assert world.browser().get(address).status_code == 200


class TestTheCalendar:
    def address(self, world):
        page = world.browser().post(reverse("classes:make_teaching_feed"), sent())
        return page.context["address"].partition("testserver")[2]

    def test_is_fetched_without_signing_in_and_names_nobody(self, world):
        world.hold(3)
        call_off(world.hold(4), world.clerk)

        answer = Client().get(self.address(world))

        body = answer.content.replace(b"\r\n ", b"").decode()
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert body.count("BEGIN:VEVENT") == 2
        assert body.count("STATUS:CANCELLED") == 1
        assert "网格化治理" in body
        for person in ("张伟", "王芳", "周文", "赵敏", "13800001111"):
            assert person not in body

    def test_has_what_was_accepted_until_the_class_is_there(self, world):
        letter = factories.make_booking_letter(world.school, title="联合冬训", stage="scheduled")
        moment = at_local(today() + timedelta(days=30), 9)
        for state, hours in (("accepted", 0), ("proposed", 5)):
            begins = moment + timedelta(hours=hours)
            factories.make_engagement(
                letter, world.lecturer, number=hours + 1, state=state, starts_at=begins
            )

        body = Client().get(self.address(world)).content.replace(b"\r\n ", b"").decode()

        assert body.count("BEGIN:VEVENT") == body.count("STATUS:TENTATIVE") == 1
        assert "联合冬训" in body

    def test_ends_with_a_new_one_or_for_good(self, world):
        first, second = self.address(world), self.address(world)
        assert Client().get(first).status_code == 404
        assert Client().get(second).status_code == 200

        world.browser().post(reverse("classes:end_teaching_feed"))

        assert Client().get(second).status_code == 404
        acts = AuditEntry.objects.filter(object_type="classes.calendarfeed")
        assert sorted(acts.values_list("act", flat=True)) == [
            "end_calendar_feed",
            "make_calendar_feed",
            "make_calendar_feed",
        ]

    def test_of_a_disabled_account_opens_nothing(self, world):
        address = self.address(world)
        world.user.is_active = False
        world.user.save()

        assert Client().get(address).status_code == 404

    def test_stays_as_it_is_when_its_page_is_loaded_again(self, world):
        browser, body = world.browser(), sent()
        url = reverse("classes:make_teaching_feed")
        address = browser.post(url, body).context["address"].partition("testserver")[2]

        again = browser.post(url, body, follow=True)

        assert again.redirect_chain[-1][0] == f"{PAGE}#calendar"
        assert Client().get(address).status_code == 200

    def test_of_a_member_is_another_one(self, world):
        """A lecturer who is a member has a timetable and what they teach."""
        factories.make_member(world.members[0].memberships.get().organisation, user=world.user)
        world.hold(3)
        own = self.address(world)
        page = world.browser().post(reverse("classes:make_feed"), sent())
        timetable = page.context["address"].partition("testserver")[2]

        assert CalendarFeed.objects.count() == 2
        assert b"BEGIN:VEVENT" in Client().get(own).content
        assert b"BEGIN:VEVENT" not in Client().get(timetable).content

    def test_is_made_by_lecturers_only(self, world):
        for name in ("make_teaching_feed", "end_teaching_feed"):
            answer = browser_of(world.clerk).post(reverse(f"classes:{name}"), sent())
            assert answer.status_code == 404


class TestHome:
    def test_shows_the_next_sessions_and_leads_to_their_place(self, world):
        session = world.hold(3)

        with translation.override("en"):
            tasks = list_tasks(world.user, timezone.now())

        (task,) = [task for task in tasks if task.label.startswith("Teach ")]
        assert task.url == f"{PAGE}#session-{session.pk}"
        assert f'id="session-{session.pk}"' in world.browser().get(PAGE).text

    def test_is_not_empty_without_a_session(self, world):
        text = world.browser().get("/").text

        assert PAGE in text
        assert reverse("instructors:my_availability") in text

    def test_carries_both_menus_for_a_lecturer_who_is_a_member(self, world):
        factories.make_member(world.members[0].memberships.get().organisation, user=world.user)

        text = world.browser().get("/").text

        assert f'href="{PAGE}"' in text
        assert f'href="{reverse("years:my_hours")}"' in text

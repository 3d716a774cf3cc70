"""A timetable, its calendar address, and joining a class."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from classes.models import CalendarFeed, Enrolment
from config.lib.periods import at_local, today
from courses.models import TrainingClass
from tests import factories
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db


class World:
    """A class of two sessions next week with room for two; three members with accounts."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.clerk = factories.make_clerk(self.school)
        self.members = [
            factories.make_member(self.branch, name, user=factories.make_user())
            for name in ("张伟", "王芳", "李娜")
        ]
        self.training_class = factories.make_class(self.school)
        TrainingClass.objects.update(is_open=True, capacity=2)
        self.sessions = [
            factories.make_session(
                self.training_class, starts_at=at_local(today() + timedelta(days=7 + n), 9)
            )
            for n in range(2)
        ]

    def member(self, n: int = 0) -> Client:
        return browser_of(self.members[n].user)


@pytest.fixture
def world():
    return World()


def sent(**fields):
    return {"idempotency_key": str(uuid4()), **fields}


def join(world, n=0, **fields):
    url = reverse("classes:enrol_self", args=[world.training_class.pk])
    return world.member(n).post(url, sent(**fields), follow=True)


class TestJoining:
    def test_is_offered_and_tells_the_pocket(self, world):
        page = world.member().get(reverse("years:my_classes"))
        assert reverse("classes:enrol_self", args=[world.training_class.pk]) in page.text

        page = join(world)

        assert "Your phone pocket is number 1." in page.text
        assert reverse("classes:leave_class", args=[world.training_class.pk]) in page.text

    def test_sent_twice_acts_once(self, world):
        client, body = world.member(), sent()
        url = reverse("classes:enrol_self", args=[world.training_class.pk])
        leave = reverse("classes:leave_class", args=[world.training_class.pk])
        client.post(url, body)
        client.post(leave, sent())

        client.post(url, body)

        assert not Enrolment.objects.lasting().exists()

    def test_is_undone_after_a_page_that_says_what_it_means(self, world):
        join(world)
        client = world.member()
        leave = reverse("classes:leave_class", args=[world.training_class.pk])

        assert "Your place goes to the next on the waiting list." in client.get(leave).text
        client.post(leave, sent())

        assert not Enrolment.objects.lasting().exists()
        assert client.get(leave).status_code == 404

    def test_of_a_full_class_says_the_place_in_the_line(self, world):
        factories.enrol(world.training_class, *world.members[:2])

        page = world.member(2).get(reverse("years:my_classes"))
        assert "Wait for a place" in page.text

        assert "You wait for a place, as the first." in join(world, 2).text
        assert "Number 1 in the line" in world.member(2).get("/my/timetable/").text

    def test_is_not_offered_where_the_class_is_not_open(self, world):
        TrainingClass.objects.update(is_open=False)

        page = world.member().get(reverse("years:my_classes"))

        assert "at the office" in page.text
        assert join(world).status_code == 409

    def test_of_a_class_that_is_not_there_is_404(self, world):
        assert world.member().post("/my/classes/0/enrol/", sent()).status_code == 404


class TestTheTimetable:
    def test_shows_sessions_on_whose_roster_one_is(self, world):
        factories.enrol(world.training_class, *world.members[:2])
        Enrolment.objects.filter(member=world.members[0]).update(sessions=(2, None), study_group=3)
        Enrolment.objects.filter(member=world.members[1]).update(is_monitor=True)

        page = world.member().get("/my/timetable/")

        (row,) = page.context["timetable"].ahead
        assert row.session == world.sessions[1]
        assert "Phone pocket 1" in page.text
        assert "Group 3" in page.text
        assert "Monitor: 王芳" in page.text

    def test_keeps_those_of_the_last_30_days(self, world):
        for days in (10, 31):
            factories.make_session(
                world.training_class, starts_at=at_local(today() - timedelta(days=days), 9)
            )
        factories.enrol(world.training_class, world.members[0])

        timetable = world.member().get("/my/timetable/").context["timetable"]

        assert [row.session.held_on for row in timetable.past] == [today() - timedelta(days=10)]
        assert len(timetable.ahead) == 2

    def test_takes_as_many_statements_for_one_session_as_for_twenty(
        self, world, django_assert_num_queries, django_assert_max_num_queries
    ):
        factories.enrol(world.training_class, world.members[0])
        client = world.member()
        client.get("/my/timetable/")
        with django_assert_max_num_queries(30) as few:
            client.get("/my/timetable/")
        for n in range(18):
            other = factories.make_class(world.school, f"第 {n} 期")
            factories.make_session(other, starts_at=at_local(today() + timedelta(days=n + 1), 14))
            factories.enrol(other, world.members[0])

        with django_assert_num_queries(len(few)):
            client.get("/my/timetable/")


class TestTheCalendar:
    def address(self, world, n=0):
        page = world.member(n).post(reverse("classes:make_feed"), sent())
        return page.context["address"].partition("testserver")[2]

    def test_is_fetched_without_signing_in_and_names_nobody(self, world):
        factories.enrol(world.training_class, *world.members[:2])
        Enrolment.objects.filter(member=world.members[1]).update(is_monitor=True)

        answer = Client().get(self.address(world))

        body = answer.content.replace(b"\r\n ", b"").decode()
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert body.count("BEGIN:VEVENT") == 2
        assert "基层治理培训班" in body
        assert not any(member.name in body for member in world.members)

    def test_is_kept_as_a_hash_alone(self, world):
        token = self.address(world).rpartition("/")[2].removesuffix(".ics")

        assert token not in str(CalendarFeed.objects.values().get())
        assert token not in world.member().get("/my/timetable/").text

    def test_ends_with_a_new_one_or_for_good(self, world):
        first, second = self.address(world), self.address(world)
        assert Client().get(first).status_code == 404
        assert Client().get(second).status_code == 200

        world.member().post(reverse("classes:end_feed"))
        assert Client().get(second).status_code == 404

    def test_stays_as_it_is_when_its_page_is_loaded_again(self, world):
        client, body = world.member(), sent()
        url = reverse("classes:make_feed")
        address = client.post(url, body).context["address"].partition("testserver")[2]

        again = client.post(url, body, follow=True)

        assert "The address was shown once." in again.text
        assert Client().get(address).status_code == 200
        # As the switch of the language asks for it.
        assert client.get(url, follow=True).redirect_chain[-1][0].startswith("/my/timetable/")

    def test_of_a_disabled_account_opens_nothing(self, world):
        address = self.address(world)
        user = world.members[0].user
        user.is_active = False
        user.save()

        assert Client().get(address).status_code == 404

    def test_is_sent_again_only_when_it_has_changed(self, world):
        address = self.address(world)
        tag = Client().get(address).headers["ETag"]
        assert Client().get(address, headers={"If-None-Match": tag}).status_code == 304

        factories.enrol(world.training_class, world.members[0])
        assert Client().get(address, headers={"If-None-Match": tag}).status_code == 200

    def test_costs_few_statements(self, world, django_assert_max_num_queries):
        factories.enrol(world.training_class, world.members[0])
        address = self.address(world)

        with django_assert_max_num_queries(6):
            Client().get(address)

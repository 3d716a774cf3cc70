"""A timetable, its calendar address, joining a class and asking for leave; the clerk's part."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classes.actions.leaves import ask_leave
from classes.models import CalendarFeed, ClassNotice, Enrolment, LeaveRequest
from config.lib.periods import at_local, today
from courses.models import TrainingClass
from rolls.actions.attendance import record_attendance
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

        assert "Your place goes to whoever waits for one." in client.get(leave).text
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


class TestLeave:
    def test_is_asked_for_answered_and_seen(self, world):
        factories.enrol(world.training_class, world.members[0])
        member, clerk = world.member(), browser_of(world.clerk)
        url = reverse("classes:ask_leave", args=[world.sessions[0].pk])
        assert "Write nothing about anybody" in member.get(url).text
        member.post(url, sent(reason="值班"))

        leave = LeaveRequest.objects.get()
        class_url = reverse("classes:training_class", args=[world.training_class.pk])
        assert f"{class_url}#leaves" in clerk.get("/").text
        assert "值班" in clerk.get(class_url).text
        clerk.post(
            reverse("classes:answer_leave", args=[leave.pk]), sent(answer="accepted", word="准")
        )

        page = member.get("/my/timetable/")
        assert "The school says: 准" in page.text
        assert "#leaves" not in clerk.get("/").text

    def test_is_refused_with_a_word_alone(self, world):
        factories.enrol(world.training_class, world.members[0])
        leave = self.asked(world)
        url = reverse("classes:answer_leave", args=[leave.pk])

        page = browser_of(world.clerk).post(url, sent(answer="refused", word=" "))

        assert page.status_code == 422
        assert page.context["returned"].errors["word"] == ["Say why leave is refused."]
        assert page.text.count("Say why leave is refused.") == 2
        assert f'href="#word-{leave.pk}"' in page.text
        assert "<title>Error: " in page.text

    def test_that_was_answered_meanwhile_says_so_on_the_page_of_the_class(self, world):
        factories.enrol(world.training_class, world.members[0])
        url = reverse("classes:answer_leave", args=[self.asked(world).pk])
        clerk = browser_of(world.clerk)
        clerk.post(url, sent(answer="accepted", word=""))

        page = clerk.post(url, sent(answer="refused", word="已准"))

        assert page.status_code == 422
        assert "This request is answered already." in page.text
        assert clerk.get(url).url.endswith("#leaves")

    def test_takes_no_id_number(self, world):
        factories.enrol(world.training_class, world.members[0])
        url = reverse("classes:ask_leave", args=[world.sessions[0].pk])

        page = world.member().post(url, sent(reason="11010519491231002X"))

        assert page.status_code == 422
        assert not LeaveRequest.objects.exists()

    def test_is_taken_back(self, world):
        factories.enrol(world.training_class, world.members[0])
        leave = self.asked(world)

        page = world.member().post(reverse("classes:withdraw_leave", args=[leave.pk]), follow=True)

        assert "The request for leave is taken back." in page.text
        assert not LeaveRequest.objects.current().exists()

    def test_of_others_is_404(self, world):
        factories.enrol(world.training_class, world.members[0])
        leave = self.asked(world)

        url = reverse("classes:withdraw_leave", args=[leave.pk])
        assert world.member(1).post(url).status_code == 404
        url = reverse("classes:ask_leave", args=[world.sessions[0].pk])
        assert world.member(1).get(url).status_code == 404

    @staticmethod
    def asked(world):
        return ask_leave(
            session_id=world.sessions[0].pk,
            reason="值班",
            by=factories.acting(world.members[0].user),
            at=timezone.now(),
        )


class TestNotices:
    def test_are_written_read_and_taken_down(self, world):
        factories.enrol(world.training_class, world.members[0])
        clerk, key = browser_of(world.clerk), world.training_class.pk
        clerk.post(reverse("classes:post_notice", args=[key]), sent(text="请带笔记本"))
        assert "请带笔记本" in world.member().get("/my/timetable/").text

        notice = ClassNotice.objects.get()
        page = clerk.post(reverse("classes:take_notice_down", args=[key, notice.pk]), follow=True)
        assert "请带笔记本" not in page.text
        assert "请带笔记本" not in world.member().get("/my/timetable/").text

    def test_hold_no_id_number(self, world):
        url = reverse("classes:post_notice", args=[world.training_class.pk])

        page = browser_of(world.clerk).post(url, sent(text="11010519491231002X"))

        assert page.status_code == 422


class TestTheOrderOfAClass:
    def body(self, world, act, **changes):
        page = browser_of(world.clerk).get(
            reverse("classes:class_order", args=[world.training_class.pk])
        )
        seen = page.context["form"]["seen"].value()
        fields = {"act": act, "groups": "2", "monitor": "", "seen": seen}
        for n, member in enumerate(world.members, start=1):
            fields |= {f"pocket-{member.pk}": str(n), f"group-{member.pk}": ""}
        return sent(**fields | changes)

    def order(self, world):
        rows = Enrolment.objects.order_by("member").values_list("phone_pocket", "study_group")
        return list(rows)

    def post(self, world, act, **changes):
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)
        return client.post(url, self.body(world, act, **changes), follow=True)

    def test_is_split_and_numbered_at_one_press(self, world):
        factories.enrol(world.training_class, *world.members)
        self.post(world, "split")
        assert self.order(world) == [(1, 1), (2, 1), (3, 2)]

        last = world.members[2]
        self.post(world, "save", **{f"pocket-{last.pk}": "90", "monitor": str(last.pk)})
        assert self.order(world) == [(1, None), (2, None), (90, None)]
        assert Enrolment.objects.get(is_monitor=True).member == last

        self.post(world, "number", monitor=str(last.pk))
        assert self.order(world) == [(1, None), (2, None), (3, None)]

    def test_has_seats_once_they_are_numbered_or_typed(self, world):
        factories.enrol(world.training_class, *world.members)
        url = reverse("classes:training_class", args=[world.training_class.pk])
        clerk = browser_of(world.clerk)
        assert "Seat" not in clerk.get(url).text.replace("seats", "")
        assert "Seat" not in world.member().get("/my/timetable/").text

        self.post(world, "seat")
        seats = {f"seat-{member.pk}": str(n) for n, member in enumerate(world.members, start=1)}
        self.post(world, "save", **seats | {f"seat-{world.members[0].pk}": "77"})

        rows = Enrolment.objects.order_by("member").values_list("seat", flat=True)
        assert list(rows) == [77, 2, 3]
        assert ">77<" in clerk.get(url).text
        assert "Seat 77" in world.member().get("/my/timetable/").text
        roll = clerk.get(reverse("rolls:roll", args=[world.sessions[0].pk]))
        assert "seat 77" in roll.text

    def test_says_whose_pocket_is_whose(self, world):
        factories.enrol(world.training_class, *world.members)

        page = self.post(world, "save", **{f"pocket-{world.members[2].pk}": "1"})

        assert page.status_code == 422
        assert "Pocket 1 is for" in page.text

    def test_shows_both_values_where_somebody_else_was_faster(self, world):
        factories.enrol(world.training_class, *world.members)
        first = world.members[0]
        late = self.body(world, "save", **{f"pocket-{first.pk}": "8"})
        self.post(world, "save", **{f"pocket-{first.pk}": "9"})
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)

        page = client.post(url, late)

        assert page.status_code == 422
        [message] = page.context["form"].errors[f"pocket-{first.pk}"]
        assert f"{world.clerk.display_name} set this to 9 at" in message
        assert "yours is 8" in message
        assert self.order(world)[0] == (9, None)

        assert client.post(url, self.again(page)).status_code == 302
        assert self.order(world)[0] == (8, None)

    @staticmethod
    def again(page):
        """What the browser sends when "Save" is pressed on a page as it was answered."""
        form = page.context["form"]
        shown = {name: form[name].value() for name in form.fields}
        return {name: value or "" for name, value in shown.items()} | {"act": "save"}

    def test_a_conflict_at_one_field_undoes_nothing_else(self, world):
        factories.enrol(world.training_class, *world.members[:2])
        a, b, c = world.members
        late = self.body(world, "save", **{f"pocket-{a.pk}": "8"})
        late = {name: value for name, value in late.items() if not name.endswith(f"-{c.pk}")}
        factories.enrol(world.training_class, c)
        new = {f"pocket-{a.pk}": "9", f"group-{b.pk}": "5", f"seat-{c.pk}": "7"}
        self.post(world, "save", **new | {"monitor": str(b.pk)})
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)

        page = client.post(url, late)
        assert list(page.context["form"].errors) == [f"pocket-{a.pk}"]
        assert client.post(url, self.again(page)).status_code == 302

        assert self.order(world) == [(8, None), (2, 5), (3, None)]
        assert Enrolment.objects.get(seat=7).member == c
        assert Enrolment.objects.get(is_monitor=True).member == b

    def test_a_conflict_with_numbers_given_in_order_tells_those(self, world):
        factories.enrol(world.training_class, *world.members)
        a = world.members[0]
        Enrolment.objects.filter(member=a).update(phone_pocket=30)
        late = self.body(world, "number", **{f"pocket-{a.pk}": "30"})
        self.post(world, "save", **{f"pocket-{a.pk}": "40"})
        url = reverse("classes:class_order", args=[world.training_class.pk])
        client = browser_of(world.clerk)

        page = client.post(url, late)

        [message] = page.context["form"].errors[f"pocket-{a.pk}"]
        assert "set this to 40 at" in message
        assert "yours is 3." in message
        assert client.post(url, self.again(page)).status_code == 302
        assert self.order(world) == [(3, None), (1, None), (2, None)]

    def test_asks_nothing_of_who_is_new_since(self, world):
        factories.enrol(world.training_class, *world.members[:2])
        late = self.body(world, "save")
        factories.enrol(world.training_class, world.members[2])
        url = reverse("classes:class_order", args=[world.training_class.pk])
        del late[f"pocket-{world.members[2].pk}"]

        assert browser_of(world.clerk).post(url, late).status_code == 302
        assert self.order(world)[2] == (3, None)

    def test_takes_numbers_from_1_on(self, world):
        factories.enrol(world.training_class, *world.members)

        page = self.post(world, "save", **{f"group-{world.members[0].pk}": "0"})

        assert page.status_code == 422

    def test_leaves_the_pocket_under_a_phone_and_says_why(self, world):
        a, b, _c = world.members
        factories.enrol(world.training_class, *world.members)
        Enrolment.objects.filter(member=b).update(phone_pocket=40)
        now = timezone.now()
        session = world.sessions[0]
        session.starts_at, session.ends_at = now, now + timedelta(minutes=5)
        session.held_on = today()
        session.save()
        by = factories.acting(world.clerk)
        record_attendance(
            session_id=session.pk, marks={b.pk: "present"}, seen={}, by=by, at=timezone.now()
        )
        url = reverse("classes:class_order", args=[world.training_class.pk])

        page = browser_of(world.clerk).get(url)
        self.post(world, "number", **{f"pocket-{a.pk}": "40"})

        assert "the phone is in it" in page.text
        assert f'name="pocket-{b.pk}"' not in page.text
        assert self.order(world) == [(1, None), (40, None), (2, None)]

"""The page of a lane: what it shows, what a script is told, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from classes.models import Enrolment, WaitingListEntry
from config.lib.periods import local_date
from rolls.actions.attendance import submit_roll
from rolls.codes import make_live_code
from rolls.models import Attendance, MarkReceipt
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld, acting

pytestmark = pytest.mark.django_db


class Lane:
    """A clerk's browser at the door of a session that has just begun."""

    def __init__(self, size: int = 3) -> None:
        self.world = ClassWorld(size)
        self.now = timezone.now()
        self.world.session.delete()
        self.session = self.world.session = factories.make_session(
            self.world.training_class, starts_at=self.now - timedelta(minutes=2)
        )
        self.url = reverse("rolls:door", args=[self.session.pk])
        self.client = browser_of(self.world.clerk, None)

    def send(self, *, script: bool = False, **fields):
        accept = "application/json" if script else "text/html"
        body = {"key": str(uuid4()), "person": self.world.clerk.pk} | fields
        return self.client.post(self.url, body, headers={"accept": accept})

    def scan(self, member, **kwargs):
        return self.send(text=make_live_code(member.pk, timezone.now()).text, **kwargs)


@pytest.fixture
def lane():
    return Lane()


class TestThePage:
    def test_waits_for_a_code_and_says_when_the_door_is_open(self, lane):
        page = lane.client.get(lane.url).content.decode()

        assert "可以扫下一位" in page
        assert "<b>0</b> / 3" in page.replace("\n", "")

    def test_answers_without_script_on_itself(self, lane):
        page = lane.scan(lane.world.members[0])

        assert page.status_code == 200
        text = page.content.decode()
        for word in ("door-ok", "出勤", lane.world.members[0].name, lane.world.organisation.name):
            assert word in text
        assert Attendance.objects.get().status == "present"

    def test_sent_again_by_a_reload_acts_once(self, lane):
        key = str(uuid4())
        for _ in range(2):
            assert "door-ok" in lane.scan(lane.world.members[0], key=key).content.decode()

        assert MarkReceipt.objects.count() == 1

    def test_finds_people_by_name_with_organisation_and_number(self, lane):
        other = factories.make_organisation(lane.world.school, "第二党支部")
        namesake = factories.make_member(other)
        factories.enrol(lane.world.training_class, namesake)
        page = lane.send(text="张伟").content.decode()

        assert page.count('form="door" name="member"') == 4
        assert other.name in page
        assert namesake.number[-4:] in page
        assert not Attendance.objects.exists()

    def test_marks_the_person_who_is_chosen(self, lane):
        lane.send(member=lane.world.members[1].pk)

        assert Attendance.objects.get().member == lane.world.members[1]

    def test_says_that_nobody_fits_and_does_not_repeat_what_was_typed(self, lane):
        page = lane.send(text="https://example.cn/x").content.decode()

        assert "door-wrong" in page
        assert "example.cn" not in page

    @pytest.mark.parametrize("text", ["x" * 300, "\uff38" * 300, "9" * 300, "L" * 5000])
    def test_says_of_a_code_of_any_length_that_it_is_unknown(self, lane, text):
        reply = lane.send(text=text, script=True)

        assert (reply.status_code, reply.json()["kind"]) == (200, "wrong")

    def test_ignores_an_empty_box(self, lane):
        assert "door-idle" in lane.send(text=" ").content.decode()

    @pytest.mark.parametrize(
        "fields",
        [
            {"key": "x"},
            {"member": "0"},
            {"member": "x"},
            {"seconds_ago": "-1"},
            {"text": "a\0b"},
        ],
    )
    def test_refuses_what_no_page_sends(self, lane, fields):
        assert lane.send(**fields).status_code == 422
        said = lane.send(**fields, script=True)
        assert (said.status_code, said.json()["kind"]) == (422, "wrong")

    def test_takes_nothing_for_another_person(self, lane):
        for user in (factories.make_clerk(lane.world.school), factories.make_user()):
            client = browser_of(user, None)
            body = {"key": str(uuid4()), "person": lane.world.clerk.pk, "member": 1}
            assert client.post(lane.url, body).status_code == 409
        body["person"] = ""
        assert lane.client.post(lane.url, body).status_code == 409
        del body["person"]
        assert lane.client.post(lane.url, body).status_code == 422
        assert not Attendance.objects.exists()

    def test_warns_once_the_roll_is_submitted(self, lane):
        submit_roll(
            session_id=lane.session.pk,
            marks=lane.world.marks("present"),
            seen={},
            by=acting(lane.world.clerk),
            at=lane.session.ends_at,
        )

        self.is_shut(lane, "已提交")

    def is_shut(self, lane, why) -> None:
        page = lane.client.get(lane.url).content.decode()
        assert "可以扫下一位" not in page
        assert "door-shut" in page
        assert why in page
        assert page.count(" disabled>") == 2
        said = lane.scan(lane.world.members[0], script=True).json()
        assert said["shut"]
        assert "door-shut" in said["idle"]

    def test_warns_once_the_door_has_closed(self, lane):
        starts_at = lane.now - timedelta(hours=2)
        lane.session.starts_at, lane.session.ends_at = starts_at, starts_at + timedelta(hours=3)
        lane.session.held_on = timezone.localdate(starts_at)
        lane.session.save()

        self.is_shut(lane, "已停止签到")

    def test_says_that_more_are_found_than_are_listed(self, lane):
        assert "仅列出前" not in lane.send(text="zw").content.decode()
        more = [factories.make_member(lane.world.organisation) for _ in range(11)]
        factories.enrol(lane.world.training_class, *more)
        page = lane.send(text="zw").content.decode()

        assert page.count('form="door" name="member"') == 12
        assert "共 14 人，仅列出前 12 人" in page

    def test_says_at_which_place_somebody_waits(self, lane):
        member = factories.make_member(lane.world.organisation)
        WaitingListEntry.objects.create(
            training_class=lane.world.training_class, member=member, since=lane.now
        )
        page = lane.scan(member).content.decode()

        assert "候补" in page
        assert "第 1 位" in page

    def test_takes_a_code_that_waited_for_the_network(self, lane):
        made_at = timezone.now() - timedelta(minutes=3)
        text = make_live_code(lane.world.members[0].pk, made_at).text

        assert "door-wrong" in lane.send(text=text).content.decode()
        said = lane.send(text=text, seconds_ago=180, script=True).json()
        assert said["kind"] == "ok"
        assert "door-past-ok" in said["line"]

    def test_names_the_person_who_was_scanned_too_long_ago(self, lane):
        made_at = timezone.now() - timedelta(minutes=12)
        member = lane.world.members[0]
        text = make_live_code(member.pk, made_at).text
        said = lane.send(text=text, seconds_ago=720, script=True).json()

        assert said["kind"] == "warn"
        assert member.name in said["line"]
        for word in ("10 分钟", member.name, member.number[-4:], lane.world.organisation.name):
            assert word in said["answer"]

    def test_is_offered_on_the_roll(self, lane):
        roll = lane.client.get(reverse("rolls:roll", args=[lane.session.pk]))

        assert lane.url in roll.content.decode()
        if lane.session.held_on == timezone.localdate():
            assert lane.url in lane.client.get(reverse("rolls:sessions")).content.decode()


class TestAScript:
    def test_is_told_kind_answer_and_board(self, lane):
        said = lane.scan(lane.world.members[0], script=True).json()

        assert said["kind"] == "ok"
        assert lane.world.members[0].name in said["answer"]
        assert "<b>1</b>" in said["board"]

    def test_hears_amber_for_the_second_time_and_red_for_nonsense(self, lane):
        lane.scan(lane.world.members[0])

        assert lane.scan(lane.world.members[0], script=True).json()["kind"] == "warn"
        assert lane.send(text="x" * 50, script=True).json()["kind"] == "wrong"
        assert lane.send(text="zw", script=True).json()["kind"] == "found"


ANSWERS = {
    "too_early": ("开始签到", {"starts_at": timedelta(hours=3)}),
    "closed": ("已停止签到", {"starts_at": -timedelta(hours=2)}),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_words_say_when(lane, answer):
    words, change = ANSWERS[answer]
    starts_at = lane.now + change["starts_at"]
    lane.session.starts_at, lane.session.ends_at = starts_at, starts_at + timedelta(hours=3)
    lane.session.held_on = timezone.localdate(starts_at)
    lane.session.save()

    page = lane.scan(lane.world.members[0]).content.decode()
    assert words in page
    assert "door-warn" in page


@pytest.mark.parametrize(
    ("path", "most"), [("get", 14), ("scan", 32), ("search", 14)], ids=["get", "scan", "search"]
)
def test_a_lane_costs_the_same_for_a_large_class(lane, path, most):
    def count():
        [first, *_rest] = Enrolment.objects.filter(phone_pocket=None)
        with CaptureQueriesContext(connection) as caught:
            if path == "get":
                lane.client.get(lane.url)
            elif path == "scan":
                assert "door-ok" in lane.scan(first.member).content.decode()
            else:
                assert "door-found" in lane.send(text="zw").content.decode()
        return len(caught)

    Enrolment.objects.update(phone_pocket=None)
    lane.scan(lane.world.members[0])
    few = count()
    more = [factories.make_member(lane.world.organisation) for _ in range(60)]
    factories.enrol(lane.world.training_class, *more)
    Enrolment.objects.filter(member__in=more).update(phone_pocket=None)

    assert few == count()
    assert few <= most


class TestALaneThatLooks:
    """Without a scan it learns what the others did, and whether the door has opened."""

    def look(self, lane):
        return lane.client.get(lane.url, headers={"accept": "application/json"}).json()

    def test_is_told_how_many_have_come(self, lane):
        lane.scan(lane.world.members[0])

        said = self.look(lane)

        assert said["kind"] == ""
        assert lane.world.members[0].name in said["board"]

    def test_waits_for_the_door_to_open(self, lane):
        lane.session.starts_at += timedelta(hours=5)
        lane.session.ends_at += timedelta(hours=5)
        lane.session.held_on = local_date(lane.session.starts_at)
        lane.session.save()

        said = self.look(lane)

        assert "签到尚未开始" in said["idle"]
        assert not said["shut"]
        assert "签到尚未开始" in lane.client.get(lane.url).text

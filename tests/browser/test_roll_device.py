"""The roll in a real browser whose network goes, comes back, and loses replies."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from random import Random

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from accounts.models import AuditEntry
from classes.models import LeaveRequest
from config.lib.periods import at_local, today
from courses.models import Session
from rolls.actions.attendance import record_attendance, submit_roll, withdraw_roll
from rolls.models import Attendance, MarkReceipt
from tests import factories
from tests.browser.conftest import DESK, at_desk_and_phone
from tests.factories import ClassWorld

STORED_MARKS = """async () => {
    const found = await indexedDB.databases();
    if (!found.some((one) => one.name === "rolls")) return null;
    return await new Promise((resolve, reject) => {
        const opened = indexedDB.open("rolls");
        opened.onerror = () => reject(opened.error);
        opened.onsuccess = () => {
            const all = opened.result.transaction("marks").objectStore("marks").getAll();
            all.onsuccess = () => { opened.result.close(); resolve(all.result); };
        };
    });
}"""


@pytest.fixture
def world():
    world = ClassWorld(size=12)
    world.session.delete()
    world.session = factories.make_session(
        world.training_class, starts_at=at_local(today(), 0), hours="4"
    )
    return world


def accept_leave(session, member, clerk) -> None:
    LeaveRequest.objects.create(
        session=session,
        member=member,
        reason="值班",
        asked_at=session.starts_at - timedelta(days=1),
        answer="accepted",
        answered_at=session.starts_at - timedelta(hours=9),
        answered_by=clerk,
    )


class Desk:
    """A clerk with the roll of `world` open."""

    def __init__(self, visitor, world, user=None) -> None:
        self.visitor, self.page, self.world = visitor, visitor.page, world
        self.path = reverse("rolls:roll", args=[world.session.pk])
        visitor.sign_in(user or world.clerk)
        visitor.open(self.path)

    def ready(self) -> Desk:
        """The roll is kept for work without network."""
        self.page.locator("[data-ready]").wait_for()
        return self

    def go_offline(self) -> None:
        self.page.context.set_offline(True)
        self.banner("offline").wait_for()

    def go_online(self) -> None:
        self.page.context.set_offline(False)

    def stage(self) -> str:
        return self.page.locator("[data-stage]").get_attribute("data-stage")

    def count(self, status: str) -> str:
        """How many have a mark, as the page counts; "none" for those who have none."""
        return self.page.locator(f"[data-count={status}] b").inner_text()

    def come_back(self) -> None:
        """The page is in sight again after it was not."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def banner(self, name: str):
        return self.page.locator(f"[data-link={name}]")

    def mark(self, member, status: str) -> None:
        self.page.locator(f"label[for=mark-{member.pk}-{status}]").click()

    def row(self, member):
        return self.page.locator(f"#member-{member.pk}")

    def state(self, member) -> str:
        return self.row(member).locator("[data-state]").get_attribute("data-state") or ""

    def wait_for_state(self, member, state: str) -> None:
        self.row(member).locator(f"[data-state={state}]").wait_for()

    def saved(self) -> None:
        self.page.locator("[data-pending]").wait_for(state="hidden")

    def sign_in_again(self, user) -> None:
        self.sign_in_at(self.page, user)

    @staticmethod
    def sign_in_at(page, user) -> None:
        page.fill("input[name=username]", user.username)
        page.fill("input[name=password]", factories.PASSWORD)
        page.press("input[name=password]", "Enter")

    def stored(self) -> list[dict] | None:
        return self.page.evaluate(STORED_MARKS)


@pytest.fixture
def sit_down(visit, world):
    """Seats a clerk, of the world unless another is named, at the roll."""

    def seat(user=None, size=DESK, language="zh-hans", **options) -> Desk:
        return Desk(visit(size, language, **options), world, user)

    return seat


@at_desk_and_phone
def test_ten_marks_without_network_over_a_reload(world, sit_down, size, language):
    desk = sit_down(size=size, language=language).ready()
    first, *others = world.members[:11]
    desk.mark(first, "late")
    desk.wait_for_state(first, "saved")
    desk.go_offline()
    desk.page.reload()
    desk.wait_for_state(first, "saved")

    assert desk.page.locator(f"#mark-{first.pk}-late").is_checked()
    for member in others:
        desk.mark(member, "present")
    desk.wait_for_state(others[-1], "waiting")
    desk.visitor.look()
    assert desk.page.locator("[data-pending] b").inner_text() == "10"
    assert desk.page.locator("button[value=submit]").last.get_attribute("aria-disabled") == "true"
    assert desk.page.locator("[data-why=offline]").is_visible()
    desk.page.reload()
    desk.wait_for_state(others[-1], "waiting")
    assert desk.page.locator("[data-count=present] b").inner_text() == "10"
    assert Attendance.objects.count() == 1

    desk.go_online()
    desk.saved()
    desk.visitor.look()

    assert "10" in desk.page.locator("[data-said]").inner_text()
    assert Attendance.objects.filter(status="present").count() == 10
    assert {desk.state(member) for member in others} == {"saved"}
    assert desk.stored() == []
    desk.page.locator("[data-fill]").click()
    desk.page.locator(".roll-foot button[value=submit]").click()
    desk.page.wait_for_url("**/roll/?done=submit")


def test_a_mark_is_saved_as_it_is_made_and_may_be_changed(world, sit_down):
    desk, member = sit_down(), world.members[0]
    desk.mark(member, "present")
    desk.mark(member, "absent")
    desk.wait_for_state(member, "saved")
    desk.saved()

    assert Attendance.objects.get().status == "absent"
    desk.page.reload()
    assert desk.page.locator(f"#mark-{member.pk}-absent").is_checked()


def test_a_mark_changed_without_network_arrives_as_it_was_last(world, sit_down):
    desk, member = sit_down().ready(), world.members[0]
    desk.go_offline()
    for status in ("present", "late", "absent"):
        desk.mark(member, status)
        desk.wait_for_state(member, "waiting")
    desk.go_online()
    desk.saved()

    assert MarkReceipt.objects.get().status == Attendance.objects.get().status == "absent"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_sign_in_that_ended_loses_nothing(world, sit_down, language):
    desk, member = sit_down(language=language), world.members[3]
    desk.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    desk.mark(member, "late")
    desk.banner("signed-out").wait_for()
    desk.visitor.look()
    assert desk.state(member) == "waiting"

    desk.banner("signed-out").locator("a").click()
    desk.page.wait_for_url("**/sign-in/**")
    assert len(desk.stored()) == 1
    desk.sign_in_again(world.clerk)
    desk.page.wait_for_url("**/roll/")
    desk.wait_for_state(member, "saved")
    desk.saved()

    assert Attendance.objects.get().status == "late"
    assert desk.stored() == []


def test_a_sign_in_in_another_tab_is_enough(world, sit_down):
    desk, member = sit_down().ready(), world.members[3]
    desk.page.context.clear_cookies()
    desk.mark(member, "late")
    desk.banner("signed-out").wait_for()
    other = desk.page.context.new_page()
    other.goto(f"{desk.visitor.base}/sign-in/")
    Desk.sign_in_at(other, world.clerk)
    other.wait_for_url(f"{desk.visitor.base}/")

    desk.wait_for_state(member, "saved")
    assert Attendance.objects.get().status == "late"
    desk.page.wait_for_function("path => caches.match(path)", arg=desk.path)


def test_a_reply_lost_after_the_commit_leaves_one_mark(world, sit_down):
    desk, member = sit_down(service_workers="block"), world.members[0]
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    desk.page.route("**/marks/", lose)
    desk.mark(member, "late")
    desk.wait_for_state(member, "waiting")
    desk.banner("offline").wait_for()
    assert (lost, Attendance.objects.get().status) == ([200], "late")
    desk.mark(member, "absent")

    desk.saved()
    assert Attendance.objects.get().status == "absent"
    assert (
        MarkReceipt.objects.count() == AuditEntry.objects.filter(act="receive_marks").count() == 2
    )


def test_fifty_marks_sent_three_times_in_shuffled_order_are_fifty_rows(world, sit_down):
    more = [factories.make_member(world.organisation) for _ in range(50 - len(world.members))]
    factories.enrol(world.training_class, *more)
    desk, order, replies = sit_down(service_workers="block"), Random(6), []

    def send(route):
        body = json.loads(route.request.post_data)
        order.shuffle(body["marks"])
        if len(replies) == 3:
            route.continue_(post_data=json.dumps(body))
            return
        replies.append(route.fetch(post_data=json.dumps(body)).status)
        route.abort()  # the reply is lost

    desk.go_offline()
    desk.page.locator("[data-fill]").click()
    expect(desk.page.locator("[data-pending] b")).to_have_text("50")
    desk.page.route("**/marks/", send)
    desk.go_online()
    for _look in range(50):
        if len(replies) == 3:
            break
        desk.page.wait_for_timeout(200)
        desk.come_back()  # rather than wait for its next try
    desk.saved()

    assert replies == [200, 200, 200]
    assert Attendance.objects.count() == MarkReceipt.objects.count() == 50
    assert desk.stored() == []


def test_what_answers_in_the_portals_place_removes_nothing(world, sit_down):
    desk, member = sit_down(service_workers="block"), world.members[0]
    desk.page.route("**/marks/", lambda route: route.fulfill(status=200, body="<p>Pay here</p>"))
    desk.mark(member, "late")
    desk.banner("fault").wait_for()
    desk.visitor.look()
    assert desk.state(member) == "waiting"

    desk.page.unroute("**/marks/")
    desk.saved()
    assert Attendance.objects.get().status == "late"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_roll_submitted_meanwhile_refuses_and_the_mark_is_kept(world, sit_down, language):
    desk, member = sit_down(language=language).ready(), world.members[0]
    desk.go_offline()
    desk.mark(member, "late")
    desk.wait_for_state(member, "waiting")
    other = factories.make_clerk(world.school)
    marks = world.marks("present")
    kwargs = {"by": factories.acting(other), "at": timezone.now()}
    submit_roll(session_id=world.session.pk, marks=marks, seen={}, **kwargs)

    desk.go_online()
    desk.wait_for_state(member, "refused")
    desk.visitor.look()
    assert Attendance.objects.get(member=member).status == "present"
    if language == "zh-hans":
        assert "您记的是：迟到。" in desk.row(member).inner_text()
    desk.page.reload()
    desk.wait_for_state(member, "refused")
    desk.visitor.look()
    assert desk.page.locator("[data-submitted]").is_hidden()  # the page says so itself

    desk.row(member).locator("[data-decide=drop]").click()
    desk.row(member).locator(".roll-problem").wait_for(state="detached")
    assert desk.stored() == []
    assert MarkReceipt.objects.get().outcome == "refused"


@pytest.mark.parametrize(("decision", "stands"), [("theirs", "late"), ("mine", "absent")])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_two_clerks_see_both_values_of_one_cell(world, sit_down, language, decision, stands):
    member, another = world.members[:2]
    other = factories.make_clerk(world.school, display_name="王丽")
    mine, theirs = sit_down(language=language).ready(), sit_down(other)
    mine.go_offline()
    mine.mark(another, "present")
    mine.mark(member, "absent")
    mine.wait_for_state(member, "waiting")
    theirs.mark(member, "late")
    theirs.wait_for_state(member, "saved")
    mine.go_online()
    mine.wait_for_state(member, "conflict")
    mine.visitor.look()

    assert "王丽" in mine.row(member).locator(".roll-problem").inner_text()
    assert mine.page.locator("[data-why=problems]").is_visible()
    mine.page.locator("[data-undecided]").click()
    assert mine.row(member).locator("[data-decide=mine]").is_visible()
    assert Attendance.objects.get(member=member).status == "late"
    mine.page.reload()
    mine.wait_for_state(member, "conflict")
    mine.row(member).locator(f"[data-decide={decision}]").click()
    mine.wait_for_state(member, "saved")
    mine.saved()

    assert mine.page.evaluate("document.activeElement.value") == stands
    assert Attendance.objects.get(member=member).status == stands
    assert Attendance.objects.get(member=another).status == "present"


def test_marks_of_one_clerk_are_never_sent_as_those_of_another(world, sit_down):
    desk, member = sit_down(), world.members[0]
    other = factories.make_clerk(world.school, display_name="王丽")
    desk.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    desk.mark(member, "late")
    desk.banner("signed-out").wait_for()
    desk.banner("signed-out").locator("a").click()
    desk.sign_in_again(other)
    desk.page.wait_for_url("**/roll/")
    desk.page.locator("[data-others]").wait_for()
    desk.visitor.look()

    assert not Attendance.objects.exists()
    desk.page.locator("button[formaction='/sign-out/']").click()
    desk.visitor.sign_in(world.clerk)
    desk.visitor.open(desk.path)
    desk.wait_for_state(member, "saved")
    assert Attendance.objects.get().marked_by == world.clerk


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("is_colleague", [True, False])
def test_a_sign_in_of_somebody_else_in_another_tab_books_nothing_under_him(
    world, sit_down, language, is_colleague
):
    desk, member = sit_down(language=language).ready(), world.members[0]
    school = world.school if is_colleague else factories.make_school("120111005", "津门湖街道")
    other = factories.make_clerk(school, display_name="王丽")
    tab = desk.page.context.new_page()
    tab.goto(f"{desk.visitor.base}/")
    tab.locator("button[formaction='/sign-out/']").click()
    Desk.sign_in_at(tab, other)
    tab.wait_for_url(f"{desk.visitor.base}/")

    desk.mark(member, "late")
    desk.banner("stranger").wait_for()
    desk.visitor.look()
    assert desk.state(member) == "waiting"
    assert len(desk.stored()) == 1
    assert desk.page.locator("[data-why=stranger]").is_visible()
    desk.page.locator(".roll-foot button[value=save]").click(force=True)
    assert not Attendance.objects.exists()

    tab.locator("button[formaction='/sign-out/']").click()
    Desk.sign_in_at(tab, world.clerk)
    tab.wait_for_url(f"{desk.visitor.base}/")
    desk.page.evaluate("dispatchEvent(new Event('online'))")  # tries at once
    desk.wait_for_state(member, "saved")
    assert Attendance.objects.get().marked_by == world.clerk


def test_signing_out_leaves_nothing_behind(world, sit_down):
    desk = sit_down().ready()
    desk.mark(world.members[0], "present")
    desk.saved()
    kept = desk.page.evaluate("path => caches.match(path).then(page => page.text())", desk.path)
    assert world.members[0].name in kept
    assert not re.search(r"\d{17}[\dXx]", kept)

    desk.page.locator("button[formaction='/sign-out/']").click()
    desk.page.wait_for_url("**/sign-in/")
    desk.page.wait_for_function("caches.keys().then(names => names.length === 0)")
    desk.page.wait_for_function("indexedDB.databases().then(all => all.length === 0)")


def test_marks_outlive_the_data_of_the_site(world, sit_down):
    desk = sit_down(service_workers="block")
    first, second = world.members[:2]
    desk.go_offline()
    desk.mark(first, "late")
    desk.wait_for_state(first, "waiting")
    where = {"origin": desk.visitor.base, "storageTypes": "indexeddb"}
    desk.page.context.new_cdp_session(desk.page).send("Storage.clearDataForOrigin", where)
    desk.mark(second, "absent")
    desk.wait_for_state(second, "waiting")

    assert {mark["member"] for mark in desk.stored()} == {first.pk, second.pk}
    desk.go_online()
    desk.saved()
    assert set(Attendance.objects.values_list("status", flat=True)) == {"late", "absent"}
    desk.visitor.look()


@at_desk_and_phone
def test_a_mark_that_the_device_cannot_keep_is_named(world, sit_down, size, language):
    desk = sit_down(size=size, language=language, service_workers="block")
    first, second = world.members[:2]
    devtools = desk.page.context.new_cdp_session(desk.page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": desk.visitor.base, "quotaSize": 1})
    desk.mark(first, "late")
    desk.page.locator("[data-unkept]").wait_for()
    desk.visitor.look()
    assert desk.state(first) == "unsaved"
    assert not desk.stored()

    devtools.send("Storage.overrideQuotaForOrigin", {"origin": desk.visitor.base})
    desk.mark(second, "absent")
    desk.wait_for_state(second, "saved")
    desk.wait_for_state(first, "saved")
    assert desk.page.locator("[data-unkept]").is_hidden()
    assert Attendance.objects.count() == 2


def test_only_the_roll_that_was_opened_is_kept(world, sit_down):
    desk = sit_down().ready()
    desk.visitor.open(reverse("rolls:sessions"))
    kept = desk.page.evaluate(
        "caches.open('rolls').then(cache => cache.keys())"
        ".then(all => all.map(one => new URL(one.url).pathname))"
    )

    assert [path for path in kept if not path.startswith("/static/")] == [desk.path]


def test_a_roll_opens_from_the_device_where_the_network_takes_its_time(world, sit_down):
    desk = sit_down().ready()
    desk.page.reload()  # by the worker
    member = world.members[0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE rolls_attendance IN ACCESS EXCLUSIVE MODE")
        desk.page.reload()
        desk.row(member).wait_for()
    desk.mark(member, "late")
    desk.wait_for_state(member, "saved")


def test_rolls_of_which_marks_wait_are_named_where_the_clerk_looks(world, sit_down):
    desk = sit_down().ready()
    desk.go_offline()
    desk.mark(world.members[0], "late")
    desk.wait_for_state(world.members[0], "waiting")
    desk.page.goto("about:blank")
    desk.go_online()

    for path in ("/", reverse("rolls:sessions")):
        desk.visitor.open(path)
        waiting = desk.page.locator("#waiting-rolls")
        waiting.wait_for()
        assert str(world.session) in waiting.inner_text()
    desk.visitor.look()
    waiting.locator("a").click()
    desk.wait_for_state(world.members[0], "saved")
    desk.visitor.open("/")
    assert desk.page.locator("#waiting-rolls").is_hidden()


def test_who_submits_has_seen_every_mark_that_stands(world, sit_down):
    """A mark that was seen and then changed by another is compared before the roll is signed."""
    member = world.members[0]
    mine = sit_down()
    mine.mark(member, "present")
    mine.wait_for_state(member, "saved")
    mine.page.locator("[data-fill]").click()
    mine.wait_for_state(world.members[-1], "saved")
    other = factories.acting(factories.make_clerk(world.school, display_name="王丽"))
    kwargs = {"seen": {member.pk: "present"}, "by": other, "at": timezone.now()}
    record_attendance(session_id=world.session.pk, marks={member.pk: "late"}, **kwargs)

    mine.page.locator(".roll-foot button[value=submit]").click()
    mine.page.locator(".error-summary").wait_for()
    mine.visitor.look()
    assert "王丽" in mine.page.locator(".error-summary").inner_text()
    mine.page.locator(".roll-foot button[value=submit]").click()
    mine.page.wait_for_url("**/roll/?done=submit")
    assert Attendance.objects.get(member=member).status == "present"


def test_a_page_shows_and_counts_what_others_mark(world, sit_down):
    """Two windows on one roll: the second shows the marks of the first, and its own that wait."""
    marked_here, twice, *others = world.members
    first, second = sit_down(), sit_down(factories.make_clerk(world.school)).ready()
    for member in others:
        first.mark(member, "present")
    first.mark(twice, "late")
    first.wait_for_state(twice, "saved")
    first.saved()
    assert second.count("none") == "12"

    second.come_back()
    second.wait_for_state(twice, "saved")
    counted = {kind: second.count(kind) for kind in ("none", "present", "late")}
    assert counted == {"none": "1", "present": "10", "late": "1"}
    assert second.stage() == "draft"

    second.go_offline()
    second.mark(marked_here, "absent")
    second.wait_for_state(marked_here, "waiting")
    with first.page.expect_response("**/marks/"):
        first.mark(twice, "on_leave")
    second.go_online()
    second.wait_for_state(marked_here, "saved")
    assert second.page.locator(f"#mark-{twice.pk}-on_leave").is_checked()
    assert (second.count("none"), second.count("late"), second.count("absent")) == ("0", "0", "1")

    first.page.evaluate("dispatchEvent(new Event('focus'))")  # its window comes to the front
    first.wait_for_state(marked_here, "saved")
    assert first.count("none") == "0"
    second.page.locator(".roll-foot button[value=submit]").click()
    second.page.wait_for_url("**/roll/?done=submit")


def test_what_was_filled_in_and_not_saved_is_compared_with_what_others_mark(world, sit_down):
    member = world.members[0]
    desk = sit_down()
    desk.page.locator(".roll-numbers summary").click()
    desk.page.fill("[name=numbers-present]", "1-12")
    with desk.page.expect_navigation():  # to a page whose script has run
        desk.page.locator("button[value=numbers]").click()
    desk.page.locator(".notice-info").first.wait_for()
    other = factories.acting(factories.make_clerk(world.school, display_name="王丽"))
    kwargs = {"seen": {}, "by": other, "at": timezone.now()}
    record_attendance(session_id=world.session.pk, marks={member.pk: "late"}, **kwargs)
    with desk.page.expect_response("**/marks/"):
        desk.come_back()

    desk.page.locator(".roll-foot button[value=submit]").click()
    desk.page.locator(".error-summary").wait_for()
    assert "王丽" in desk.page.locator(".error-summary").inner_text()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_leave_accepted_ahead_is_a_proposal_until_it_is_saved_with_the_draft(
    world, sit_down, language
):
    away, other = world.members[:2]
    accept_leave(world.session, away, world.clerk)
    desk = sit_down(language=language)
    desk.wait_for_state(away, "proposed")
    desk.visitor.look()
    assert desk.page.locator(f"#mark-{away.pk}-on_leave").is_checked()
    assert desk.stage() == "untaken"
    assert not Attendance.objects.exists()

    desk.mark(other, "present")
    desk.wait_for_state(away, "saved")
    desk.saved()
    assert Attendance.objects.get(member=away).status == "on_leave"
    desk.page.reload()
    desk.wait_for_state(away, "saved")


def test_who_comes_in_spite_of_leave_is_marked_present(world, sit_down):
    member = world.members[0]
    accept_leave(world.session, member, world.clerk)
    desk = sit_down()
    desk.wait_for_state(member, "proposed")
    desk.mark(member, "present")
    desk.wait_for_state(member, "saved")

    assert MarkReceipt.objects.get().status == Attendance.objects.get().status == "present"


@at_desk_and_phone
def test_a_roll_opened_the_evening_before_is_taken_in_the_field(world, sit_down, size, language):
    member, tomorrow = world.members[0], today() + timedelta(days=1)
    Session.objects.filter(pk=world.session.pk).update(
        held_on=tomorrow,
        starts_at=at_local(tomorrow, 9),
        ends_at=at_local(tomorrow, 12),
    )
    desk = sit_down(size=size, language=language).ready()
    desk.visitor.look()
    assert desk.page.locator(f"#mark-{member.pk}-late").is_disabled()
    assert desk.page.locator(".roll-foot").is_hidden()

    desk.page.clock.set_fixed_time(at_local(tomorrow, 9))
    desk.page.context.set_offline(True)
    desk.page.reload()
    desk.mark(member, "late")
    desk.wait_for_state(member, "waiting")
    desk.visitor.look()
    desk.page.reload()
    desk.wait_for_state(member, "waiting")

    # For the server the day has not come: the clock of a device is trusted in nothing.
    desk.go_online()
    desk.banner("told").wait_for()
    with translation.override(language):
        why = gettext("The roll can be taken from the day of the session on.")
    assert why in desk.banner("told").inner_text()
    assert len(desk.stored()) == 1
    assert not Attendance.objects.exists()
    Session.objects.filter(pk=world.session.pk).update(
        held_on=today(), starts_at=at_local(today(), 0), ends_at=at_local(today(), 3)
    )
    desk.come_back()
    desk.wait_for_state(member, "saved")
    assert Attendance.objects.get().status == "late"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_hears_that_the_roll_was_submitted_elsewhere(world, sit_down, language):
    desk, member = sit_down(language=language).ready(), world.members[0]
    other = factories.make_clerk(world.school, display_name="王丽")
    kwargs = {"by": factories.acting(other), "at": timezone.now()}
    submit_roll(session_id=world.session.pk, marks=world.marks("present"), seen={}, **kwargs)

    desk.come_back()
    desk.page.locator("[data-submitted]").wait_for()
    desk.visitor.look()
    assert "王丽" in desk.page.locator("[data-submitted]").inner_text()
    assert desk.stage() == "submitted"
    assert desk.page.locator(f"#mark-{member.pk}-late").is_disabled()
    assert desk.page.locator("[data-why=submitted]").is_visible()
    desk.page.locator("[data-submitted] a").click()
    desk.page.locator(".roll-mark").first.wait_for()


def test_a_page_is_open_again_once_the_roll_was_taken_back(world, sit_down):
    desk, member = sit_down().ready(), world.members[0]
    kwargs = {"by": world.by, "at": timezone.now()}
    submit_roll(session_id=world.session.pk, marks=world.marks("present"), seen={}, **kwargs)
    desk.come_back()
    desk.page.locator("[data-submitted]").wait_for()
    withdraw_roll(session_id=world.session.pk, reason="误交", **kwargs)
    desk.come_back()
    desk.page.locator("[data-submitted]").wait_for(state="hidden")

    assert desk.page.locator(f"#mark-{member.pk}-late").is_enabled()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_numbers_that_cannot_be_filled_in_without_network_are_said_so(world, sit_down, language):
    desk = sit_down(language=language).ready()
    desk.page.locator(".roll-numbers summary").click()
    desk.page.fill("[name=numbers-present]", "1-9")
    desk.go_offline()
    desk.visitor.look()

    assert desk.page.locator("[data-why-numbers=offline]").is_visible()
    desk.page.locator("button[value=numbers]").click(force=True)
    assert desk.page.locator("[name=numbers-present]").input_value() == "1-9"
    desk.go_online()
    desk.page.locator("[data-why-numbers=offline]").wait_for(state="hidden")
    desk.page.locator("button[value=numbers]").click()
    desk.page.wait_for_load_state()
    assert desk.page.locator("[data-count=present] b").inner_text() == "9"


def test_what_waited_and_was_not_taken_is_not_called_saved(world, sit_down):
    first, second = world.members[:2]
    desk = sit_down(language="en").ready()
    desk.go_offline()
    desk.mark(first, "late")
    desk.mark(second, "present")
    desk.wait_for_state(second, "waiting")
    other = factories.acting(factories.make_clerk(world.school))
    kwargs = {"seen": {}, "by": other, "at": timezone.now()}
    record_attendance(session_id=world.session.pk, marks={first.pk: "absent"}, **kwargs)

    desk.go_online()
    desk.wait_for_state(first, "conflict")
    desk.saved()
    said = desk.page.locator("[data-said]").inner_text()
    assert "1 saved, 1 not saved" in said


def test_a_roll_that_is_not_complete_is_not_submitted_and_its_marks_are_saved(world, sit_down):
    desk = sit_down(language="en")
    desk.mark(world.members[0], "late")
    desk.wait_for_state(world.members[0], "saved")
    desk.page.locator(".roll-foot button[value=submit]").click()
    desk.page.locator(".error-summary").wait_for()

    said = desk.page.locator(".error-summary").inner_text()
    assert "The roll is not submitted. The marks below are saved in the draft." in said
    assert desk.stage() == "draft"


def test_the_line_of_the_state_says_what_is_so(world, sit_down):
    desk, member = sit_down().ready(), world.members[0]
    assert desk.stage() == "untaken"
    desk.go_offline()
    desk.mark(member, "late")
    desk.wait_for_state(member, "waiting")
    assert desk.stage() == "unsaved"
    desk.go_online()
    desk.wait_for_state(member, "saved")
    assert desk.stage() == "draft"

    desk.page.locator(".roll-numbers summary").click()
    desk.page.fill("[name=numbers-present]", "2-12")
    desk.page.locator("button[value=numbers]").click()
    desk.page.locator(".notice-info").first.wait_for()
    assert desk.stage() == "unsaved"
    desk.page.locator(".roll-foot button[value=save]").click()
    desk.page.wait_for_url("**/roll/?done=save")
    assert desk.stage() == "draft"


@at_desk_and_phone
def test_marks_that_were_not_taken_are_settled_on_any_device(world, visit, size, language):
    kwargs = {"by": world.by, "at": timezone.now()}
    submit_roll(session_id=world.session.pk, marks=world.marks("present"), seen={}, **kwargs)
    late, wrong = world.members[:2]
    for member in (late, wrong):
        factories.make_refused_mark(world.session, member, factories.make_clerk(world.school))
    colleague = visit(size, language)
    colleague.sign_in(world.clerk)
    page, path = colleague.page, reverse("rolls:roll", args=[world.session.pk])
    colleague.open(path)
    page.locator("a[href='#untaken']").click()
    lines = page.locator("section[aria-labelledby=untaken] li")
    assert lines.count() == 2

    lines.first.locator("a[href*=correction]").click()
    page.locator("input[name=new_status][value=late]").check()
    page.fill("input[name=reason]", "设备记录属实")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/roll/?done=corrected**")
    colleague.look()
    assert lines.count() == 1

    lines.first.locator("a[href*=dismissal]").click()
    colleague.look()
    page.fill("input[name=reason]", "记错人")
    colleague.press()
    page.locator("button[value=do]").click()
    page.wait_for_url(f"**{path}")
    colleague.look()
    assert lines.count() == 0
    assert AuditEntry.objects.get(act="dismiss_mark").after == {"reason": "记错人"}

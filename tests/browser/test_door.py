"""A lane at the door: a hand scanner types, the page answers, sounds and starts anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.factories import PASSWORD, ClassWorld
from trainees.codes import make_live_code
from trainees.models import Attendance, Enrolment, MarkReceipt

# Counts the tones that are started; they sound all the same.
COUNT_TONES = """
window.tones = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) {
  window.tones.push(this.frequency.value);
  return start.apply(this, at);
};
"""


@pytest.fixture
def world():
    world = ClassWorld(size=6)
    world.session.delete()
    world.session = factories.make_session(
        world.training_class, starts_at=timezone.now() - timedelta(minutes=2)
    )
    return world


def door_path(world) -> str:
    return reverse("trainees:door", args=[world.session.pk])


def code_of(member) -> str:
    return make_live_code(member.pk, timezone.now()).text


def scan(page, text) -> None:
    """As a hand scanner does it: keys, wherever the focus is, and Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_lane_answers_each_code(world, visit, size, language):
    Enrolment.objects.filter(member=world.members[0]).update(phone_pocket=None)
    clerk = visit(size, language)
    page = clerk.page
    page.add_init_script(COUNT_TONES)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("trainees:roll", args=[world.session.pk]))
    page.locator(f"a[href='{door_path(world)}']").click()
    clerk.look()

    scan(page, code_of(world.members[0]))
    page.wait_for_selector(".door-ok")
    clerk.look()
    assert world.members[0].name in page.inner_text("#door-answer")
    assert page.inner_text(".door-pocket b") == "1"
    assert page.inner_text(".door-count b") == "1"

    scan(page, code_of(world.members[0]))
    page.wait_for_selector(".door-warn")
    clerk.look()

    page.locator("h1").click()  # the focus is lost, the scanner types all the same
    scan(page, "https://example.cn/health")
    page.wait_for_selector("#door-past .door-past-wrong")
    page.locator("#door-seen button").click()
    page.wait_for_selector(".door-wrong")
    clerk.look()
    assert page.evaluate("window.tones.length") == 4

    scan(page, "zw")
    page.wait_for_selector(".door-found")
    clerk.look()
    assert page.locator(".door-found .btn").count() == 6
    assert page.locator(".door-found .btn").last.bounding_box()["height"] >= 44
    page.locator(".door-found .btn").last.click()
    page.wait_for_selector(".door-ok")
    assert page.inner_text(".door-count b") == "2"
    assert Attendance.objects.count() == MarkReceipt.objects.count() == 2
    assert not clerk.complaints


def test_a_lane_starts_anew_by_itself_and_may_be_silent(world, visit):
    clerk = visit()
    page = clerk.page
    page.add_init_script(COUNT_TONES)
    clerk.sign_in(world.clerk)
    page.clock.install()
    clerk.open(door_path(world))
    page.click("#door-sound")
    clerk.look()
    scan(page, code_of(world.members[0]))
    page.wait_for_selector(".door-ok")
    assert page.evaluate("window.tones.length") == 0
    page.clock.fast_forward(9000)
    page.wait_for_selector(".door-idle")

    page.reload()
    assert page.get_attribute("#door-sound", "aria-pressed") == "false"
    assert page.evaluate("document.activeElement.id") == "door-text"
    assert page.locator("#door-camera").is_hidden() == page.evaluate(
        "!('BarcodeDetector' in window)"
    )


def test_codes_come_faster_than_answers_and_none_is_lost(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    for member in world.members:
        scan(clerk.page, code_of(member))
    expect(clerk.page.locator(".door-count b")).to_have_text("6")

    assert Attendance.objects.count() == MarkReceipt.objects.count() == 6


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_codes_wait_for_the_network_and_are_sent_in_order(world, visit, size, language):
    clerk = visit(size, language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    page.clock.install()
    page.context.set_offline(True)
    for member in world.members[:3]:
        scan(page, code_of(member))
    page.locator("#door-waits .notice").wait_for()
    for _ in range(4):
        page.clock.run_for(5000)
        assert "3" in page.inner_text("#door-waits")
        assert page.locator(".door-idle").inner_text() != ""
        assert not any(
            word in page.inner_text("#door-answer")
            for word in ("可以扫下一位", "Ready for the next")
        )
    clerk.look()
    page.context.set_offline(False)
    page.clock.run_for(5000)
    expect(page.locator("#door-past li")).to_have_count(3)
    expect(page.locator("#door-waits .notice")).to_have_count(0)

    marked = Attendance.objects.order_by("marked_at").values_list("member", flat=True)
    assert list(marked) == [member.pk for member in world.members[:3]]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_answer_that_is_not_green_stands_until_it_was_seen(world, visit, language):
    clerk = visit(language=language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    page.clock.install()
    scan(page, "https://example.cn/health")
    page.locator(".door-wrong").wait_for()
    scan(page, code_of(world.members[0]))
    scan(page, code_of(world.members[0]))
    page.locator("#door-past .door-past-warn").wait_for()
    clerk.look()
    assert page.locator(".door-wrong").is_visible()
    assert page.locator("#door-past li").count() == 3

    page.locator("#door-seen button").click()
    assert page.locator(".door-warn").is_visible()
    scan(page, code_of(world.members[1]))
    expect(page.locator("#door-past li")).to_have_count(4)
    assert page.locator(".door-warn").is_visible()
    page.clock.run_for(4500)
    assert page.locator(".door-ok").is_visible()
    page.clock.run_for(9000)
    assert page.locator(".door-idle").is_visible()
    assert page.locator("#door-past .door-past-wrong").is_visible()


def test_a_lane_works_without_script(world, visit):
    clerk = visit(java_script_enabled=False)
    page = clerk.page
    page.goto(f"{clerk.base}/sign-in/")
    page.fill("input[name=username]", world.clerk.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{clerk.base}/")
    page.goto(f"{clerk.base}{door_path(world)}")
    page.fill("#door-text", code_of(world.members[0]))
    page.press("#door-text", "Enter")
    page.wait_for_load_state()
    assert page.locator(".door-ok").is_visible()
    page.fill("#door-text", "2")
    page.press("#door-text", "Enter")
    page.wait_for_load_state()
    page.locator(".door-found .btn").click()
    page.wait_for_load_state()
    assert page.locator(".door-ok").is_visible()

    assert Attendance.objects.count() == 2


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_member_shows_a_code_that_lets_him_in(world, visit, size, language):
    member = world.members[0]
    member.user = factories.make_user()
    member.save()
    own, clerk = visit(size, language), visit(DESK, language)
    own.sign_in(member.user)
    own.page.locator(".task[href='/my/code/']").click()
    own.look()
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    scan(clerk.page, own.page.inner_text(".my-code-written"))
    clerk.page.wait_for_selector(".door-ok")

    assert member.name in clerk.page.inner_text("#door-answer")
    box = own.page.locator(".my-code-picture svg").bounding_box()
    assert box["width"] >= 300
    assert box["width"] == pytest.approx(box["height"])


def test_the_code_changes_by_itself_for_ten_minutes(world, visit):
    member = world.members[0]
    member.user = factories.make_user()
    member.save()
    own = visit(PHONE)
    own.sign_in(member.user)
    own.page.clock.install()
    own.open("/my/code/")
    picture = own.page.locator(".my-code-picture")
    own.page.locator("#my-code .btn").focus()
    for _ in range(20):
        own.page.evaluate("document.querySelector('.my-code-picture').dataset.old = 'yes'")
        own.page.clock.fast_forward(31_000)
        own.page.wait_for_selector(".my-code-picture:not([data-old])")
        assert own.page.evaluate("document.activeElement.matches('#my-code .btn')")
    own.page.clock.fast_forward(31_000)
    assert own.page.locator(".notice-warning").is_visible()
    assert picture.is_hidden()
    assert own.page.evaluate("document.activeElement.matches('#my-code-stale .btn')")
    own.look()
    # Whoever looks at the page again and again keeps no session alive by that.
    asked = []
    own.page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        own.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        own.page.clock.fast_forward(31_000)
    assert not asked
    own.page.locator("main .btn-primary:visible").click()
    own.look()
    assert picture.is_visible()


# The Chromium of the tests finds no codes in pictures; this stands in for one that does, and for a
# camera before which a phone lies for a while.
CAMERA = """
(code) => {
  const canvas = document.createElement("canvas");
  setInterval(() => canvas.getContext("2d").fillRect(0, 0, 8, 8), 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
  window.BarcodeDetector = class { detect = async () => [{ rawValue: code }]; };
}
"""


def test_a_camera_reads_a_code_once_where_the_browser_can(world, visit):
    clerk = visit(PHONE)
    page = clerk.page
    clerk.sign_in(world.clerk)
    page.add_init_script(f"({CAMERA})({code_of(world.members[0])!r})")
    clerk.open(door_path(world))
    page.click("#door-camera")
    page.wait_for_selector(".door-ok")
    clerk.look()
    assert page.locator("#door-video").is_visible()
    page.wait_for_timeout(1000)
    assert page.locator(".door-ok").is_visible()
    page.click("#door-camera")

    assert page.locator("#door-video").is_hidden()
    assert page.evaluate("document.getElementById('door-video').srcObject") is None
    assert MarkReceipt.objects.count() == 1


def test_a_lane_whose_clerk_was_signed_out_leads_to_the_sign_in_page(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    Session.objects.all().delete()
    scan(clerk.page, code_of(world.members[0]))
    clerk.page.wait_for_url("**/sign-in/**")

    assert not Attendance.objects.exists()

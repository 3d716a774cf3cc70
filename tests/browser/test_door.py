"""A lane at the door: a hand scanner types, the page answers, sounds and starts anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
import segno
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import BrowserSession
from classes.models import Enrolment
from rolls.actions.attendance import record_attendance
from rolls.codes import make_live_code
from rolls.models import Attendance, MarkReceipt
from tests import factories
from tests.browser.conftest import DESK, PHONE, at_desk_and_phone
from tests.factories import PASSWORD, ClassWorld, acting
from trainees.models import Member

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
    return reverse("rolls:door", args=[world.session.pk])


def code_of(member) -> str:
    return make_live_code(member.pk, timezone.now()).text


def scan(page, text) -> None:
    """As a hand scanner does it: keys, wherever the focus is, and Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@at_desk_and_phone
def test_a_lane_answers_each_code(world, visit, size, language):
    Enrolment.objects.filter(member=world.members[0]).update(phone_pocket=None)
    clerk = visit(size, language)
    page = clerk.page
    page.add_init_script(COUNT_TONES)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("rolls:roll", args=[world.session.pk]))
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


def test_codes_come_faster_than_answers_and_none_is_lost(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    for member in world.members:
        scan(clerk.page, code_of(member))
    expect(clerk.page.locator(".door-count b")).to_have_text("6")

    assert Attendance.objects.count() == MarkReceipt.objects.count() == 6


@at_desk_and_phone
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


def test_a_green_answer_is_not_taken_for_that_of_a_scan_that_waits(world, visit):
    lane = visit(PHONE)
    page = lane.page
    lane.sign_in(world.clerk)
    lane.open(door_path(world))
    scan(page, code_of(world.members[0]))
    page.locator(".door-ok").wait_for()
    page.context.set_offline(True)
    scan(page, code_of(world.members[1]))
    page.locator("#door-answer [data-kept]").wait_for()
    assert not page.locator("#door-answer .door-ok").count()


def test_a_lane_that_waits_learns_what_the_others_do(world, visit):
    lane = visit()
    page = lane.page
    lane.sign_in(world.clerk)
    page.clock.install()
    lane.open(door_path(world))
    session, by = world.session.pk, acting(world.clerk)
    marks = {world.members[0].pk: "present"}
    record_attendance(session_id=session, marks=marks, seen={}, by=by, at=timezone.now())
    assert world.members[0].name not in page.inner_text("#door-board")
    page.clock.run_for(16_000)
    expect(page.locator("#door-board")).to_contain_text(world.members[0].name)

    page.clock.run_for(600_000)  # nobody is there any more: the clerk is signed out in the end
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    assert not asked


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_newest_answer_replaces_the_one_before_whatever_it_was(world, visit, language):
    clerk = visit(language=language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    page.clock.install()
    scan(page, "https://example.cn/health")
    page.locator(".door-wrong").wait_for()
    scan(page, code_of(world.members[0]))
    expect(page.locator("#door-past li")).to_have_count(2)
    assert page.locator(".door-ok").is_visible()  # at once, not after a while
    clerk.look()
    assert not page.locator(".door-wrong").count()
    assert not page.locator("#door-seen").is_visible()
    assert page.evaluate("document.activeElement.id") == "door-text"

    scan(page, code_of(world.members[0]))
    page.locator(".door-warn").wait_for()
    scan(page, code_of(world.members[1]))
    page.locator(".door-ok").wait_for()
    # What failed stays below until the page is closed.
    assert page.locator("#door-past li").count() == 4
    assert page.locator("#door-past .door-past-wrong").is_visible()
    page.clock.run_for(9000)
    assert page.locator(".door-idle").is_visible()
    assert page.locator("#door-past .door-past-warn").is_visible()


def test_an_answer_that_is_not_green_stands_until_it_was_seen(world, visit):
    clerk = visit()
    page = clerk.page
    clerk.sign_in(world.clerk)
    page.clock.install()
    clerk.open(door_path(world))
    scan(page, "nobody")
    page.locator(".door-wrong").wait_for()
    page.clock.run_for(6000)
    assert page.locator(".door-wrong").is_visible()
    page.locator("#door-seen button").click()
    assert page.locator(".door-idle").is_visible()
    assert page.evaluate("document.activeElement.id") == "door-text"


def sign_in_plainly(clerk, user) -> None:
    page = clerk.page
    page.goto(f"{clerk.base}/sign-in/")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{clerk.base}/")


def test_a_lane_works_without_script(world, visit):
    clerk = visit(java_script_enabled=False)
    page = clerk.page
    sign_in_plainly(clerk, world.clerk)
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


@at_desk_and_phone
def test_a_member_shows_a_code_that_lets_him_in(world, visit, size, language):
    member = world.members[0]
    member.user = factories.make_user()
    member.save()
    phone, clerk = visit(size, language), visit(DESK, language)
    phone.sign_in(member.user)
    phone.page.locator(".task[href='/my/code/']").click()
    phone.look()
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    scan(clerk.page, phone.page.inner_text(".my-code-written"))
    clerk.page.wait_for_selector(".door-ok")

    assert member.name in clerk.page.inner_text("#door-answer")
    box = phone.page.locator(".my-code-picture svg").bounding_box()
    assert box["width"] >= 300
    assert box["width"] == pytest.approx(box["height"])


def test_the_code_changes_by_itself_for_ten_minutes(world, visit):
    member = world.members[0]
    member.user = factories.make_user()
    member.save()
    phone = visit(PHONE)
    phone.sign_in(member.user)
    phone.page.clock.install()
    phone.open("/my/code/")
    picture = phone.page.locator(".my-code-picture")
    phone.page.locator("#my-code .btn").focus()
    for _ in range(20):
        phone.page.evaluate("document.querySelector('.my-code-picture').dataset.old = 'yes'")
        phone.page.clock.fast_forward(31_000)
        phone.page.wait_for_selector(".my-code-picture:not([data-old])")
        assert phone.page.evaluate("document.activeElement.matches('#my-code .btn')")
    phone.page.clock.fast_forward(31_000)
    assert phone.page.locator(".notice-warning").is_visible()
    assert picture.is_hidden()
    assert phone.page.evaluate("document.activeElement.matches('#my-code-stale .btn')")
    phone.look()
    # The person who looks at the page again and again keeps no session alive by that.
    asked = []
    phone.page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        phone.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        phone.page.clock.fast_forward(31_000)
    assert not asked
    phone.page.locator("main .btn-primary:visible").click()
    phone.look()
    assert picture.is_visible()


def test_after_a_look_up_that_fails_no_button_of_the_former_person_stays(world, visit):
    clerk = visit()
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    scan(page, "2")
    page.locator(".door-found .btn").wait_for()
    scan(page, "nobody")
    page.locator("#door-answer .door-wrong").wait_for()

    assert not page.locator("#door-answer .btn").count()
    page.keyboard.press("Enter")  # acknowledges, and marks nobody
    expect(page.locator("#door-answer .door-idle")).to_be_visible()
    assert not page.locator("#door-answer .btn").count()
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
def test_enter_marks_the_only_one_who_was_found(world, visit, has_script):
    clerk = visit(java_script_enabled=has_script)
    page = clerk.page
    if has_script:
        clerk.sign_in(world.clerk)
    else:
        sign_in_plainly(clerk, world.clerk)
    page.goto(f"{clerk.base}{door_path(world)}")
    page.fill("#door-text", "2")
    page.press("#door-text", "Enter")
    page.locator(".door-found .btn").wait_for()
    page.keyboard.press("Enter")
    page.locator(".door-ok").wait_for()

    assert Attendance.objects.get().member == world.members[1]


def test_enter_chooses_nobody_among_several(world, visit):
    clerk = visit()
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    scan(page, "zw")
    page.locator(".door-found .btn").first.wait_for()
    page.keyboard.press("Enter")

    assert page.locator(".door-found .btn").count() == 6
    assert not Attendance.objects.exists()


# The largest text of the page, and whether something is larger than who was marked last.
_LARGEST = """() => [...document.querySelectorAll("main *")]
    .filter((part) => part.checkVisibility() && [...part.childNodes]
        .some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    .sort((one, other) => parseFloat(getComputedStyle(other).fontSize)
        - parseFloat(getComputedStyle(one).fontSize))
    .slice(0, 2).map((part) => part.innerText)"""


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_who_was_marked_last_and_the_last_answer_are_the_largest_words(
    world, visit, size, language
):
    Member.objects.filter(pk=world.members[0].pk).update(name="欧阳海棠")
    clerk = visit(size, language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    page.clock.install()
    clerk.open(door_path(world))
    scan(page, code_of(world.members[0]))
    page.locator(".door-ok").wait_for()
    page.clock.run_for(9000)
    page.locator(".door-idle").wait_for()
    clerk.look()
    assert "欧阳海棠" in page.evaluate(_LARGEST)[0]

    scan(page, "nobody")
    page.locator(".door-wrong").wait_for()
    page.locator("#door-seen button").click()
    page.locator(".door-idle").wait_for()
    clerk.look()
    largest = page.evaluate(_LARGEST)
    assert "欧阳海棠" in largest[0]
    assert any(word in largest[1] for word in ("Code unknown", "无法识别", "未知"))
    page.reload()
    assert "欧阳海棠" in page.inner_text("#door-last-marked")


def is_above_the_fold(page, selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    return (
        page.evaluate("scrollY") == 0 and box["y"] + box["height"] <= page.viewport_size["height"]
    )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_mark_after_a_failure_is_the_largest_and_above_the_fold(world, visit, size, language):
    Member.objects.filter(pk=world.members[0].pk).update(name="欧阳海棠")
    clerk = visit(size, language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    page.clock.install()
    clerk.open(door_path(world))
    scan(page, "nobody")
    page.locator(".door-wrong").wait_for()
    scan(page, "欧阳")
    page.locator(".door-found .btn").wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#door-past li")).to_have_count(2)
    assert page.locator(".door-ok").is_visible()
    assert "欧阳海棠" in page.evaluate(_LARGEST)[0] + page.evaluate(_LARGEST)[1]
    assert is_above_the_fold(page, ".door-ok")

    scan(page, "nobody")
    page.locator(".door-wrong").wait_for()
    clerk.look()
    largest = page.evaluate(_LARGEST)
    assert any(word in largest[0] for word in ("Code unknown", "无法识别"))
    assert "欧阳海棠" in largest[1]
    assert is_above_the_fold(page, ".door-wrong")
    assert is_above_the_fold(page, "#door-last-marked")
    page.clock.run_for(9000)
    page.locator(".door-idle").wait_for()
    assert is_above_the_fold(page, "#door-last-said")
    assert is_above_the_fold(page, "#door-last-marked")


def test_a_code_of_eight_signs_is_typed(world, visit):
    member = world.members[0]
    member.user = factories.make_user()
    member.save()
    phone, clerk = visit(PHONE), visit()
    phone.sign_in(member.user)
    phone.open("/my/code/")
    written = phone.page.inner_text(".my-code-written")
    assert len(written.replace(" ", "")) <= 8
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    scan(clerk.page, written.lower())

    clerk.page.wait_for_selector(".door-ok")
    assert Attendance.objects.get().member == member


# A camera before which a telephone with this code lies, for a browser that reads no codes itself.
SHOWN_TO_CAMERA = """
(rows) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 480;
  const context = canvas.getContext("2d");
  const size = Math.floor(480 / (rows.length + 8)), start = 4 * size;
  setInterval(() => {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, 480, 480);
    context.fillStyle = "#000";
    rows.forEach((row, y) => [...row].forEach((dark, x) => {
      if (dark === "1") context.fillRect(start + x * size, start + y * size, size, size);
    }));
  }, 50);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
  delete window.BarcodeDetector;
}
"""


def test_a_camera_reads_codes_where_the_browser_has_no_detector(world, visit):
    clerk = visit(PHONE)
    page = clerk.page
    clerk.sign_in(world.clerk)
    code = segno.make_qr(code_of(world.members[0]))
    rows = ["".join(str(module) for module in row) for row in code.matrix]
    page.add_init_script(f"({SHOWN_TO_CAMERA})({rows!r})")
    clerk.open(door_path(world))
    assert not page.evaluate("'Html5Qrcode' in window")
    page.click("#door-camera")
    page.locator(".door-ok").wait_for()

    assert Attendance.objects.get().member == world.members[0]
    assert not clerk.complaints


def test_a_browser_without_camera_says_so(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.page.add_init_script(
        "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
    )
    clerk.open(door_path(world))

    assert clerk.page.locator("#door-camera-cannot").is_visible()
    assert clerk.page.locator("#door-camera").is_hidden()


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


@pytest.mark.parametrize("press", ["two", "refused"])
def test_a_camera_is_started_once_and_says_if_it_was_refused(world, visit, press):
    clerk = visit(PHONE)
    page = clerk.page
    clerk.sign_in(world.clerk)
    page.add_init_script(f"({CAMERA})('x')")
    page.add_init_script("""
      window.asked = 0;
      const open = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = async () => {
        window.asked += 1;
        await new Promise((done) => (window.decide = done));
        if (window.isRefused) throw new DOMException("", "NotAllowedError");
        return open();
      };
    """)
    clerk.open(door_path(world))
    page.evaluate("for (const _ of 'ab') document.getElementById('door-camera').click()")
    assert page.evaluate("window.asked") == 1
    if press == "two":
        page.evaluate("window.decide()")
        page.locator("#door-video").wait_for()
        assert page.inner_text("#door-camera-said") == ""
        return
    page.evaluate("window.isRefused = true; window.decide()")
    expect(page.locator("#door-camera-said")).to_contain_text("摄像头")
    clerk.look()
    page.evaluate("window.isRefused = false")
    page.click("#door-camera")
    page.evaluate("window.decide()")
    page.locator("#door-video").wait_for()
    assert page.inner_text("#door-camera-said") == ""


# As the camera hands over what it read.
READ = """
(code) => {
  const form = document.getElementById("door");
  form.dispatchEvent(new CustomEvent("door:code", { detail: code }));
}
"""


def test_what_a_camera_reads_leaves_the_box_alone_and_is_answered_whatever_it_is(world, visit):
    clerk = visit()
    page = clerk.page
    clerk.sign_in(world.clerk)
    clerk.open(door_path(world))
    page.evaluate("window.isSame = true")
    page.fill("#door-text", "zha")
    for foreign in ("https://example.cn/" + "x" * 250, "a\0b"):
        page.evaluate(READ, foreign)
    page.evaluate(READ, code_of(world.members[0]))
    expect(page.locator("#door-past .door-past-wrong")).to_have_count(2)
    expect(page.locator("#door-past .door-past-ok")).to_have_count(1)

    assert page.input_value("#door-text") == "zha"
    assert page.evaluate("window.isSame")


STORED_SCANS = """() => new Promise((done, fail) => {
    const opened = indexedDB.open("rolls");
    opened.onerror = () => fail(opened.error);
    opened.onsuccess = () => {
        const all = opened.result.transaction("scans").objectStore("scans").getAll();
        all.onsuccess = () => { opened.result.close(); done(all.result); };
    };
})"""

WAITERS = ["王一", "王二", "王三", "王四", "王五", "王六", "王七", "王八"]


class TestWithoutNetwork:
    """What waits in a lane, and what becomes of it."""

    @pytest.fixture
    def lane(self, world, visit):
        clerk = visit()
        clerk.sign_in(world.clerk)
        clerk.open(door_path(world))
        clerk.page.clock.install()
        clerk.page.context.set_offline(True)
        return clerk

    def go_online(self, page):
        page.context.set_offline(False)
        page.clock.run_for(5000)

    def test_names_wait_too_and_each_list_stands_until_somebody_is_chosen(self, world, lane):
        page = lane.page
        scan(page, "https://example.cn/health")
        scan(page, "2")
        scan(page, code_of(world.members[0]))
        scan(page, "3")
        self.go_online(page)
        expect(page.locator("#door-past li")).to_have_count(2)
        expect(page.locator("#door-waits .notice")).to_have_count(0)
        for member in world.members[1:3]:
            page.clock.run_for(20_000)
            assert page.locator(".door-found .btn").count() == 1
            assert str(member.pk) == page.get_attribute(".door-found .btn", "value")
            lane.look()
            page.locator(".door-found .btn").click()
        expect(page.locator("#door-past li")).to_have_count(4)
        assert page.locator("#door-past .door-past-wrong").is_visible()

        assert set(Attendance.objects.values_list("member", flat=True)) == {
            member.pk for member in world.members[:3]
        }

    def test_the_person_who_waited_too_long_is_named_for_the_roll(self, world, lane):
        page = lane.page
        names = [factories.make_member(world.organisation, name) for name in WAITERS]
        factories.enrol(world.training_class, *names)
        made_at = timezone.now() - timedelta(minutes=11)
        for member in names:
            scan(page, make_live_code(member.pk, made_at).text)
        page.clock.run_for(9 * 60_000)
        assert page.locator("#door-waits .notice").count() == 1
        page.clock.run_for(2 * 60_000)
        expect(page.locator("#door-waits .notice")).to_have_count(2)
        assert f"：{len(names)}" in page.locator("#door-waits .notice").last.inner_text()
        lane.look()
        self.go_online(page)
        expect(page.locator("#door-past .door-past-warn")).to_have_count(len(names))
        said = page.inner_text("#door-past")

        assert all(name in said for name in WAITERS)
        assert not Attendance.objects.exists()


class TestClosedMeanwhile:
    """What waited in a lane that was closed is sent by the next one, once, and for its person."""

    def scan_offline(self, world, visit, members):
        clerk = visit()
        clerk.sign_in(world.clerk)
        clerk.open(door_path(world))
        clerk.page.context.set_offline(True)
        for member in members:
            scan(clerk.page, code_of(member))
        clerk.page.locator("#door-waits .notice").wait_for()
        expect(clerk.page.locator("#door-waits .notice")).to_have_count(1)  # the device keeps all
        return clerk

    def test_scans_of_a_lane_that_was_closed_are_sent_by_the_next(self, world, visit):
        clerk = self.scan_offline(world, visit, world.members[:3])
        stored = clerk.page.evaluate(STORED_SCANS)
        assert len(stored) == 3
        clerk.page.close(run_before_unload=False)
        tab = clerk.page.context.new_page()
        tab.context.set_offline(False)
        tab.goto(f"{clerk.base}/")
        assert tab.locator(f"#waiting-rolls a[href='{door_path(world)}']").is_visible()
        tab.locator("#waiting-rolls a").click()
        expect(tab.locator("#door-past .door-past-ok")).to_have_count(3)

        marked = Attendance.objects.order_by("marked_at").values_list("member", flat=True)
        assert list(marked) == [member.pk for member in world.members[:3]]
        tab.wait_for_function(f"({STORED_SCANS})().then((all) => all.length === 0)")

    def test_a_lane_that_is_open_keeps_its_own(self, world, visit):
        clerk = self.scan_offline(world, visit, world.members[:1])
        other = clerk.page.context.new_page()
        clerk.page.context.set_offline(False)
        clerk.page.locator("#door-past .door-past-ok").wait_for()
        other.goto(f"{clerk.base}{door_path(world)}")
        other.wait_for_load_state("networkidle")

        assert not other.locator("#door-past li").count()
        assert MarkReceipt.objects.count() == 1

    def test_they_are_sent_for_nobody_else(self, world, visit):
        clerk = self.scan_offline(world, visit, world.members[:1])
        clerk.page.close(run_before_unload=False)
        # The context has another page by then, so the closed one cannot come online with it.
        page = clerk.page = clerk.page.context.new_page()
        page.context.set_offline(False)
        clerk.sign_in(factories.make_clerk(world.school))
        page.goto(f"{clerk.base}{door_path(world)}")
        page.wait_for_load_state("networkidle")
        # The closed page may have sent it for its own clerk in its last moment.
        assert not Attendance.objects.exclude(marked_by=world.clerk).exists()
        clerk.sign_in(world.clerk)
        page.goto(f"{clerk.base}{door_path(world)}")
        page.locator("#door-past .door-past-ok").wait_for()

        assert Attendance.objects.get().marked_by == world.clerk

    def test_what_may_be_an_id_number_is_never_stored(self, world, visit):
        clerk = self.scan_offline(world, visit, world.members[:1])
        for text in ("120000197001010017", "120000 19700101 0017", "120000-19700101-001X"):
            scan(clerk.page, text)
        expect(clerk.page.locator("#door-waits .notice")).to_have_count(2)

        assert "0017" not in str(clerk.page.evaluate(STORED_SCANS))
        assert len(clerk.page.evaluate(STORED_SCANS)) == 1


class TestSignedOutMeanwhile:
    """A lane keeps what it scanned until its own clerk has signed in again in another tab."""

    def scan_signed_out(self, world, visit, language="zh-hans"):
        clerk = visit(language=language)
        page = clerk.page
        clerk.sign_in(world.clerk)
        clerk.open(door_path(world))
        page.context.set_offline(True)
        for member in world.members[:3]:
            scan(page, code_of(member))
        page.locator("#door-waits .notice").wait_for()
        BrowserSession.objects.all().delete()
        page.context.set_offline(False)
        page.locator("#door-waits .btn").wait_for()
        assert "3" in page.inner_text("#door-waits")
        clerk.look()
        return clerk

    def sign_in_in_another_tab(self, clerk, user):
        tab = clerk.page.context.new_page()
        tab.goto(f"{clerk.base}/sign-in/")
        tab.fill("input[name=username]", user.username)
        tab.fill("input[name=password]", PASSWORD)
        tab.press("input[name=password]", "Enter")
        tab.wait_for_url(f"{clerk.base}/")
        tab.close()

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_scans_wait_for_the_clerk(self, world, visit, language):
        clerk = self.scan_signed_out(world, visit, language)
        page = clerk.page
        assert page.get_attribute("#door-waits .btn", "target") == "_blank"
        self.sign_in_in_another_tab(clerk, world.clerk)
        expect(page.locator("#door-past .door-past-ok")).to_have_count(3)
        expect(page.locator("#door-waits .notice")).to_have_count(0)

        assert Attendance.objects.filter(marked_by=world.clerk).count() == 3

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_scans_are_sent_for_nobody_else(self, world, visit, language):
        clerk = self.scan_signed_out(world, visit, language)
        page = clerk.page
        for other in (factories.make_clerk(world.training_class.school), factories.make_user()):
            self.sign_in_in_another_tab(clerk, other)
            page.locator("#door-waits .btn[href='/']").wait_for()
            clerk.look()
            with page.expect_response(f"**{door_path(world)}") as again:
                pass  # it tries by itself
            assert again.value.status == 409
            assert not Attendance.objects.exists()
            BrowserSession.objects.all().delete()
            page.locator("#door-waits .btn[href^='/sign-in/']").wait_for()
        self.sign_in_in_another_tab(clerk, world.clerk)
        expect(page.locator("#door-past .door-past-ok")).to_have_count(3)

        assert Attendance.objects.filter(marked_by=world.clerk).count() == 3

    def test_a_new_token_is_fetched_where_the_clerk_signed_in_anew(self, world, visit):
        clerk = visit()
        page = clerk.page
        clerk.sign_in(world.clerk)
        clerk.open(door_path(world))
        BrowserSession.objects.all().delete()
        self.sign_in_in_another_tab(clerk, world.clerk)
        scan(page, code_of(world.members[0]))

        page.wait_for_selector(".door-ok")

    def test_a_lane_that_is_no_longer_the_clerks_keeps_what_it_has(self, world, visit):
        clerk = visit()
        page = clerk.page
        clerk.sign_in(world.clerk)
        clerk.open(door_path(world))
        world.clerk.role_grants.all().delete()
        scan(page, code_of(world.members[0]))
        page.locator(f"#door-waits .btn[href='{door_path(world)}']").wait_for()
        clerk.look()

        assert "1" in page.inner_text("#door-waits")
        assert not Attendance.objects.exists()

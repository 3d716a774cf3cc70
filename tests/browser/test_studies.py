"""A meeting from the secretary's phone to the member's hours, and a declaration to its end."""

from __future__ import annotations

import random
import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Locator

from config.lib.periods import at_local, today
from hours.models import CreditEntry
from studies.enums import StudyKind
from studies.models import Study
from tests import factories
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.factories import StudyWorld, make_picture

PHOTO = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": make_picture((800, 600), "JPEG")}


@pytest.fixture
def world():
    world = StudyWorld(size=12)
    world.member = world.member_with_account()
    return world


def come(visit, user, size=DESK, language="zh-hans", **options) -> Visitor:
    visitor = visit(size, language, **options)
    visitor.sign_in(user)
    return visitor


def fill_in(secretary: Visitor, topic: str = "重温入党誓词") -> None:
    """From the home page to the filled form; all that is not asked is set already."""
    secretary.click("登记集体学习", exact=True)
    secretary.page.get_by_label("主题", exact=True).fill(topic)


def width_of(picture: Locator) -> int:
    """The width of a picture once it is there: it is fetched when it comes into view."""
    picture.scroll_into_view_if_needed()
    picture.evaluate("one => one.decode()")
    return picture.evaluate("one => one.naturalWidth")


def test_from_the_phone_of_the_secretary_to_the_hours_of_a_member(world, visit):
    secretary = come(visit, world.secretary, PHONE)
    fill_in(secretary)
    secretary.page.locator("#people input[type=checkbox]").nth(12).uncheck()
    assert secretary.page.locator("[data-count]").inner_text() == "12"
    secretary.press("保存并提交")
    assert secretary.page.locator(".error-summary a[href='#id_files_photo']").is_visible()
    assert secretary.page.locator("[data-count]").inner_text() == "12"
    secretary.page.get_by_label("照片", exact=True).set_input_files([PHOTO, PHOTO])
    secretary.press("保存并提交")
    assert "120 分钟，每人折算 2 学时" in secretary.text()
    study = Study.objects.get()
    assert (study.state, study.files.count()) == ("submitted", 2)
    assert [width_of(picture) for picture in secretary.page.locator(".evidence img").all()] == [
        320,
        320,
    ]

    commissioner = come(visit, world.commissioner)
    commissioner.click("审核 1 条学习记录")
    commissioner.click(study.topic)
    commissioner.press("通过，转党校审核")

    clerk = come(visit, world.clerk)
    clerk.click("审核 1 条学习记录")
    clerk.click(study.topic)
    assert "12 人共计 24 学时" in clerk.text()
    clerk.press("通过并记入学时")
    assert CreditEntry.objects.count() == 12

    present = study.participants.order_by("pk").first().member
    present.user = present.user or factories.make_user()
    present.save()
    member = come(visit, present.user, PHONE)
    member.page.locator("nav a", has_text="我的学时").click()
    member.look()
    assert "已完成 2" in member.text()
    assert study.topic in member.text()


def test_a_large_picture_is_sent_smaller(world, visit):
    size = (2600, 2000)
    noise = Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))
    large = BytesIO()
    noise.save(large, "JPEG", quality=95)
    assert large.tell() > 6_000_000
    photo = {"name": "合影.jpg", "mimeType": "image/jpeg", "buffer": large.getvalue()}
    study = world.record(held_on=today(), at=at_local(today(), 0))
    secretary = come(visit, world.secretary)
    secretary.open(f"/studies/{study.pk}/")
    secretary.page.get_by_label("照片", exact=True).set_input_files([photo, photo])
    secretary.page.get_by_label("签到表", exact=True).set_input_files([photo])

    page = secretary.page
    with page.expect_request("**/files/") as sent, page.expect_navigation(timeout=60_000):
        # without waiting for them to be small
        page.get_by_role("button", name="添加并提交", exact=True).click()
    secretary.look()

    study.refresh_from_db()
    assert (study.state, study.files.count()) == ("submitted", 3)
    assert int(sent.value.all_headers()["content-length"]) < large.tell()


def test_returned_with_a_reason_mended_and_handed_in_again(world, visit):
    day = today()
    study = world.record(held_on=day, at=at_local(day, 0))
    world.submit(study, at=at_local(day, 0))
    world.review(study, world.commissioner, at=at_local(day, 0))
    clerk = come(visit, world.clerk)
    clerk.open(f"/studies/{study.pk}/")
    clerk.press("按此理由退回")
    assert "写明" in clerk.text()
    clerk.page.get_by_label("退回理由").fill("缺签到表")
    clerk.press("按此理由退回")

    secretary = come(visit, world.secretary, PHONE)
    secretary.click("修改 1 条被退回的学习记录")
    assert "缺签到表" in secretary.text()
    secretary.click(study.topic)
    sheet = {"name": "签到表.pdf", "mimeType": "application/pdf", "buffer": factories.make_pdf()}
    secretary.page.get_by_label("签到表", exact=True).set_input_files([sheet])
    secretary.press("仅添加")
    secretary.look()
    secretary.click("返回修改")
    secretary.page.get_by_label("地点").fill("会议室")
    secretary.press("保存并提交")

    study.refresh_from_db()
    assert (study.state, study.round, study.place) == ("submitted", 2, "会议室")


def test_a_member_declares_and_the_school_passes_it(world, visit):
    member = come(visit, world.member.user, PHONE)
    member.open("/my/hours/")
    member.click("申报网络学习或外出培训")
    member.page.get_by_label("主题", exact=True).fill("党史专题")
    member.page.get_by_label("平台或主办单位").fill("学习强国")
    member.page.get_by_label("证书或截图", exact=True).set_input_files([PHOTO])
    member.press("保存并提交")

    clerk = come(visit, world.clerk)
    clerk.open("/studies/?progress=review")
    clerk.click("党史专题")
    clerk.press("通过并记入学时")
    member.open("/my/hours/")
    assert "党史专题" in member.text()
    assert "已完成 1" in member.text()


def test_by_keyboard_alone(world, visit):
    secretary = come(visit, world.secretary)
    secretary.open(f"/organisations/{world.organisation.pk}/study/")
    keyboard = secretary.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if secretary.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is out of reach")

    tab_to("input[name=minutes]")
    keyboard.press("ArrowUp")
    tab_to("input[name=topic]")
    keyboard.type("党课")
    tab_to("[data-filter]")
    keyboard.type("李芳")
    tab_to("input[name=members]")
    keyboard.press("Space")
    tab_to("button[value=save]:not([tabindex])")
    keyboard.press("Enter")
    secretary.page.wait_for_url(re.compile(r"/studies/\d+/$"))
    secretary.look()

    study = Study.objects.get()
    assert (study.minutes, study.topic, study.participants.count()) == (90, "党课", 12)
    assert not study.participants.filter(member__name="李芳").exists()


def test_without_script(world, visit):
    secretary = visit(PHONE, java_script_enabled=False)
    page = secretary.page
    page.goto(f"{secretary.base}/sign-in/")
    page.fill("input[name=username]", world.secretary.username)
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.goto(f"{secretary.base}/organisations/{world.organisation.pk}/study/")
    guest = factories.make_member(
        factories.make_organisation(factories.make_school("120111005", "津门湖街道")), "赵六"
    )
    page.get_by_label("主题", exact=True).fill("党课")
    page.fill("input[name=guest_number]", guest.number)
    page.fill("input[name=guest_name]", "赵六")
    page.get_by_role("button", name="添加", exact=True).click()
    assert page.get_by_label("主题", exact=True).input_value() == "党课"
    page.get_by_role("button", name="存为草稿", exact=True).last.click()
    page.wait_for_url(re.compile(r"/studies/\d+/$"))

    assert Study.objects.get().participants.filter(member=guest).exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_in_both_languages(world, visit, language, size):
    day = today()
    draft = world.record(held_on=day, at=at_local(day, 0))
    lesson = world.record(held_on=day, at=at_local(day, 0), kind=StudyKind.PARTY_LESSON)
    world.submit(lesson, at=at_local(day, 0))
    passed = world.record(held_on=day, at=at_local(day, 0), kind=StudyKind.GROUP_MEETING)
    world.submit(passed, at=at_local(day, 0))
    for user in (world.commissioner, world.clerk):
        world.review(passed, user, at=at_local(day, 0))
    branch = world.organisation.pk
    pages = {
        world.secretary: ["/studies/", f"/studies/{draft.pk}/", f"/studies/{draft.pk}/change/",
                          f"/organisations/{branch}/visit/"],
        world.commissioner: [f"/studies/{lesson.pk}/", "/studies/?progress=review"],
        world.clerk: [f"/studies/{passed.pk}/withdraw/", f"/studies/{passed.pk}/participants/",
                      f"/studies/{passed.pk}/", "/studies/record/?q=x",
                      f"/members/{world.member.pk}/declaration/"],
        world.member.user: ["/studies/", "/my/declaration/", "/my/hours/"],
    }  # fmt: skip
    for user, paths in pages.items():
        visitor = come(visit, user, size, language)
        for path in paths:
            visitor.open(path)

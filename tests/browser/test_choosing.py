"""Choosing by typing: lecturers, courses, organisations; by keyboard, by thumb, without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from config.lib.periods import at_local, today
from courses.models import Session, TrainingClass
from instructors.models import Instructor
from tests import factories
from tests.browser.conftest import DESK, PHONE, Visitor, at_desk_and_phone
from tests.dispatch.world import BookingWorld

WEEK = timedelta(days=7)


class World(BookingWorld):
    """A class of next week; of its lecturers, 赵敏 teaches elsewhere in the morning."""

    def __init__(self) -> None:
        super().__init__()
        self.day = today() + WEEK
        self.session = factories.make_session(
            factories.make_class(self.school), starts_at=at_local(self.day, 9), course=self.course
        )
        there = factories.make_school("120111005", "津门湖街道")
        factories.make_session(
            factories.make_class(there, "青年夜校"),
            starts_at=at_local(self.day, 9),
            instructor=self.lecturer,
        )
        self.free = self.make_lecturer("赵平")
        self.make_lecturer("孙立")
        self.make_lecturer("阿依古丽·麦麦提")


@pytest.fixture
def world() -> World:
    return World()


def at_the_session(world: World, visit, size=DESK, language="zh-hans") -> Visitor:
    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("classes:change_session", args=[world.session.pk]))
    return clerk


def hits(clerk: Visitor, name: str = "instructor") -> list[str]:
    """The names that the open list shows, each with what stands below it."""
    return clerk.page.locator(f"#id_{name}-list [role=option]").all_inner_texts()


@at_desk_and_phone
def test_a_lecturer_is_found_by_initials_and_picked_by_keyboard(world, visit, size, language):
    clerk = at_the_session(world, visit, size, language)
    field = clerk.page.locator("#id_instructor")
    clerk.page.locator("#id_course").focus()
    clerk.page.keyboard.press("Tab")
    expect(field).to_be_focused()

    clerk.page.keyboard.type("z")
    clerk.look()
    assert [text.split(" ")[0] for text in hits(clerk)] == ["赵平", "赵敏"]
    active = clerk.page.locator("[role=option][aria-selected=true]")
    assert active.get_attribute("id") == field.get_attribute("aria-activedescendant")
    expect(clerk.page.locator(".choose [role=status]", has_text="2")).to_have_count(1)
    clerk.page.keyboard.press("ArrowDown")
    clerk.page.keyboard.press("ArrowUp")
    clerk.page.keyboard.press("Enter")

    assert field.input_value().startswith("赵平 · ")
    expect(field).to_be_focused()
    assert clerk.page.locator("#id_instructor-list").is_hidden()
    clerk.page.keyboard.press("Enter")  # which does not submit the form
    clerk.press()
    world.session.refresh_from_db()
    assert world.session.instructor == world.free


def test_parts_of_name_corps_and_pinyin_are_found_in_any_order(world, visit):
    clerk = at_the_session(world, visit)

    for typed, found in (
        ("专业 赵", {"赵平", "赵敏"}),
        ("赵平 zyjst", {"赵平"}),
        ("zhaoping", {"赵平"}),
        ("zha", {"赵平", "赵敏"}),
        ("zyj sunli", {"孙立"}),
        ("sl 没有", set()),
    ):
        clerk.page.locator("#id_instructor").fill(typed)
        assert {text.split(" ")[0] for text in hits(clerk)} == found, typed


def test_a_course_says_what_it_is_worth_and_is_found_by_its_strand(world, visit):
    clerk = at_the_session(world, visit)

    clerk.page.locator("#id_course").fill("基层实务 jczl")

    assert "基层实务 · 4 学时" in hits(clerk, "course")[0]


def test_who_is_not_free_says_why_and_cannot_be_picked(world, visit):
    clerk = at_the_session(world, visit)
    field = clerk.page.locator("#id_instructor")
    field.press_sequentially("赵敏")

    (text,) = hits(clerk)
    assert "其他党校" in text
    assert clerk.page.locator("[role=option][aria-disabled=true]").count() == 1
    field.press("ArrowDown")
    field.press("Enter")
    expect(clerk.page.locator(".choose [role=status]", has_text="其他党校")).to_have_count(1)
    field.press("Tab")
    assert field.input_value() == ""
    clerk.press()
    world.session.refresh_from_db()
    assert world.session.instructor is None


def test_the_name_of_one_who_is_not_free_picks_nobody_alike(world, visit):
    world.make_lecturer("赵敏华")
    clerk = at_the_session(world, visit)
    field = clerk.page.locator("#id_instructor")

    for key in ("Enter", "Tab"):
        field.press_sequentially("赵敏")
        assert len(hits(clerk)) == 2
        field.press(key)
        assert clerk.page.locator("[role=option][aria-selected=true]").count() == 0
        field.press("Escape")
        assert field.input_value() == ""

    # What nobody else is called picks them.
    field.press_sequentially("敏华")
    field.press("Tab")
    assert field.input_value().startswith("赵敏华 · ")


def test_another_time_is_asked_for_and_the_choice_stays(world, visit):
    clerk = at_the_session(world, visit)
    page = clerk.page
    clerk.choose("instructor", "zp")
    for name, hour in (("starts_at", "14"), ("ends_at", "16")):
        with page.expect_response("**/lecturers/**"):
            page.fill(f"input[name={name}]", f"{world.day}T{hour}:00")
            page.locator(f"input[name={name}]").press("Tab")

    assert page.locator("#id_instructor").input_value().startswith("赵平")
    expect(page.locator("select[name=instructor] optgroup")).to_have_count(1)
    clerk.choose("instructor", "zm")
    assert page.locator("select[name=instructor]").input_value() == str(world.lecturer.pk)

    # Back in the morning she teaches elsewhere: she stays chosen, and it is said.
    for name, hour in (("starts_at", "09"), ("ends_at", "11")):
        with page.expect_response("**/lecturers/**"):
            page.fill(f"input[name={name}]", f"{world.day}T{hour}:00")
            page.locator(f"input[name={name}]").press("Tab")
    expect(page.locator("#id_instructor-why")).to_contain_text("其他党校")
    clerk.look()


def test_escape_gives_back_what_was_chosen_and_an_empty_text_nobody(world, visit):
    Session.objects.filter(pk=world.session.pk).update(instructor=world.free)
    clerk = at_the_session(world, visit)
    field = clerk.page.locator("#id_instructor")
    select = clerk.page.locator("select[name=instructor]")

    field.click()
    field.press_sequentially("孙")
    field.press("Escape")
    assert field.input_value().startswith("赵平")
    field.fill("没有这个人")
    assert hits(clerk) == []
    assert clerk.page.locator(".choose-status").is_visible()
    field.press("Tab")
    assert field.input_value().startswith("赵平")
    field.fill("")
    field.press("Tab")
    assert select.input_value() == ""
    # The only one who fits need not be picked.
    field.fill("阿依古丽麦")
    field.press("Tab")
    assert select.input_value() == str(Instructor.objects.get(name__startswith="阿依").pk)


def test_a_list_is_tapped_with_a_thumb(world, visit):
    clerk = at_the_session(world, visit, PHONE)
    clerk.page.locator("#id_instructor").click()
    option = clerk.page.locator("#id_instructor-list [role=option]", has_text="孙立")

    assert option.bounding_box()["height"] >= 44
    clerk.look()
    option.click()

    assert clerk.page.locator("#id_instructor").input_value().startswith("孙立")
    assert clerk.page.locator("#id_instructor-list").is_hidden()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_organisation_is_offered_while_it_is_typed(world, visit, language):
    branches = [factories.make_organisation(world.school, f"第{n}党支部") for n in "一二三"]
    clerk = visit(PHONE, language)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("classes:plan_class"))
    page = clerk.page
    page.fill("input[name=title]", "冬季夜校")
    field = page.locator("#id_organisation")
    field.press_sequentially("dedzb")
    option = page.locator("#id_organisation-list [role=option]")
    expect(option).to_have_count(1)
    clerk.look()
    field.press("Enter")

    assert field.input_value() == f"{branches[1].name} · {branches[1].code}"
    clerk.choose("course", world.course.code)
    page.fill("input[name=first_day]", (today() + WEEK).isoformat())
    page.select_option("select[name=venue]", str(world.venue.pk))
    clerk.press()
    page.wait_for_url(f"**/roster/?organisation={branches[1].code}")
    assert TrainingClass.objects.filter(title="冬季夜校").exists()


def test_without_script_it_is_a_plain_select(world, visit):
    clerk = visit(DESK, "en", java_script_enabled=False)
    page = clerk.page
    page.goto(f"{clerk.base}/sign-in/")
    page.fill("input[name=username]", world.clerk.username)
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto(clerk.base + reverse("classes:change_session", args=[world.session.pk]))
    select = page.get_by_label("Lecturer (optional)", exact=True)

    taken = select.locator("optgroup").last.locator("option")
    assert "another school" in taken.inner_text()
    select.select_option(str(world.free.pk))
    page.locator("main form button.btn-primary").click()
    page.wait_for_load_state()
    world.session.refresh_from_db()
    assert world.session.instructor == world.free


def test_those_who_may_teach_a_course_are_found_among_many(world, visit):
    for number in range(10):
        world.make_lecturer(f"钱{number}")
    officer = visit(PHONE)
    officer.sign_in(world.officer)
    officer.open(reverse("courses:course_change", args=[world.course.pk]))
    page = officer.page
    field = page.get_by_role("combobox", name="查找姓名")
    ticked = page.locator("[data-several] .option:visible")
    expect(ticked).to_have_count(0)

    field.fill("zyj zhaoping")
    field.press("Enter")
    expect(ticked).to_have_count(1)
    field.fill("钱3")
    page.locator("#id_instructors_several-list [role=option]").click()
    expect(ticked).to_have_count(2)
    officer.look()
    ticked.filter(has_text="钱3").locator("input").uncheck()
    expect(ticked).to_have_count(1)
    expect(field).to_be_focused()
    assert page.evaluate("document.documentElement.scrollHeight") < 3000
    officer.press()
    assert list(world.course.instructors.all()) == [world.free]


def test_without_script_those_who_may_teach_a_course_are_boxes(world, visit):
    world.course.instructors.set([world.free])
    officer = visit(PHONE, java_script_enabled=False)
    page = officer.page
    page.goto(f"{officer.base}/sign-in/")
    page.fill("input[name=username]", world.officer.username)
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{officer.base}/")

    page.goto(officer.base + reverse("courses:course_change", args=[world.course.pk]))
    page.locator(".several .option", has_text="孙立").locator("input").check()
    page.locator("main form button.btn-primary").click()
    page.wait_for_load_state()

    assert {one.name for one in world.course.instructors.all()} == {"赵平", "孙立"}


def test_the_desk_finds_a_lecturer_and_why_they_cannot_teach(world, visit):
    for number in range(10):
        world.make_lecturer(f"钱{number}")
    letter = factories.make_booking_letter(world.school, stage="scheduled")
    factories.make_engagement(letter, starts_at=at_local(world.day, 9))
    desk = visit(PHONE)
    desk.sign_in(world.officer)
    desk.open(reverse("dispatch:engage_lecturer", args=[letter.pk, 1]))

    desk.page.locator("#lecturer-filter").fill("zm")

    shown = desk.page.locator("[data-narrow] li:visible")
    expect(shown).to_have_count(1)
    assert "青年夜校" in shown.inner_text()
    desk.look()

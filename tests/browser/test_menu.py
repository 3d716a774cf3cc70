"""The menu of courses, its mix and the plan of a year: kept by the officer, read by a school."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.enums import Role
from config.lib.periods import at_local, period, today
from courses.enums import Strand
from courses.models import Course, PlannedCourse
from tests import factories
from tests.browser.conftest import DESK, PHONE, at_desk_and_phone
from tests.factories import ClassWorld


@pytest.fixture
def world(transactional_db):
    """A plan of practice alone, for tomorrow, and a menu with two other strands."""
    world = ClassWorld(size=1)
    world.officer = factories.make_user(display_name="王芳")
    factories.grant(world.officer, Role.DISTRICT_SCHOOL)
    tomorrow = at_local(today() + timedelta(days=1), 9)
    for number in range(2):
        factories.make_session(
            world.training_class, starts_at=tomorrow + timedelta(hours=3 * number)
        )
    module = world.training_class.module
    for code, strand in (("GO101", Strand.THEORY), ("GO102", Strand.ROLE_MODELS)):
        Course.objects.create(
            code=code,
            title="新时代“枫桥经验”",
            module=module,
            strand=strand,
            hours=4,
            format="pack",
            audiences=["secretaries", "affairs_workers"],
            tasks=["first", "theory"],
            is_premium=True,
        )
    PlannedCourse.objects.create(
        school=world.school,
        year=today().year,
        month=12,
        course=Course.objects.get(code="GO101"),
        audience="ordinary",
        times=2,
    )
    return world


@at_desk_and_phone
def test_every_page_of_the_menu_is_accessible(world, visit, size, language):
    officer = visit(size, language)
    officer.sign_in(world.officer)
    course, module = Course.objects.get(code="GO101"), world.training_class.module
    year = (today() + timedelta(days=1)).year
    for path in (
        "/menu/",
        "/menu/?course=nothing",
        "/menu/new/",
        f"/menu/{course.pk}/",
        f"/menu/{course.pk}/change/",
        f"/menu/{course.pk}/retire/",
        f"/menu/{course.pk}/materials/",
        f"/mix/?year={year}",
        f"/mix/?year={year}&school={world.school.pk}",
        f"/mix/{module.pk}/rule/",
        f"/schools/{world.school.pk}/plan/",
        f"/schools/{world.school.pk}/plan/?year={today().year + 1}",
    ):
        officer.open(path)


def test_a_course_is_added_and_a_school_finds_it(world, visit):
    officer = visit(DESK, "en")
    officer.sign_in(world.officer)
    officer.open("/menu/")
    officer.click("Add a course")
    page = officer.page
    page.fill("input[name=code]", "GO103")
    page.fill("input[name=title]", "矛盾纠纷排查与调解")
    page.select_option("select[name=module]", label="基层治理")
    page.select_option("select[name=strand]", value="practice")
    page.fill("input[name=hours]", "4")
    page.check("input[name=audiences][value=ordinary]")
    page.check("input[name=tasks][value=skills]")
    officer.press()

    clerk = visit(PHONE)
    clerk.sign_in(world.clerk)
    clerk.open("/menu/")
    clerk.unfold()
    clerk.page.fill("input[name=course]", "调解")
    clerk.page.locator(".filters button").click()
    clerk.page.wait_for_load_state()
    clerk.click("矛盾纠纷排查与调解")
    assert "知识技能教育" in clerk.text()


def test_a_school_plans_its_year_without_script(world, visit):
    clerk = visit(DESK, "en", java_script_enabled=False)
    page = clerk.page
    page.goto(f"{clerk.base}/sign-in/")
    page.fill("input[name=username]", world.clerk.username)
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{clerk.base}/")
    page.goto(f"{clerk.base}/schools/{world.school.pk}/plan/?year={today().year + 1}")
    page.get_by_role("button", name="Copy from the year before").click()
    page.wait_for_load_state()
    page.locator("#month-12 > details > summary").click()

    assert "新时代“枫桥经验”" in page.inner_text("#plan-months")


class TestDragging:
    """A course goes from the menu into a month and from there into another; the mix follows."""

    @pytest.fixture
    def page(self, world, visit):
        """The plan of the next year, none of whose months is over."""
        PlannedCourse.objects.update(year=today().year + 1)
        clerk = visit(DESK, "en")
        clerk.sign_in(world.clerk)
        clerk.page.goto(f"{clerk.base}/schools/{world.school.pk}/plan/?year={today().year + 1}")
        return clerk.page

    @staticmethod
    def month(page, number):
        return page.locator(f"[data-month='{number}']")

    @staticmethod
    def planned():
        rows = PlannedCourse.objects.order_by("month", "course__code")
        return [(row.month, row.course.code, row.times) for row in rows]

    def drop(self, page, card, number):
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            card.drag_to(self.month(page, number))
        page.wait_for_selector("#plan-months:not([aria-busy])")

    def test_from_the_menu_and_on_to_another_month(self, world, page):
        mix = page.inner_text("#plan-mix")
        card = page.locator(".plan-menu .plan-card", has_text="role models")

        self.drop(page, card, 5)
        assert self.planned() == [(5, "GO102", 1), (12, "GO101", 2)]
        assert page.inner_text("#plan-mix") != mix

        self.drop(page, card, 5)
        assert self.planned() == [(5, "GO102", 2), (12, "GO101", 2)]

        self.drop(page, self.month(page, 5).locator(".plan-card"), 7)
        assert self.planned() == [(7, "GO102", 2), (12, "GO101", 2)]
        assert "枫桥经验" in self.month(page, 7).inner_text()

    def test_a_course_is_found_by_initials_and_strand(self, world, page):
        page.fill("#plan-find", "role fqjy")

        shown = page.locator(".plan-menu .plan-card:visible").all_inner_texts()

        assert [("枫桥经验" in text, "role models" in text) for text in shown] == [(True, True)]

    def test_what_is_refused_is_said_and_what_was_typed_stays(self, world, page):
        Course.objects.filter(code="GO101").update(
            period=period(date(today().year + 1, 12, 1), date(today().year + 2, 1, 1))
        )
        page.get_by_text("Add a course to the plan").click()
        page.fill("#plan-add [name=times]", "7")

        self.drop(page, page.locator(".plan-menu .plan-card", has_text="political theory"), 4)
        assert "not offered in this month" in page.inner_text("#plan-trouble")

        self.drop(page, self.month(page, 12).locator(".plan-card"), 4)
        assert "stays in December" in page.inner_text("#messages")
        assert self.planned() == [(12, "GO101", 2)]
        assert page.input_value("#plan-add [name=times]") == "7"

    def test_without_an_answer_the_plan_stays_and_says_so(self, world, page):
        page.route("**/change/", lambda route: route.abort())

        self.month(page, 12).locator(".plan-card").drag_to(self.month(page, 2))

        page.wait_for_selector("#plan-trouble:not([hidden])")
        assert "Nothing was changed" in page.inner_text("#plan-trouble")
        assert "枫桥经验" in self.month(page, 12).inner_text()

    def test_by_keyboard_the_form_changes_it_and_the_focus_stays_at_it(self, world, page):
        self.month(page, 12).locator(".plan-card summary").press("Enter")
        page.select_option("[data-plan-move] select", "8")
        page.fill("[data-plan-move] [name=times]", "3")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.locator("[data-plan-move] button").press("Enter")
        page.wait_for_selector("[data-month='8'] .plan-card:focus")

        assert self.planned() == [(8, "GO101", 3)]
        assert "is in the plan of August, 3 × in all." in page.inner_text("#messages")

    def test_taken_out_the_focus_stays_at_its_month(self, world, page):
        self.month(page, 12).locator(".plan-card summary").press("Enter")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_role("button", name="Take it out").press("Enter")
        page.wait_for_selector("[data-month='12']:focus")

        assert self.planned() == []


def test_by_touch_the_menu_is_the_form(world, visit):
    clerk = visit(PHONE, "en", has_touch=True, is_mobile=True)
    clerk.sign_in(world.clerk)
    clerk.page.goto(f"{clerk.base}/schools/{world.school.pk}/plan/?year={today().year}")

    assert clerk.page.locator(".plan-menu").is_hidden()
    clerk.page.get_by_text("Add a course to the plan").click()
    assert clerk.page.locator("#plan-add").is_visible()

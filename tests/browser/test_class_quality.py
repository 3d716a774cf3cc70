"""A class is supervised, has materials and is rated, each by those whose part it is."""

from __future__ import annotations

import pytest

from accounts.enums import Role
from classes.models import ClassMaterial, RatingAnswer, SupervisionNote
from tests import factories
from tests.browser.conftest import DESK, PHONE

SMALLEST_TARGET = 60


class World:
    """A class that ended today, with one trainee, a clerk and a supervisor."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.clerk = factories.make_clerk(self.school)
        branch = factories.make_organisation(self.school)
        self.member = factories.make_member(branch, "王芳")
        self.member.user = factories.make_user(self.member.number, display_name="王芳")
        self.member.save()
        self.supervisor = factories.make_user()
        factories.grant(self.supervisor, Role.DISTRICT_SCHOOL)
        self.training_class = factories.make_class_over(self.school, self.clerk, self.member)


@pytest.fixture
def world():
    return World()


def test_a_supervisor_drafts_files_and_amends_and_the_school_reads(world, visit):
    supervisor = visit(DESK)
    supervisor.sign_in(world.supervisor)
    supervisor.open(f"/classes/{world.training_class.pk}/")
    supervisor.click("记录第 1 次课")
    supervisor.page.get_by_role("button", name="存为草稿").click()
    supervisor.look()
    assert "只有您本人能看到" in supervisor.text()
    supervisor.page.get_by_role("button", name="提交记录").click()
    supervisor.look()
    assert supervisor.page.locator(".error-summary").is_visible()
    supervisor.page.get_by_label("观察情况").fill("课堂秩序良好")
    supervisor.page.get_by_role("button", name="提交记录").click()
    supervisor.look()
    supervisor.click("修订记录")
    supervisor.page.get_by_label("为什么修订？").fill("补充")
    supervisor.page.get_by_role("button", name="提交修订").click()
    supervisor.look()
    assert "第 2 版" in supervisor.text()

    clerk = visit(PHONE, "en")
    clerk.sign_in(world.clerk)
    clerk.open("/supervision/")
    clerk.click("session 1")
    assert "课堂秩序良好" in clerk.text()
    assert SupervisionNote.objects.count() == 2


def test_a_trainee_rates_on_a_phone(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.click("评价培训班")
    for name in ("content", "teaching", "usefulness", "organisation"):
        member.page.check(f"input[name={name}][value='5']")
    member.page.get_by_role("button", name="提交评价").click()
    member.look()
    assert "没有人能看出这份评价是您的" in member.page.inner_text("body")
    assert RatingAnswer.objects.count() == 1


def test_the_form_of_a_rating_is_for_everybody(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.open("/my/timetable/")
    member.click("评价本班")
    heights = member.page.locator("main .btn, main button").evaluate_all(
        "list => list.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= SMALLEST_TARGET
    member.page.get_by_role("button", name="提交评价").click()
    member.look()
    assert member.page.locator(".error-summary").is_visible()

    clerk = visit(PHONE)
    clerk.sign_in(world.clerk)
    clerk.open(f"/classes/{world.training_class.pk}/")
    assert "此后如有至少 5 份评价" in clerk.text()


def test_materials_are_kept_by_the_clerk_and_fetched_by_the_trainee(world, visit):
    clerk = visit(DESK, "en")
    clerk.sign_in(world.clerk)
    clerk.open(f"/classes/{world.training_class.pk}/")
    clerk.click("Keep the materials")
    for name in ("outline", "tables"):
        file = {
            "name": f"{name}.pdf",
            "mimeType": "application/pdf",
            "buffer": factories.make_pdf(name),
        }
        clerk.page.set_input_files("input[type=file]", file)
        clerk.page.get_by_role("button", name="Add").click()
        clerk.look()
    clerk.page.get_by_role("button", name="Up tables").click()
    clerk.look()
    assert clerk.text().index("tables") < clerk.text().index("outline")
    clerk.click("Take it off outline")
    clerk.page.get_by_label("Reason").fill("old")
    clerk.page.get_by_role("button", name="Take the material off").click()
    clerk.look()

    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.open("/my/timetable/")
    member.click("1 份资料")
    with member.page.expect_download() as download:
        member.page.get_by_role("link", name="tables").click()
    assert download.value.suggested_filename == "tables.pdf"
    assert ClassMaterial.objects.get().title == "tables"

"""A member joins a class on the phone and asks for leave; the clerk accepts; the roll knows it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from classes.actions.leaves import ask_leave
from config.lib.periods import at_local, today
from courses.models import TrainingClass
from rolls.models import Attendance
from tests import factories
from tests.browser.conftest import DESK, PHONE, at_desk_and_phone
from tests.factories import ClassWorld

SMALLEST_TARGET = 60


@pytest.fixture
def world():
    """An open class that meets late today, so that it is both ahead and due."""
    world = ClassWorld(size=0)
    world.member = factories.make_member(world.organisation, "王芳")
    world.member.user = factories.make_user(world.member.number, display_name="王芳")
    world.member.save()
    world.session.delete()
    TrainingClass.objects.update(is_open=True)
    day = today()
    world.session = factories.make_session(
        world.training_class, starts_at=at_local(day, 23, 58), ends_at=at_local(day, 23, 59)
    )
    return world


def heights(visitor):
    return visitor.page.locator("main .btn, main button").evaluate_all(
        "list => list.map(one => one.getBoundingClientRect().height)"
    )


def test_from_joining_to_the_roll(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.click("可报名的班次")
    assert min(heights(member)) >= SMALLEST_TARGET
    member.page.get_by_role("button", name="报名").click()
    member.look()
    assert "您的手机袋是 1 号" in member.page.inner_text("body")
    member.open("/my/timetable/")
    assert min(heights(member)) >= SMALLEST_TARGET
    assert "手机袋 1 号" in member.text()
    member.page.get_by_role("link", name="请假").click()
    member.look()
    member.page.fill("input[name=reason]", "值班")
    member.page.get_by_role("button", name="请假").click()
    member.look()
    assert "待答复" in member.text()

    clerk = visit(DESK)
    clerk.sign_in(world.clerk)
    clerk.click("答复 1 份请假申请")
    clerk.page.get_by_label("给党员的话").fill("好")
    clerk.page.get_by_role("button", name="准假", exact=False).first.click()
    clerk.look()
    assert "已准假" in clerk.text()
    clerk.open(f"/sessions/{world.session.pk}/roll/")
    assert clerk.page.locator("input[value=on_leave]").is_checked()
    assert not Attendance.objects.exists()

    member.open("/my/timetable/")
    assert "党校答复：好" in member.text()


def test_a_calendar_address_is_made_and_ended(world, visit):
    member = visit(PHONE, "en")
    member.sign_in(world.member.user)
    member.open("/my/timetable/")
    member.page.get_by_role("button", name="Make an address").click()
    member.look()
    address = member.page.locator(".address").inner_text()
    assert member.page.request.get(address).status == 200
    member.open("/my/timetable/")
    member.page.get_by_role("button", name="End the address").click()
    member.look()
    assert member.page.request.get(address).status == 404


def test_a_class_is_put_in_order_on_a_phone(world, visit):
    factories.enrol(
        world.training_class,
        *(factories.make_member(world.organisation, name) for name in ("张伟", "李娜", "王强")),
    )
    clerk = visit(PHONE, "en")
    clerk.sign_in(world.clerk)
    clerk.open(f"/classes/{world.training_class.pk}/order/")
    clerk.page.get_by_label("Number of groups").fill("3")
    clerk.page.get_by_role("button", name="Split evenly in this order").click()
    clerk.look()
    assert clerk.page.get_by_label("Group: 王强").input_value() == "3"
    monitor = clerk.page.get_by_label("Monitor")
    monitor.select_option(monitor.locator("option", has_text="李娜").get_attribute("value"))
    clerk.page.get_by_role("button", name="Save").last.click()
    clerk.look()
    assert "李娜 monitor" in clerk.text().replace("\n", " ")


def test_the_second_of_two_who_arrange_a_class_sees_both_values(world, visit):
    factories.enrol(world.training_class, world.member)
    address = f"/classes/{world.training_class.pk}/order/"
    first, second = visit(DESK, "en"), visit(PHONE, "zh-hans")
    for clerk in (first, second):
        clerk.sign_in(world.clerk)
        clerk.open(address)
    first.page.locator("input[name^=pocket]").fill("7")
    first.page.get_by_role("button", name="Save").last.click()
    first.look()
    second.page.locator("input[name^=pocket]").fill("8")
    second.page.locator("button[value=save]").last.click()
    second.look()
    assert "改为 7，您的是 8" in second.page.locator("td .field-error").inner_text()
    second.page.locator("button[value=save]").last.click()
    second.look()
    assert world.training_class.enrolments.get().phone_pocket == 8


@at_desk_and_phone
def test_what_is_refused_of_a_class_stands_where_it_was_entered(world, visit, size, language):
    factories.enrol(world.training_class, world.member)
    session = world.training_class.sessions.first()
    leave = ask_leave(
        session_id=session.pk,
        reason="值班",
        by=factories.acting(world.member.user),
        at=timezone.now(),
    )
    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    address = f"/classes/{world.training_class.pk}/"

    clerk.open(address)
    clerk.page.locator(f"#word-{leave.pk}").fill(" ")
    clerk.page.locator('button[value="refused"]').click()
    clerk.look()
    assert clerk.page.locator("#word-error").is_visible()

    clerk.open(address)
    clerk.page.locator('input[name="number"]').fill("999")
    clerk.page.locator('form[action$="/guests/"] input[name="name"]').fill("王丽")
    clerk.page.locator('form[action$="/guests/"] button').click()
    clerk.look()
    assert clerk.page.locator("#id_number_error").is_visible()

    clerk.open(f"/sessions/{session.pk}/change/")
    clerk.page.locator('input[name="hours"]').fill("25")
    clerk.page.locator("main form .btn-primary").click()
    clerk.look()
    assert clerk.page.locator(".error-summary a[href='#id_hours']").is_visible()


def test_all_found_are_looked_at_before_they_are_enrolled(world, visit):
    clerk = visit(PHONE, "zh-hans")
    clerk.sign_in(world.clerk)
    clerk.open(f"/classes/{world.training_class.pk}/roster/?outcome=&audience=")
    clerk.page.locator('button[value="all"]').click()
    clerk.look()
    assert not world.training_class.enrolments.exists()
    clerk.page.locator('button[value="do"]').click()
    clerk.look()
    assert world.training_class.enrolments.exists()

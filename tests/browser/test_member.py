"""A member on a phone: hours owed, done and left, within two taps, each line explained."""

from __future__ import annotations

import pytest

from config.lib.periods import at_local, today
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from tests import factories
from tests.browser.conftest import PHONE
from tests.factories import ClassWorld


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.member = world.members[0]
    world.member.user = factories.make_user(world.member.number, display_name="张伟")
    world.member.save()
    day = today()
    for hour, hours, status in ((0, "4", "present"), (13, "6", "present"), (4, "4", "absent")):
        session = factories.make_session(
            world.training_class, starts_at=at_local(day, hour), hours=hours
        )
        submit_roll(
            session_id=session.pk,
            marks=world.marks(status),
            seen={},
            by=world.by,
            at=at_local(day, 23, 59),
        )
    factories.correct_mark(
        Attendance.objects.filter(member=world.member).first(),
        "late",
        reason="签到表核对",
        by=world.by,
        at=at_local(day, 23, 59),
    )
    return world


def test_own_hours_within_two_taps(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.page.locator("nav a", has_text="我的学时").click()
    member.look()

    assert "今年应学 32 学时，已完成 8，还差 24" in member.text()


def test_every_line_opens_to_its_why(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.open("/my/hours/")
    for summary in member.page.locator("details summary").all():
        summary.click()
    member.look()

    text = member.text()
    assert "缺勤不计学时" in text
    assert "迟到扣 0.25" in text
    assert "一天最多计 8" in text
    assert "签到表核对" in text
    assert world.clerk.display_name in text


def test_in_english(world, visit):
    member = visit(PHONE, "en")
    member.sign_in(world.member.user)
    member.open("/my/hours/")

    assert "32 credit hours owed this year, 8 done, 24 to go" in member.text()


def test_the_switch_changes_the_language_and_keeps_the_page(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.open("/my/hours/")
    member.page.get_by_role("button", name="English").click()
    member.page.wait_for_load_state()
    member.look()

    assert member.page.url.endswith("/my/hours/")
    assert member.page.locator("html").get_attribute("lang") == "en"


def test_secretaries_owe_56(world, visit):
    secretary = factories.make_leader(world.organisation)
    secretary.user = factories.make_user(secretary.number)
    secretary.save()
    member = visit(PHONE)
    member.sign_in(secretary.user)
    member.open("/my/hours/")

    assert "今年应学 56 学时" in member.text()


def test_targets_are_large_enough_for_a_thumb(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.open("/my/hours/")
    small = member.page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main summary')]
            .filter(e => e.getBoundingClientRect().height < 60)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert not small


def test_a_wrong_password_and_an_id_number_are_answered_in_plain_words(world, visit):
    member = visit(PHONE)
    for name in ("nobody", "11010519491231002X"):
        member.open("/sign-in/")
        member.page.fill("input[name=username]", name)
        member.page.fill("input[name=password]", "wrong password")
        member.page.press("input[name=password]", "Enter")
        member.page.wait_for_load_state()
        member.look()
        assert member.page.title().startswith("错误：")
        assert member.page.locator(".error-summary").is_visible()

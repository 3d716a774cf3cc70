"""Members find what they are told in the head, on a phone, and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from classes.actions.class_notices import post_notice
from classes.actions.leaves import answer_leave, ask_leave
from classes.enums import LeaveAnswer
from config.lib.periods import at_local, today
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.factories import ClassWorld, acting

SMALLEST_TARGET = 60


@pytest.fixture
def world():
    """A member of a class that meets tomorrow, who is told of it twice and of their leave once."""
    world = ClassWorld(size=1)
    world.user = factories.make_user(display_name="王芳")
    world.members[0].user = world.user
    world.members[0].save()
    tomorrow = today() + timedelta(days=1)
    session = factories.make_session(world.training_class, starts_at=at_local(tomorrow, 9))
    now = timezone.now()
    leave = ask_leave(session_id=session.pk, reason="值班", by=acting(world.user), at=now)
    answer = LeaveAnswer.REFUSED
    answer_leave(leave_id=leave.pk, answer=answer, word="人手不足，请到场", by=world.by, at=now)
    for text in ("请带笔记本", "第二次课改在三楼会议室，请从东门进，带好工作证。"):
        key = world.training_class.pk
        post_notice(training_class_id=key, text=text, by=world.by, at=now)
    return world


def head(visitor):
    return " ".join(visitor.page.inner_text(".masthead-messages").split())


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_member_reads_on_the_phone(world, visit, script):
    member = visit(PHONE, java_script_enabled=script)
    member.asks_axe = script
    if not script:
        member.look = lambda: None
    member.sign_in(world.user)
    assert head(member) == "消息 3 条未读"
    member.page.click(".masthead-messages")
    member.look()
    heights = member.page.locator("main .btn").evaluate_all(
        "list => list.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= SMALLEST_TARGET

    member.page.get_by_role("button", name="查看").first.click()
    member.page.wait_for_url("**/my/timetable/")
    member.look()
    assert head(member) == "消息 2 条未读"

    member.open("/messages/")
    member.page.get_by_role("button", name="全部标为已读").click()
    member.page.wait_for_load_state()
    member.look()
    assert head(member) == "消息"
    member.page.get_by_role("link", name="查看").first.click()
    member.page.wait_for_url("**/my/timetable/**")


def test_who_gave_an_address_is_told_by_e_mail(world, visit):
    member = visit(DESK, "en")
    member.sign_in(world.user)
    member.open("/messages/")
    member.click("Be told by e-mail")
    member.page.fill("input[name=address]", "wang")
    member.press()
    assert "E-mail address" in member.text()
    member.page.fill("input[name=address]", "wang@example.cn")
    member.press()
    assert member.page.url.endswith("/messages/")

    key = world.training_class.pk
    post_notice(training_class_id=key, text="请带笔记本", by=world.by, at=timezone.now())

    [sent] = mail.outbox
    assert sent.to == ["wang@example.cn"]
    assert "请带笔记本" not in sent.body
    for size in (PHONE, DESK):
        member.page.set_viewport_size(size)
        member.open("/messages/")
        assert head(member) == "Messages 4 unread"

"""A line disputed on a phone, corrected and answered by the clerk; appeals; taking back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from classes.models import Roll
from config.lib.periods import at_local, today
from hours.actions.disputes import answer_dispute, appeal_dispute
from hours.models import Dispute
from hours.queries.ledger_check import list_findings
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.factories import ClassWorld

LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.member = world.members[0]
    world.member.user = factories.make_user(world.member.number, display_name="张伟")
    world.member.save()
    day = today()
    session = factories.make_session(world.training_class, starts_at=at_local(day, 0))
    submit_roll(
        session_id=session.pk,
        marks=world.marks("absent", "present"),
        seen={},
        by=world.by,
        at=at_local(day, 0) + timedelta(minutes=1),
    )
    world.mark = Attendance.objects.get(member=world.member)
    return world


def follow(visitor, href: str) -> None:
    """Follow the link of the page that leads there."""
    visitor.page.locator(f"main a[href='{href}']").first.click()
    visitor.page.wait_for_load_state()
    visitor.look()


def test_a_disputed_mark_is_corrected_answered_and_counts(world, visit):
    member = visit(PHONE)
    member.sign_in(world.member.user)
    member.open("/my/hours/")
    assert "已完成 0" in member.text()
    member.page.locator("details summary").first.click()
    member.click("有疑问")
    member.press()
    assert member.page.title().startswith("错误：")
    member.page.fill("textarea[name=text]", "我当天到课，坐在第二排")
    member.press()
    dispute = Dispute.objects.get()
    assert member.page.url.endswith(f"/disputes/{dispute.pk}/")
    assert "待党校答复" in member.text()

    clerk = visit(DESK)
    clerk.sign_in(world.clerk)
    clerk.click("答复 1 件异议")
    follow(clerk, reverse("years:dispute", args=[dispute.pk]))
    assert "坐在第二排" in clerk.text()
    follow(clerk, reverse("years:answer_dispute", args=[dispute.pk]))
    clerk.page.locator("input[name=verdict][value=corrected]").check()
    clerk.press()
    assert "尚未更正，请先更正" in clerk.page.locator("#div_id_verdict").inner_text()
    clerk.page.locator("#div_id_verdict a").click()
    clerk.page.wait_for_load_state()
    clerk.look()
    clerk.page.locator("input[name=new_status][value=present]").check()
    clerk.page.fill("input[name=reason]", "签到表核对")
    clerk.press()
    assert clerk.page.url.endswith(reverse("years:answer_dispute", args=[dispute.pk]))
    assert "考勤已更正" in clerk.text()
    clerk.page.locator("input[name=verdict][value=corrected]").check()
    clerk.page.fill("textarea[name=text]", "签到表上有您，已更正")
    clerk.press()

    member.page.locator("nav a", has_text="首页").click()
    member.page.wait_for_load_state()
    member.look()
    member.click("您的异议已有答复")
    assert "签到表上有您，已更正" in member.text()
    member.open("/my/hours/")
    assert "已完成 4" in member.text()
    assert "已答复：已更正" in member.text()
    assert not list_findings()


@LANGUAGES
def test_on_appeal_the_department_corrects_the_mark_of_a_closed_roll(world, visit, language):
    now = timezone.now()
    dispute = factories.make_dispute(world.mark)
    kwargs = {"dispute_id": dispute.pk, "at": now}
    answer_dispute(verdict="stands", text="点名册如此", by=world.by, **kwargs)
    appeal_dispute(text="签到表上有我", by=factories.acting(world.member.user), **kwargs)
    Roll.objects.update(closed_at=now)
    user = factories.make_user()
    factories.grant(user, Role.ORGANISATION_DEPARTMENT)
    officer = visit(PHONE, language)
    officer.sign_in(user)
    decision = reverse("years:decide_dispute", args=[dispute.pk])
    officer.open(decision)

    follow(officer, reverse("rolls:correction", args=[world.mark.pk]))
    assert "签到表上有我" in officer.text()
    officer.page.locator("input[name=new_status][value=present]").check()
    officer.page.fill("input[name=reason]", "签到表核对")
    officer.press()
    assert officer.page.url.endswith(decision)
    officer.page.locator("input[name=verdict][value=corrected]").check()
    officer.press()

    dispute.refresh_from_db()
    assert dispute.state == "decided"
    assert not list_findings()


@LANGUAGES
def test_missing_hours_go_to_the_department_after_an_answer_that_is_not_right(
    world, visit, language
):
    officer = factories.make_user()
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    member = visit(PHONE, language)
    member.sign_in(world.member.user)
    member.open("/my/hours/")
    follow(member, reverse("years:report_missing"))
    member.page.fill("input[name=occurred_on]", today().isoformat())
    member.page.fill("input[name=missing]", "主题党日")
    member.page.fill("textarea[name=text]", "我参加了")
    member.press()
    dispute = Dispute.objects.get()

    for person, stage, name in (
        (world.clerk, "open", "answer_dispute"),
        (officer, "appealed", "decide_dispute"),
    ):
        reader = visit(PHONE, language)
        reader.sign_in(person)
        follow(reader, f"/disputes/?stage={stage}")
        follow(reader, reverse("years:dispute", args=[dispute.pk]))
        follow(reader, reverse(f"years:{name}", args=[dispute.pk]))
        reader.page.locator("input[name=verdict][value=stands]").check()
        reader.page.fill("textarea[name=text]", "当天没有这次学习")
        reader.press()
        member.open(reverse("years:dispute", args=[dispute.pk]))
        if stage == "open":
            follow(member, reverse("years:appeal_dispute", args=[dispute.pk]))
            member.page.fill("textarea[name=text]", "有照片")
            member.press()
            assert member.page.locator("main .said li").count() == 3

    dispute.refresh_from_db()
    assert dispute.state == "decided"
    assert member.page.locator("main .said li").count() == 4
    assert not member.page.locator("main .actions a").count()


@LANGUAGES
def test_a_dispute_is_taken_back(world, visit, language):
    dispute = factories.make_dispute(world.mark)
    member = visit(PHONE, language)
    member.sign_in(world.member.user)
    member.open("/my/hours/")
    follow(member, reverse("years:dispute", args=[dispute.pk]))
    follow(member, reverse("years:withdraw_dispute", args=[dispute.pk]))
    member.press()

    dispute.refresh_from_db()
    assert dispute.state == "withdrawn"

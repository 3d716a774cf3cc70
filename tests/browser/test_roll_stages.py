"""Rolls of intensive classes, closed rolls and sessions called off, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import ActorChannel, Role
from accounts.origin import Actor
from classes.models import Roll
from config.lib.periods import at_local, today
from courses.enums import Format
from courses.models import Session
from hours.models import CreditEntry
from rolls.actions.attendance import submit_roll
from rolls.actions.roll_stages import close_rolls
from rolls.models import Attendance
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.factories import ClassWorld

SIZES = pytest.mark.parametrize(
    ("size", "language"), [(DESK, "zh-hans"), (PHONE, "en")], ids=["desk", "phone"]
)


@SIZES
def test_an_intensive_class_is_taken_by_its_deviations_also_without_network(visit, size, language):
    world = ClassWorld(size=6)
    world.session.delete()
    world.training_class.format = Format.INTENSIVE
    world.training_class.save()
    session = factories.make_session(world.training_class, starts_at=at_local(today(), 0))
    late, absent = world.members[:2]
    visitor = visit(size, language)
    page = visitor.page
    visitor.sign_in(world.clerk)
    visitor.open(reverse("rolls:roll", args=[session.pk]))
    page.locator("[data-ready]").wait_for()
    assert page.locator("[data-count=none] b").inner_text() == "6"

    page.locator(f"label[for=mark-{late.pk}-late]").click()
    page.locator(f"#member-{late.pk} [data-state=saved]").wait_for()
    page.context.set_offline(True)
    page.locator("[data-link=offline]").wait_for()
    page.reload()
    page.locator(f"label[for=mark-{absent.pk}-absent]").click()
    page.locator(f"#member-{absent.pk} [data-state=waiting]").wait_for()
    assert page.locator("[data-count=none] b").inner_text() == "4"
    assert page.locator(".roll-expected:visible").count() == 4
    visitor.look()
    assert Attendance.objects.count() == 1
    assert not CreditEntry.objects.exists()

    page.context.set_offline(False)
    page.locator("[data-pending]").wait_for(state="hidden")
    assert Attendance.objects.count() == 2
    page.locator(".roll-foot button[value=submit]").click()
    page.wait_for_url("**/roll/?done=submit")

    statuses = dict(Attendance.objects.values_list("member", "status"))
    assert (statuses.pop(late.pk), statuses.pop(absent.pk)) == ("late", "absent")
    assert set(statuses.values()) == {"present"}


@SIZES
def test_a_closed_roll_is_asked_for_and_reopened(visit, size, language):
    world = ClassWorld(size=2)
    now = timezone.now()
    submit_roll(
        session_id=world.session.pk,
        marks=world.marks("present"),
        seen={},
        by=world.by,
        at=now - timedelta(days=30),
    )
    close_rolls(by=Actor(None, ActorChannel.TASK), at=now)
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    address = reverse("rolls:roll", args=[world.session.pk])

    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.open(address)
    clerk.look()
    clerk.page.fill("#reopening-reason", "一人误记为出勤")
    clerk.page.locator("section:has(#reopening) form button").click()
    clerk.page.locator("section:has(#reopening) .state-due").wait_for()
    clerk.look()

    district = visit(size, language)
    district.sign_in(officer)
    district.open(address)
    district.look()
    district.page.locator("button[value=granted]").click()
    district.page.locator("section:has(#reopening) .state-ok").wait_for()
    assert Roll.objects.get().stage == "reopened"
    clerk.open(address)
    assert clerk.page.locator("a[href*=correction]").count() == 2
    clerk.look()


@SIZES
def test_a_session_is_called_off_and_the_member_sees_it(visit, size, language):
    world = ClassWorld(size=2)
    member = world.members[0]
    member.user = factories.make_user()
    member.save()
    ahead = factories.make_session(
        world.training_class, starts_at=timezone.now() + timedelta(days=3)
    )
    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("classes:training_class", args=[world.training_class.pk]))
    clerk.page.locator(f"a[href*='/sessions/{ahead.pk}/call-off/']").click()
    clerk.look()
    clerk.page.fill("input[name=reason]", "报告厅检修")
    clerk.page.locator("form button.btn-primary").last.click()
    clerk.page.locator("button[value=do]").wait_for()
    clerk.look()
    clerk.page.locator("button[value=do]").click()
    clerk.page.wait_for_url(f"**/classes/{world.training_class.pk}/")
    clerk.look()
    assert Session.objects.get(pk=ahead.pk).is_called_off

    reader = visit(size, language)
    reader.sign_in(member.user)
    reader.open(reverse("classes:my_timetable"))
    assert reader.page.locator(f"#session-{ahead.pk} .state-warn").count() == 1
    reader.look()

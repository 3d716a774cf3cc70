"""The township clerk's day: what is due, a roll, a correction."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from classes.models import Enrolment, Roll
from config.lib.dates import format_clock
from config.lib.periods import at_local, today
from courses.models import TrainingClass
from hours.models import CreditEntry
from hours.queries.ledger_check import list_findings
from rolls.models import Attendance
from tests import factories
from tests.browser.conftest import DESK, PHONE, at_desk_and_phone
from tests.factories import ClassWorld


@pytest.fixture
def world():
    world = ClassWorld(size=40)
    world.session.delete()
    world.session = factories.make_session(
        world.training_class, starts_at=at_local(today(), 0), hours="4"
    )
    Enrolment.objects.filter(phone_pocket__gt=1).update(seat=F("phone_pocket") + 60)
    return world


def roll_path(world) -> str:
    return reverse("rolls:roll", args=[world.session.pk])


def saved(clerk) -> None:
    """Every mark that was made is saved, as it is at once."""
    clerk.page.wait_for_load_state("networkidle")  # the last one has been sent
    clerk.page.locator("[data-pending]").wait_for(state="hidden")


@at_desk_and_phone
def test_all_present_then_the_exceptions_then_submit(world, visit, size, language):
    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.page.locator(".task").first.click()
    clerk.look()
    clerk.page.locator(f"table a[href='{roll_path(world)}']").first.click()
    clerk.look()
    names = [row.bounding_box() for row in clerk.page.locator(".roll-name").all()]
    assert all(name["width"] > name["height"] for name in names)  # on one line, seat or none
    assert size is PHONE or len({name["x"] for name in names}) == 1

    clerk.page.locator("[data-fill]").click()
    absent = world.members[2]
    clerk.page.locator(f"label[for=mark-{absent.pk}-absent]").click()
    assert clerk.page.locator("[data-count=present] b").inner_text() == "39"
    assert clerk.page.locator("[data-count=absent] b").inner_text() == "1"
    clerk.page.locator("button[value=submit]").click()
    clerk.page.wait_for_url("**/roll/?done=submit")
    clerk.look()

    assert "156" in clerk.text()
    assert CreditEntry.objects.count() == 39
    assert not list_findings()


def test_forty_people_by_keyboard_alone(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    keyboard = clerk.page.keyboard

    for _ in range(80):
        keyboard.press("Tab")
        if clerk.page.evaluate("document.activeElement.type") == "radio":
            break
    for place in range(40):
        box = clerk.page.evaluate(
            """() => { const r = document.activeElement.closest('.roll-row')
                       .getBoundingClientRect();
                       const x = r.left + r.width / 2, y = r.top + r.height / 2;
                       return document.elementFromPoint(x, y)?.closest('.roll-row') ===
                              document.activeElement.closest('.roll-row'); }"""
        )
        assert box, f"focus is hidden at {place}"
        keyboard.press("2" if place == 5 else "1")
    for _ in range(60):
        keyboard.press("Tab")
        if clerk.page.evaluate("document.activeElement.value") == "submit":
            break
    saved(clerk)
    keyboard.press("Enter")
    clerk.page.wait_for_url("**/roll/?done=submit")

    assert Attendance.objects.filter(status="present").count() == 39
    assert Attendance.objects.filter(status="late").count() == 1


# Whether the middle of the focused choice and of the name of its row are in sight, not below a bar.
_IN_SIGHT = """() => {
    const row = document.activeElement.closest(".roll-row");
    return [row.querySelector(".roll-name"), row.querySelector(".roll-number"),
            document.activeElement.nextElementSibling].every((part) => {
        const box = part.getBoundingClientRect();
        const found = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return part.contains(found);
    });
}"""


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_name_of_a_row_stays_in_sight_while_its_choices_are_set(world, visit, size):
    # The bar at the foot is highest while the session lasts.
    world.session.delete()
    world.session = factories.make_session(world.training_class, starts_at=timezone.now())
    clerk = visit(size)
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    clerk.page.locator("[data-ready]").wait_for()
    # The bar at the top is highest without network.
    clerk.page.context.set_offline(True)
    clerk.page.locator("[data-sign=offline]").wait_for()
    keyboard = clerk.page.keyboard
    clerk.page.locator(f"#mark-{world.members[0].pk}-present").focus()
    for place in range(39):
        keyboard.press("1")
        assert clerk.page.evaluate(_IN_SIGHT), f"hidden on the way down at {place}"
    for place in range(39):
        keyboard.press("ArrowUp")
        assert clerk.page.evaluate(_IN_SIGHT), f"hidden on the way up at {place}"
    for place in range(39):
        keyboard.press("Tab")
        assert clerk.page.evaluate(_IN_SIGHT), f"hidden by Tab at {place}"
    for place in range(39):
        keyboard.press("Shift+Tab")
        assert clerk.page.evaluate(_IN_SIGHT), f"hidden by Shift+Tab at {place}"


def test_the_rest_means_those_in_sight(world, visit):
    for member in world.members[:4]:
        member.name = "李秀英"
        member.save()
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    clerk.page.fill("[data-filter]", "李秀英")
    clerk.page.locator("[data-fill]").click()

    assert clerk.page.locator("[data-count=present] b").inner_text() == "4"
    clerk.page.fill("[data-filter]", "nobody")
    assert clerk.page.locator("[data-notice=nobody]").is_visible()
    clerk.look()


def test_a_pocket_number_finds_that_pocket_alone_however_it_is_typed(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    for typed in ("7", "007", "\uff17", " \uff17 "):
        clerk.page.fill("[data-filter]", typed)

        assert clerk.page.locator(".roll-row:visible").count() == 1, typed
        assert clerk.page.locator(f"#member-{world.members[6].pk}").is_visible()
    clerk.page.fill("[data-filter]", "\uff3a\uff37")  # initials, full-width
    assert clerk.page.locator(".roll-row:visible").count() == 40


def test_a_name_in_parts_is_found_without_its_dot_and_by_the_initials_of_a_part(world, visit):
    member = world.members[2]
    member.name, member.name_initials = "买买提·艾力", "mmt·al"
    member.save()
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    for typed in ("买买提艾力", "买买提．艾力", "买 买提", "mmtal", "al"):
        clerk.page.fill("[data-filter]", typed)

        assert clerk.page.locator(".roll-row:visible").count() == 1, typed
        assert clerk.page.locator(f"#member-{member.pk}").is_visible()


def test_enter_marks_nobody(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    radio = clerk.page.locator(f"#mark-{world.members[0].pk}-late")
    radio.focus()
    clerk.page.keyboard.press("2")
    radio.focus()
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_load_state()

    assert clerk.page.locator("[data-count=none] b").inner_text() == "39"
    saved(clerk)
    assert Attendance.objects.get().status == "late"


def test_without_script_the_roll_is_a_plain_form(world, visit):
    clerk = visit(java_script_enabled=False)
    page = clerk.page
    page.goto(f"{clerk.base}/sign-in/")
    page.fill("input[name=username]", world.clerk.username)
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{clerk.base}/")
    page.goto(f"{clerk.base}{roll_path(world)}")
    page.locator("button[value=fill]").click()
    page.locator("button[value=submit]").click()
    page.wait_for_url("**/roll/?done=submit")

    assert CreditEntry.objects.count() == 40


def test_an_incomplete_roll_comes_back_with_everything_that_was_marked(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    first, second = world.members[:2]
    clerk.page.locator(f"label[for=mark-{first.pk}-late]").click()
    clerk.page.locator("button[value=submit]").click()
    clerk.page.wait_for_load_state()
    clerk.look()

    assert clerk.page.title().startswith("错误：")
    assert clerk.page.evaluate("document.activeElement.className") == "error-summary"
    assert clerk.page.locator(f"#mark-{first.pk}-late").is_checked()
    assert Roll.objects.get().state == "draft"
    clerk.page.locator(f".error-summary a[href='#member-{second.pk}']").click()
    assert clerk.page.url.endswith(f"#member-{second.pk}")


def test_a_double_click_on_submit_posts_once(world, visit):
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    clerk.page.locator("[data-fill]").click()
    clerk.page.locator("button[value=submit]").dblclick()
    clerk.page.wait_for_url("**/roll/?done=submit")

    assert CreditEntry.objects.count() == 40
    clerk.page.go_back()
    clerk.page.wait_for_load_state()
    assert CreditEntry.objects.count() == 40


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_correcting_a_mark_reverses_and_posts_anew(world, visit, language):
    clerk = visit(language=language)
    clerk.sign_in(world.clerk)
    clerk.open(roll_path(world))
    clerk.page.locator("[data-fill]").click()
    clerk.page.locator("button[value=submit]").click()
    clerk.page.wait_for_url("**/roll/?done=submit")
    member = world.members[0]
    clerk.page.locator(f"#member-{member.pk} a").click()
    clerk.look()

    clerk.press()
    assert clerk.page.locator(".error-summary").is_visible()

    clerk.page.locator("input[name=new_status][value=absent]").check()
    clerk.page.fill("input[name=reason]", "中途离开")
    clerk.page.locator("main form button.btn-primary").click()
    clerk.page.wait_for_url("**/roll/?done=corrected**")
    clerk.look()

    hours = CreditEntry.objects.filter(member=member).order_by("id").values_list("hours", flat=True)
    assert list(hours) == [Decimal(4), Decimal(-4)]
    assert not list_findings()


@at_desk_and_phone
def test_a_class_is_set_up_and_leads_to_its_trainees(world, visit, size, language):
    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("classes:plan_class"))
    clerk.page.locator("input[name=preset][value=evening]").check()
    clerk.page.fill("input[name=title]", "冬季夜校")
    clerk.unfold()
    clerk.page.fill("input[name=organisation]", "支部")
    clerk.choose("course")
    clerk.page.locator("details.folded summary").press("Enter")
    clerk.choose("course_2")
    clerk.look()
    clerk.page.fill("input[name=first_day]", (today() + timedelta(days=7)).isoformat())
    clerk.page.fill("input[name=begins_at]", "19:30")
    clerk.page.locator("select[name=venue]").select_option(index=1)

    clerk.press()

    clerk.page.wait_for_url("**/roster/?organisation=*")
    made = TrainingClass.objects.get(title="冬季夜校")
    assert {format_clock(session.starts_at) for session in made.sessions.all()} == {"19:30"}


def test_another_schools_session_is_not_found(world, visit):
    other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
    clerk = visit()
    clerk.sign_in(other)
    clerk.open(roll_path(world), status=404)

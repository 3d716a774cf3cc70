"""A school books, the desk dispatches, a lecturer declines, and the next one teaches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from config.lib.periods import at_local, today
from courses.models import Session
from dispatch.links import token_of
from dispatch.models import BookingLetter, Engagement, EngagementOverride
from tests import factories
from tests.browser.conftest import DESK, PHONE, at_desk_and_phone
from tests.dispatch.world import BookingWorld


def book(clerk, world: BookingWorld) -> BookingLetter:
    """The clerk fills in a letter, sees the mix react, and submits it."""
    clerk.open(reverse("dispatch:letters"))
    clerk.page.locator(f"main a[href='{reverse('dispatch:write_letter')}']").click()
    clerk.look()
    clerk.page.fill("input[name=title]", "基层治理冬训")
    clerk.page.fill("input[name=headcount]", "60")
    clerk.choose("course_1", world.course.code)
    clerk.page.locator("#letter-mix table").wait_for()
    clerk.press()
    assert clerk.page.locator("[aria-invalid=true]").count() == 1  # no place yet
    clerk.page.select_option("select[name=venue]", str(world.venue.pk))
    day = today() + timedelta(days=30)
    clerk.page.fill("input[name=day_1]", day.isoformat())
    clerk.press()
    clerk.look()
    clerk.page.locator("main a[href$='/submit/']").click()
    clerk.press()
    clerk.press()
    return BookingLetter.objects.get()


def choose(desk, letter: BookingLetter, lecturer: str) -> None:
    """The officer chooses a lecturer for the first session, and releases the plan."""
    desk.open(reverse("dispatch:engage_lecturer", args=[letter.pk, 1]))
    desk.look()
    option = desk.page.get_by_label(lecturer)
    if not option.is_visible():  # those with warnings are folded
        desk.page.locator("form details", has=option).locator("summary").click()
    option.check()
    desk.page.fill("input[name=reason]", "已电话沟通")
    desk.press()
    desk.open(reverse("dispatch:plan"))
    desk.look()
    desk.page.locator(f"main a[href='{reverse('dispatch:release_plan')}']").click()
    desk.press()
    desk.press()


@at_desk_and_phone
def test_from_the_letter_by_a_substitution_to_the_class(visit, size, language):
    world = BookingWorld()
    other = world.make_lecturer("孙立")
    # The course is taught by somebody else, so that both need a reason.
    world.course.instructors.add(world.make_lecturer("周静"))
    clerk, desk = visit(size, language), visit(size, language)
    clerk.sign_in(world.clerk)
    letter = book(clerk, world)

    desk.sign_in(world.officer)
    desk.page.locator(f"main a[href='{reverse('dispatch:queue')}']").first.click()
    desk.look()
    desk.page.locator("main tbody a").first.click()
    desk.look()
    desk.page.locator("main a[href$='/schedule/']").click()
    desk.look()
    desk.page.fill("input[name=reason]", "全年统筹")
    desk.press()
    desk.press()
    choose(desk, letter, world.lecturer.name)
    assert EngagementOverride.objects.filter(reason="已电话沟通").exists()

    teacher = visit(size, language)
    teacher.sign_in(world.lecturer.user)
    teacher.open(reverse("dispatch:my_engagements"))
    teacher.look()
    teacher.page.locator("main a[href$='/decline/']").first.click()
    teacher.look()
    teacher.page.fill("input[name=reason]", "出差")
    teacher.press()
    teacher.press()

    choose(desk, letter, other.name)
    second = visit(size, language)
    second.sign_in(other.user)
    second.open(reverse("dispatch:my_engagements"))
    second.page.locator("main a[href$='/accept/']").first.click()
    second.press()
    second.press()

    clerk.open(reverse("dispatch:letter", args=[letter.pk]))
    clerk.look()
    clerk.page.locator("main a[href$='/agree/']").click()
    clerk.look()
    clerk.press()
    clerk.press()
    assert Session.objects.get().instructor == other

    desk.open(reverse("dispatch:board") + f"?day={today() + timedelta(days=30)}")
    desk.look()
    assert other.name in desk.text()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_lecturer_without_an_account_answers_by_the_link(visit, language):
    world = BookingWorld()
    letter = factories.make_booking_letter(world.school, stage="scheduled")
    lecturer = factories.make_lecturer(world.school)
    factories.make_letter(lecturer)
    engagement = factories.make_engagement(
        letter,
        lecturer,
        state="proposed",
        starts_at=at_local(today() + timedelta(days=30), 9),
    )
    stranger = visit(PHONE, language)
    stranger.open(reverse("dispatch:proposal", args=[token_of(engagement)]))
    stranger.look()
    stranger.page.locator("input[value=accept]").check()
    stranger.press()
    stranger.look()

    assert Engagement.objects.get().state == "accepted"


def test_a_session_is_dragged_into_the_line_of_a_lecturer(visit):
    world = BookingWorld()
    moment = at_local(today() + timedelta(days=30), 9)
    letters = [factories.make_booking_letter(world.school, stage="scheduled") for _ in range(2)]
    factories.make_engagement(letters[0], world.lecturer, starts_at=moment)
    row = factories.make_engagement(letters[1], None, starts_at=moment + timedelta(hours=5))
    row.course.instructors.add(world.make_lecturer("周静"))
    desk = visit(DESK, "zh-hans")
    desk.sign_in(world.officer)
    desk.open(reverse("dispatch:board") + f"?day={today() + timedelta(days=30)}")
    line = desk.page.locator(f"[data-lecturer='{world.lecturer.pk}']")

    # The course is taught by somebody else, so the form asks for a reason, and keeps the rest.
    desk.page.locator("[data-session].board-needs").drag_to(line.locator("th"))
    desk.page.locator("#board-trouble").wait_for()
    desk.look()
    desk.page.fill("input[name=reason]", "已电话沟通")
    desk.press()

    line.locator(f"[href$='/{row.letter_id}/sessions/1/']").wait_for()
    row.refresh_from_db()
    assert row.instructor == world.lecturer

"""The calendar in a browser: read at every width, printed, and planned from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.actions.calling_off import call_off_session
from config.lib.periods import at_local, inclusive_period, today
from config.lib.weeks import monday_of, weeks_from
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_widths import count_printed, wrong_on_paper, wrong_on_screens
from tests.dispatch.world import BookingWorld

BETWEEN = {"width": 768, "height": 1024}
LONG_TITLE = "习近平总书记关于“三农”工作的重要论述"


@pytest.fixture
def world(transactional_db):
    """A school with something of each kind in the week after next."""
    world = BookingWorld()
    world.course.title = LONG_TITLE
    world.course.save()
    world.monday = weeks_from(monday_of(today()), 2)

    def hold(days: int, hour: int, **fields):
        return factories.make_session(
            factories.make_class(world.school),
            starts_at=at_local(world.monday + timedelta(days=days), hour),
            course=world.course,
            **fields,
        )

    world.session = hold(0, 9, instructor=world.lecturer, venue=world.venue)
    full = hold(0, 14).training_class
    full.capacity = 1
    full.save()
    organisation = factories.make_organisation(world.school)
    factories.enrol(full, factories.make_member(organisation))
    off = hold(1, 9)
    call_off_session(
        session_id=off.pk, reason="停电", by=factories.acting(world.clerk), at=timezone.now()
    )
    factories.make_booking_letter(world.school, dates=[world.monday + timedelta(days=2)])
    scheduled = factories.make_booking_letter(world.school, stage="scheduled", dates=[])
    for state, day in (("proposed", 3), ("draft", 4)):
        factories.make_engagement(
            scheduled,
            world.lecturer,
            state=state,
            starts_at=at_local(world.monday + timedelta(days=day), 9),
        )
    absent = world.monday + timedelta(days=5)
    world.lecturer.leaves.create(kind="duty", period=inclusive_period(absent, absent))
    return world


@pytest.mark.parametrize(
    ("size", "language"),
    [(DESK, "zh-hans"), (PHONE, "en"), (BETWEEN, "en")],
)
def test_a_clerk_opens_a_class_and_plans_one(world, visit, size, language):
    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    address = f"{reverse('classes:teaching_calendar')}?day={world.monday}"
    clerk.open(address)
    class_page = reverse("classes:training_class", args=[world.session.training_class_id])
    clerk.page.locator(f".calendar a[href='{class_page}']").click()
    clerk.look()

    clerk.open(f"{address}&lecturer={world.lecturer.pk}&venue={world.venue.pk}")
    assert clerk.page.locator(".calendar-absent").count() == 1
    # By keyboard, on the first day.
    clerk.page.locator(".calendar-acts a").first.focus()
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("Enter")
    clerk.look()
    assert clerk.page.locator("input[name=first_day]").input_value() == str(world.monday)
    assert clerk.page.locator("select[name=venue]").input_value() == str(world.venue.pk)

    clerk.open(f"{address}&view=month")
    clerk.page.locator("main nav a").nth(2).click()
    clerk.look()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_lecturers_read_their_own(world, visit, language):
    lecturer = visit(PHONE, language)
    lecturer.sign_in(world.lecturer.user)
    lecturer.open(reverse("classes:my_teaching"))
    lecturer.page.locator("main a[href*='/calendar/?lecturer']").click()
    lecturer.look()
    lecturer.open(f"{reverse('classes:teaching_calendar')}?day={world.monday}")
    assert lecturer.page.locator(".calendar-items > li").count() == 2  # without the draft
    assert lecturer.page.locator(".calendar-acts").count() == 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("view", ["week", "month"])
def test_is_read_at_every_width_and_on_one_sheet_of_paper(world, visit, view, language):
    officer = visit(DESK, language)
    officer.sign_in(world.officer)
    name = "classes:teaching_calendar"
    officer.open(f"{reverse(name)}?day={world.monday}&view={view}")

    assert not wrong_on_screens(officer.page, name)
    assert not wrong_on_paper(officer.page, name)
    officer.page.emulate_media(media="print")
    assert count_printed(officer.page) == 1

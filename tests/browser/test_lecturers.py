"""Pages of lecturers: looked up by staff, and their own with calendar, hours and home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from classes.models import RatingAnswer, RatingRound
from config.lib.periods import at_local, inclusive_period, today
from instructors.models import AppointmentLetter
from schools.models import Township
from tests import factories
from tests.browser.conftest import DESK, PHONE
from tests.factories import ClassWorld

BETWEEN = {"width": 768, "height": 1024}
VIEWS = [(DESK, "zh-hans"), (PHONE, "en"), (BETWEEN, "zh-hans")]
NAME = "欧阳思远"


@pytest.fixture
def world(transactional_db):
    """A lecturer who is a member as well, with two sessions to come and one taught."""
    world = ClassWorld(size=1)
    world.user = factories.make_user(display_name=NAME)
    factories.make_member(world.organisation, NAME, user=world.user)
    world.lecturer = factories.make_lecturer(world.school, NAME, user=world.user)
    world.lecturer.courses.add(world.session.course)
    AppointmentLetter.objects.create(
        number="西聘-7",
        instructor=world.lecturer,
        period=inclusive_period(today() - timedelta(days=5), today() + timedelta(days=400)),
        signed_on=today(),
    )
    world.sessions = [
        factories.make_session(
            world.training_class,
            starts_at=at_local(today() + timedelta(days=days), 9),
            instructor=world.lecturer,
        )
        for days in (-5, 2, 9)
    ]
    RatingRound.objects.create(
        training_class=world.training_class, last_day=today() - timedelta(days=1), least=5
    )
    for score in (5, 5, 4, 4, 4):
        RatingAnswer.objects.create(
            training_class=world.training_class,
            content=5,
            teaching=score,
            usefulness=5,
            organisation=5,
        )
    return world


@pytest.mark.parametrize(("size", "language"), VIEWS)
def test_staff_find_a_lecturer_and_open_the_hours(world, visit, size, language):
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)
    visitor = visit(size, language)
    visitor.sign_in(officer)
    visitor.open(reverse("classes:lecturers"))
    visitor.unfold()
    visitor.page.fill("input[name=lecturer]", "oysy")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/lecturers/?*lecturer=oysy*")
    visitor.look()
    assert NAME in visitor.text()
    visitor.page.locator("main tbody th a").first.click()
    visitor.look()
    assert "4.4" in visitor.text()
    visitor.page.locator("main a[href$='/home/']").click()
    visitor.look()
    township = Township.objects.get()
    visitor.page.select_option("select[name=home_township]", str(township.pk))
    visitor.press()
    assert township.name in visitor.text()
    visitor.page.locator("main tfoot a").first.click()
    visitor.look()
    assert "基层治理培训班" in visitor.text()


@pytest.mark.parametrize(("size", "language"), VIEWS)
def test_a_lecturer_reads_what_they_teach_and_takes_the_calendar(world, visit, size, language):
    visitor = visit(size, language)
    visitor.sign_in(world.user)
    visitor.page.locator(f"main a[href='/my/teaching/#session-{world.sessions[1].pk}']").click()
    visitor.look()
    text = visitor.text()
    for part in ("网格化治理", "基层治理培训班", "西聘-7", "4.4"):
        assert part in text
    visitor.page.locator("main form[action$='/teaching/calendar/'] button").click()
    visitor.look()
    address = visitor.page.locator(".address").inner_text().partition("/calendar/")[2]
    assert b"BEGIN:VEVENT" in Client().get(f"/calendar/{address}").content
    visitor.page.locator("main a[href='/my/teaching/']").click()
    visitor.look()
    visitor.page.locator("main form[action$='/calendar/end/'] button").click()
    visitor.look()
    assert Client().get(f"/calendar/{address}").status_code == 404
    # A lecturer who is a member has both in the menu.
    for address in ("/my/teaching/", reverse("years:my_hours")):
        assert visitor.page.locator(f"nav a[href='{address}']").count()


def test_a_figure_opens_by_keyboard(world, visit):
    visitor = visit(DESK)
    visitor.sign_in(world.user)
    visitor.open("/my/teaching/")
    visitor.page.locator("main tfoot a").first.focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/sessions/?*")
    visitor.look()

    assert visitor.page.locator("main tbody tr").count() >= 2

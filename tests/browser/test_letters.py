"""From a nomination to a letter that a stranger checks from the QR code on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from backstage import papers
from config.lib.documents import set_document
from config.lib.periods import today
from instructors.models import AppointmentLetter, Instructor, IssuedLetter
from tests import factories
from tests.browser.conftest import PHONE, at_desk_and_phone
from tests.factories import ClassWorld, make_department_officer

NAME = "阿依古丽·𠮷㐂"


@pytest.fixture
def printed(monkeypatch) -> list[dict]:
    """What was set on paper: the code stands nowhere else."""
    sheets: list[dict] = []

    def watch(template, data):
        sheets.append(data)
        return set_document(template, data)

    monkeypatch.setattr(papers, "set_document", watch)
    return sheets


@at_desk_and_phone
def test_a_school_nominates_and_the_department_appoints(visit, size, language):
    world = ClassWorld(size=1)
    clerk, officer = visit(size, language), visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("instructors:nominations"))
    clerk.page.locator(f"a[href='{reverse('instructors:nominate')}']").click()
    clerk.look()
    clerk.page.fill("input[name=name]", NAME)
    clerk.page.fill("input[name=employer]", "二街村")
    clerk.press()
    assert clerk.page.locator("[aria-invalid=true]").count() == 1
    clerk.page.fill("textarea[name=reasons]", "连续三年主持村民议事会")
    clerk.press()
    clerk.press()
    assert NAME in clerk.text()

    officer.sign_in(make_department_officer())
    officer.page.locator("main a[href*='/lecturers/nominations/?']").click()
    officer.look()
    officer.page.locator("main tbody a").first.click()
    officer.look()
    officer.page.locator("main a[href$='/appoint/']").click()
    officer.look()
    officer.press()
    officer.press()

    assert Instructor.objects.get().name == NAME


@at_desk_and_phone
def test_a_letter_is_issued_and_checked_from_its_qr_code(visit, printed, size, language):
    factories.make_lecturer(ClassWorld(size=1).school, NAME)
    officer = visit(size, language)
    officer.sign_in(make_department_officer())
    officer.page.locator("main a[href='/lecturers/letters/issue/']").first.click()
    officer.look()
    officer.page.get_by_label(NAME).check()
    officer.press()
    officer.press()
    with officer.page.expect_download() as download:
        officer.page.locator("main a[href$='/file/']").click()
    letter = AppointmentLetter.objects.get()
    assert download.value.suggested_filename == f"{letter.number}.pdf"
    officer.page.locator("main tbody a").first.click()
    officer.look()
    officer.open(reverse("instructors:letters"))
    assert letter.number in officer.text()

    code = printed[-1]["letters"][0]["code"][1]
    stranger = visit(size, language)
    stranger.open(f"/check/#{code}")
    assert stranger.page.input_value("input[name=code]") == code
    assert code not in stranger.page.url
    ask(stranger, code)
    assert letter.number in stranger.text()
    assert stranger.page.locator(".state-ok").count() == 1

    officer.open(reverse("instructors:revoke_letter", args=[letter.pk]))
    officer.page.fill("input[name=reason]", "调离本区")
    officer.press()
    officer.press()
    ask(stranger, code)
    assert stranger.page.locator(".state-warn").count() == 1
    assert "调离本区" not in stranger.text()


def ask(visitor, code: str) -> None:
    visitor.page.fill("input[name=code]", code)
    visitor.page.fill("input[name=name]", NAME)
    visitor.press()


def test_a_lecturer_is_warned_and_opens_the_letter(visit):
    school = factories.make_school()
    user = factories.make_user(display_name=NAME)
    lecturer = factories.make_lecturer(school, NAME, user=user)
    AppointmentLetter.objects.create(
        number="西聘-7",
        instructor=lecturer,
        period=(today(), today() + timedelta(days=20)),
        signed_on=today(),
    )
    visitor = visit(PHONE)
    visitor.sign_in(user)
    visitor.page.locator("main a[href^='/lecturers/letters/']").first.click()
    visitor.look()

    assert "西聘-7" in visitor.text()
    assert not IssuedLetter.objects.exists()


@at_desk_and_phone
def test_a_lecturer_enters_leave(visit, size, language):
    user = factories.make_user(display_name=NAME)
    factories.make_lecturer(factories.make_school(), NAME, user=user)
    visitor = visit(size, language)
    visitor.sign_in(user)
    visitor.page.locator("main a[href='/my/availability/']").click()
    visitor.look()
    assert visitor.page.locator(".state-ok:visible").count() == 42
    visitor.page.locator("main a[href$='/leave/']").click()
    visitor.look()
    for name in ("first_day", "last_day"):
        visitor.page.fill(f"input[name={name}]", today().isoformat())
    visitor.press()
    assert visitor.page.locator(".state-ok:visible").count() == 39
    for page in ("week", "exception"):
        visitor.page.locator(f"main a[href$='/{page}/']").click()
        visitor.look()
        visitor.page.go_back()

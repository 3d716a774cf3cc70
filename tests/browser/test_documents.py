"""An elder without a phone is served by the secretary; a certificate is checked by a stranger."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.enums import Role
from backstage import papers
from config.lib.documents import set_document
from config.lib.periods import at_local, today
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.browser.conftest import PHONE, at_desk_and_phone
from tests.factories import ClassWorld, give_role
from years.actions.documents import issue_document
from years.enums import DocumentKind
from years.models import IssuedDocument

NAME = "阿依古丽·𠮷㐂"


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.member = world.members[0]
    world.member.name = NAME
    world.member.user = factories.make_user(display_name=NAME)
    world.member.save()
    session = factories.make_session(world.training_class, starts_at=at_local(today(), 0))
    submit_roll(
        session_id=session.pk,
        marks=world.marks("present"),
        seen={},
        by=world.by,
        at=at_local(today(), 23, 59),
    )
    world.secretary = factories.make_user()
    give_role(world.secretary, Role.BRANCH_SECRETARY, world.organisation)
    return world


@pytest.fixture
def printed(monkeypatch) -> list[dict]:
    """What was set on paper: the code stands nowhere else."""
    sheets: list[dict] = []

    def watch(template, data):
        sheets.append(data)
        return set_document(template, data)

    monkeypatch.setattr(papers, "set_document", watch)
    return sheets


def issue(visitor, kind: str) -> None:
    visitor.page.check(f"input[name=kind][value={kind}]")
    visitor.press()


def save(visitor) -> Path:
    with visitor.page.expect_download() as download:
        visitor.page.locator("main a[href$='/document.pdf']").first.click()
    assert download.value.suggested_filename == f"{IssuedDocument.objects.first().number}.pdf"
    return Path(download.value.path())


@at_desk_and_phone
def test_a_secretary_prints_for_an_elder_who_sees_it(world, visit, size, language):
    secretary = visit(size, language)
    secretary.sign_in(world.secretary)
    secretary.page.locator("main a[href='/served/']").click()
    secretary.look()
    secretary.unfold()
    secretary.page.fill("input[name=q]", NAME[:2])
    secretary.page.locator("main form.filters button").click()
    secretary.look()
    hours = reverse("years:member_hours", args=[world.member.pk])
    secretary.page.locator(f"main a[href='{hours}']").click()
    secretary.look()
    secretary.page.locator("main a[href*='/documents/']").click()
    secretary.look()
    issue(secretary, "year_record")
    assert save(secretary).read_bytes().startswith(b"%PDF")

    member = visit(size, language)
    member.sign_in(world.member.user)
    member.open(reverse("years:my_hours"))
    member.page.locator("main a[href='/my/looks/']").click()
    member.look()
    assert world.secretary.display_name in member.text()
    assert IssuedDocument.objects.get().number in member.text()
    assert member.page.locator("main tbody tr").count() == 5


@at_desk_and_phone
def test_a_certificate_is_checked_without_signing_in(world, visit, printed, size, language):
    member = visit(size, language)
    member.sign_in(world.member.user)
    member.open(reverse("years:member_documents", args=[world.member.pk]))
    issue(member, "certificate")
    number, code = IssuedDocument.objects.get().number, printed[0]["code"][1]
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", code)

    stranger = visit(size, language)
    stranger.open("/sign-in/")
    stranger.page.locator("footer a[href='/check/']").click()
    stranger.look()
    ask(stranger, code.lower(), "李芳")
    assert number not in stranger.text()
    ask(stranger, code.lower(), NAME)
    assert number in stranger.text()
    assert stranger.page.locator(".state-ok").count() == 1

    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.open(reverse("years:member_documents", args=[world.member.pk]))
    clerk.page.locator("main a[href$='/revoke/']").click()
    clerk.look()
    clerk.page.fill("input[name=reason]", "姓名有误")
    clerk.press()
    clerk.press()

    ask(stranger, code, NAME)
    assert stranger.page.locator(".state-warn").count() == 1
    assert "姓名有误" not in stranger.text()


def test_the_check_works_without_script(world, chromium, live_server, printed):
    issue_document(
        member_id=world.member.pk,
        kind=DocumentKind.CERTIFICATE,
        year=today().year,
        check_address=f"{live_server.url}/check/",
        by=world.by,
        at=at_local(today(), 12),
    )
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/check/")
    page.fill("input[name=code]", printed[0]["code"][1])
    page.fill("input[name=name]", NAME)
    page.locator("main form button.btn-primary").click()

    assert IssuedDocument.objects.get().number in page.inner_text("main")
    context.close()


def ask(visitor, code: str, name: str) -> None:
    visitor.page.fill("input[name=code]", code)
    visitor.page.fill("input[name=name]", name)
    visitor.press()

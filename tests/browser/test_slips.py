"""From a slip to one's own hours: the clerk prints, the member gets in, on a phone."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.codes import format_code
from accounts.enums import Role
from accounts.models import ActivationCode
from config.lib.encryption import decrypt
from config.lib.periods import at_local, local_date, today
from hours.models import RequirementRule
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.browser.conftest import PHONE, at_desk_and_phone
from tests.factories import ClassWorld, exempt, give_role, make_leader, make_member
from trainees.actions.slips import issue_member_slips
from trainees.models import Post

NEW = "another staple 7"


@pytest.fixture
def world():
    world = ClassWorld(size=2)
    world.member = world.members[0]
    world.member.phone = "13800000001"
    world.member.save()
    session = factories.make_session(world.training_class, starts_at=at_local(today(), 0))
    submit_roll(
        session_id=session.pk,
        marks=world.marks("present"),
        seen={},
        by=world.by,
        at=at_local(today(), 23, 59),
    )
    return world


def issue(world, at=None):
    issue_member_slips(
        member_ids=[world.member.pk], key=uuid4(), by=world.by, at=at or timezone.now()
    )


def printed_code(member) -> str:
    """What stands on the member's slip."""
    code = ActivationCode.objects.get(user__member=member, ended_at=None)
    return format_code(decrypt(code.code_encrypted))


def type_code(visitor, name: str, code: str) -> None:
    visitor.open("/activate/")
    visitor.page.fill("input[name=username]", name)
    visitor.page.fill("input[name=code]", code)
    visitor.press()


def choose_password(visitor) -> None:
    visitor.page.check("input[name=has_read]")
    visitor.page.fill("input[name=new_password1]", NEW)
    visitor.page.fill("input[name=new_password2]", NEW)
    visitor.press()


def sign_in(visitor, name: str) -> None:
    visitor.open("/sign-in/")
    visitor.page.fill("input[name=username]", name)
    visitor.page.fill("input[name=password]", NEW)
    visitor.press()


def path(visitor) -> str:
    return visitor.page.url.removeprefix(visitor.base)


@at_desk_and_phone
def test_a_member_types_the_present_password_at_their_secretary(world, visit, size, language):
    world.member.user = factories.make_user()
    world.member.save(update_fields=["user"])
    secretary = factories.make_user()
    give_role(secretary, Role.BRANCH_SECRETARY, world.organisation)
    screen = visit(size, language)
    screen.sign_in(secretary)
    screen.open(f"/slips/?q={world.member.number}")
    screen.page.check(f"#member-{world.member.pk}")
    screen.press()
    screen.page.fill("input[name=own_password]", "wrong wrong 1")
    screen.press()
    assert screen.page.input_value("input[name=own_password]") == ""
    screen.page.fill("input[name=own_password]", factories.PASSWORD)
    screen.press()

    assert printed_code(world.member)
    assert path(screen).startswith("/slips/")


@at_desk_and_phone
def test_a_clerk_prints_slips_and_the_member_gets_in(world, visit, size, language):
    clerk = visit(size, language)
    clerk.sign_in(world.clerk)
    clerk.page.locator("main a[href*='/slips/']").first.click()
    clerk.look()
    clerk.page.check(f"#member-{world.member.pk}")
    clerk.press()
    clerk.press()
    with clerk.page.expect_download() as download:
        clerk.page.locator("main a.btn-primary").click()
    assert download.value.suggested_filename.endswith(".pdf")

    member = visit(size, language)
    member.open("/sign-in/")
    member.page.locator("main a[href='/activate/']").click()
    member.look()
    type_code(member, world.member.number, printed_code(world.member).lower())
    assert member.page.locator(".notice-text h2").count() == 7
    choose_password(member)
    assert path(member) == "/"
    member.open("/my/hours/")
    assert "4" in member.page.locator(".hours-sentence").inner_text()

    member.page.locator("button[formaction='/sign-out/']").click()
    member.look()
    sign_in(member, world.member.phone)
    assert path(member) == "/"


def test_a_secretary_takes_the_whole_branch_in_three_taps(world, visit):
    secretary = factories.make_user()
    give_role(secretary, Role.BRANCH_SECRETARY, world.organisation)
    phone = visit(PHONE)
    phone.sign_in(secretary)
    phone.page.locator("main a[href*='/slips/']").first.click()
    phone.look()
    phone.page.locator("button[name=everyone]").click()
    phone.look()
    phone.press()

    assert ActivationCode.objects.count() == 2


def test_a_lost_password_is_a_new_slip(world, visit):
    issue(world)
    member = visit(PHONE)
    type_code(member, world.member.number, printed_code(world.member))
    choose_password(member)
    issue(world)

    other = visit(PHONE)
    type_code(other, world.member.phone, printed_code(world.member))
    choose_password(other)

    assert path(other) == "/"
    member.open("/my/hours/")
    assert path(member).startswith("/sign-in/")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("why", ["wrong", "used", "expired", "replaced", "malformed"])
def test_a_code_that_opens_nothing_is_answered_in_plain_words(world, visit, language, why):
    issue(world, at=timezone.now() - timedelta(days=31) if why == "expired" else None)
    code = printed_code(world.member)
    member = visit(PHONE, language)
    if why == "used":
        ActivationCode.objects.update(ended_at=timezone.now(), ended_by="used", code_encrypted="")
    elif why == "replaced":
        issue(world)
    elif why in {"wrong", "malformed"}:
        code = "AAAAA-AAAAA" if why == "wrong" else "12345"

    type_code(member, world.member.number, code)

    assert path(member) == "/activate/"
    assert member.page.locator(".error-summary").evaluate("e => e === document.activeElement")
    assert member.page.input_value("input[name=username]") == world.member.number
    assert member.page.input_value("input[name=code]") == code


def test_what_is_wrong_in_the_second_step_keeps_the_notice_and_says_so(world, visit):
    issue(world)
    member = visit(PHONE)
    type_code(member, world.member.number, printed_code(world.member))
    member.page.fill("input[name=new_password1]", "short")
    member.press()

    assert member.page.locator(".error-summary li").count() == 3
    assert member.page.locator(".notice-text h2").count() == 7
    assert member.page.input_value("input[name=new_password1]") == ""


def test_the_pages_work_without_script_and_with_large_targets(world, chromium, live_server):
    issue(world)
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/activate/")
    page.fill("input[name=username]", world.member.number)
    page.fill("input[name=code]", printed_code(world.member))
    page.locator("main form button.btn-primary").click()
    page.check("input[name=has_read]")
    for control in page.locator("main form button, main .form-control").all():
        assert control.bounding_box()["height"] >= 60
    page.fill("input[name=new_password1]", NEW)
    page.fill("input[name=new_password2]", NEW)
    page.locator("main form button.btn-primary").click()

    assert page.url == f"{live_server.url}/"
    context.close()


@at_desk_and_phone
def test_every_page_about_people_can_be_read_by_everyone(world, visit, size, language):
    """Axe and sideways scroll, on every page of the register card and the slips."""
    leader = make_leader(world.organisation)
    exempt(leader)
    staff = make_member(world.organisation, "赵磊")
    staff.user = factories.make_user(is_active=False)
    staff.save()
    issue(world)
    officer = factories.make_user()
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    office = visit(size, language)
    office.sign_in(officer)
    card = reverse("trainees:member", args=[leader.pk])
    end = reverse("trainees:end_post", args=[leader.pk, Post.objects.get(member=leader).pk])
    for address in (
        card,
        *(f"{card}{page}/" for page in ("transfer", "standing", "post", "correct", "full")),
        f"{card}exemptions/",
        f"{card}exemptions/{leader.exemptions.get().pk}/end/",
        f"{card}hours/?on={today() - timedelta(days=1)}",
        end,
        f"/slips/?school={world.school.pk}",
        f"/slips/?school={world.school.pk}&organisation={world.organisation.pk}",
        "/slips/?q=nobody",
        "/privacy/",
    ):
        office.open(address)
    office.open(f"{card}transfer/")
    office.unfold()
    office.page.fill("input[name=organisation]", "党支部")
    office.press()

    security = factories.make_user()
    factories.grant(security, Role.SECURITY_ADMINISTRATOR)
    administrator = visit(size, language)
    administrator.sign_in(security)
    administrator.open(f"/accounts/{officer.pk}/slip/")
    administrator.press()
    assert "/slips/" in administrator.page.url


def test_a_transfer_moves_the_member_to_the_neighbours(world, visit):
    there = factories.make_organisation(world.school, "第二党支部")
    officer = factories.make_user()
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    office = visit()
    office.sign_in(officer)
    office.open(reverse("trainees:member", args=[world.member.pk]))
    office.page.locator("a[href$='/transfer/']").click()
    office.look()
    office.unfold()
    office.page.fill("input[name=organisation]", there.name)
    office.page.fill("input[name=on]", today().isoformat())
    office.press()
    assert there.name in office.page.locator("main ul").inner_text()
    office.press()

    assert there.name in office.page.locator("dl.facts").first.inner_text()
    assert office.page.locator(".notice-success").is_visible()


@pytest.fixture
def rules_to_be_verified(world):
    """Every rule, until the flush puts them back."""
    RequirementRule.objects.update(to_be_verified=True)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.usefixtures("rules_to_be_verified")
def test_long_badges_wrap_on_a_phone(world, visit, language):
    """`look` refuses a page that scrolls sideways."""
    issue(world)
    office = factories.make_user()
    factories.grant(office, Role.ORGANISATION_DEPARTMENT)
    visitor = visit(PHONE, language)
    visitor.sign_in(office)

    visitor.open(reverse("trainees:member", args=[world.member.pk]))
    code = ActivationCode.objects.get(user__member=world.member)
    year = str(local_date(code.expires_at).year)
    assert visitor.page.locator("dd .state", has_text=year).is_visible()

    visitor.open(reverse("years:member_hours", args=[world.member.pk]))
    assert visitor.page.locator(".muted .state").is_visible()

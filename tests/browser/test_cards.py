"""Cards for members without a telephone: issued, printed, shown at the door, revoked."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from config.lib.encryption import decrypt
from rolls.models import Attendance, MemberCard
from tests import factories
from tests.browser.conftest import at_desk_and_phone
from tests.factories import ClassWorld


@at_desk_and_phone
def test_a_card_is_issued_printed_shown_and_revoked(visit, size, language):
    world = ClassWorld(size=3)
    world.session.delete()
    session = factories.make_session(
        world.training_class, starts_at=timezone.now() - timedelta(minutes=2)
    )
    clerk = visit(size, language)
    page = clerk.page
    clerk.sign_in(world.clerk)
    page.locator(".task[href='/cards/']").click()
    clerk.look()
    page.check(f"#member-{world.members[0].pk}")
    clerk.press()
    clerk.press()
    with page.expect_download() as sheet:
        page.locator("a[href$='cards.pdf']").click()
    assert sheet.value.path().read_bytes().startswith(b"%PDF-")

    card = MemberCard.objects.get()
    clerk.open(reverse("rolls:door", args=[session.pk]))
    page.keyboard.type(decrypt(card.code_encrypted))
    page.keyboard.press("Enter")
    page.wait_for_selector(".door-ok")
    assert Attendance.objects.get().member == world.members[0]

    clerk.open("/cards/")
    page.locator(f"a[href$='/cards/{card.pk}/revoke/']").click()
    clerk.look()
    page.fill("[name=reason]", "遗失")
    clerk.press()
    with page.expect_navigation():
        page.locator("button[value=do]").click()
    clerk.look()
    card.refresh_from_db()
    assert card.ended_because == "revoked"

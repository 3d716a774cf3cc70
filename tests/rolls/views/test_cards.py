"""Pages of member cards: found, issued in two steps, printed for a day, revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from rolls.actions.cards import issue_cards, sweep_cards
from rolls.models import MemberCard
from tests import factories
from tests.browsers import browser_of
from tests.factories import ClassWorld, acting

pytestmark = pytest.mark.django_db

LIST, ISSUE = reverse("rolls:cards"), reverse("rolls:issue_cards")


@pytest.fixture
def world():
    world = ClassWorld(size=3)
    world.outsider = factories.make_member(
        factories.make_organisation(world.school, "第二党支部"), "李秀英"
    )
    factories.make_session(
        world.training_class, starts_at=timezone.now() + timedelta(days=3), hours="4"
    )
    return world


@pytest.fixture
def clerk(world):
    return browser_of(world.clerk, None)


def issue(world, *members):
    key = uuid4()
    issue_cards(
        member_ids=[member.pk for member in members],
        key=key,
        by=acting(world.clerk),
        at=timezone.now(),
    )
    return key


def shown(reply) -> set[int]:
    return {int(key) for key in re.findall(r'name="member" value="(\d+)"', reply.content.decode())}


class TestTheList:
    def test_shows_members_with_their_cards(self, world, clerk):
        issue(world, world.members[0])
        page = clerk.get(LIST)

        assert shown(page) == {member.pk for member in [*world.members, world.outsider]}
        card = MemberCard.objects.get()
        assert reverse("rolls:revoke_card", args=[card.pk]) in page.content.decode()

    def test_is_narrowed_by_class_organisation_and_name(self, world, clerk):
        of_class = {member.pk for member in world.members}

        assert shown(clerk.get(LIST, {"class": world.training_class.pk})) == of_class
        assert shown(clerk.get(LIST, {"organisation": world.organisation.pk})) == of_class
        assert shown(clerk.get(LIST, {"q": "lxy"})) == {world.outsider.pk}

    def test_costs_the_same_for_a_full_page(self, world, clerk):
        def count():
            with CaptureQueriesContext(connection) as caught:
                clerk.get(LIST, {"organisation": world.organisation.pk})
            return len(caught)

        clerk.get(LIST)
        few = count()
        issue(world, *[factories.make_member(world.organisation) for _ in range(40)])
        assert count() == few


class TestIssuing:
    def body(self, step, *members, **more):
        keys = [member.pk for member in members]
        return {"idempotency_key": str(uuid4()), "member": keys, "step": step} | more

    def test_is_checked_first(self, world, clerk):
        issue(world, world.members[0])
        page = clerk.post(ISSUE, self.body("check", *world.members)).content.decode()

        assert "将发放 3 张签到卡" in page
        assert "1 张旧卡" in page
        assert MemberCard.objects.count() == 1

    def test_leads_to_the_batch_and_acts_once(self, world, clerk):
        body = self.body("do", *world.members)
        for _ in range(2):
            reply = clerk.post(ISSUE, body)
            assert reply.url == reverse("rolls:card_batch", args=[body["idempotency_key"]])

        assert MemberCard.objects.count() == 3
        assert clerk.get(reply.url).status_code == 200

    def test_takes_everyone_of_a_class_who_has_none(self, world, clerk):
        issue(world, world.members[0])
        address = f"{ISSUE}?class={world.training_class.pk}"
        page = clerk.post(address, self.body("check", everyone="1"))

        assert shown_hidden(page) == {member.pk for member in world.members[1:]}

    def test_of_nobody_leads_back(self, clerk):
        assert clerk.post(ISSUE, self.body("check")).url == LIST

    def test_of_a_stranger_is_refused(self, world, clerk):
        other = factories.make_organisation(factories.make_school("120111005", "津门湖街道"))
        stranger = factories.make_member(other)

        assert clerk.post(ISSUE, self.body("do", stranger)).status_code == 422
        assert not MemberCard.objects.exists()


def shown_hidden(reply) -> set[int]:
    text = reply.content.decode()
    keys = re.findall(r'<input type="hidden" name="member" value="(\d+)"', text)
    return {int(key) for key in keys}


class TestTheSheets:
    def test_are_a_pdf_and_stand_in_the_trail(self, world, clerk):
        key = issue(world, *world.members)
        reply = clerk.get(reverse("rolls:card_sheets", args=[key]))

        assert reply.content.startswith(b"%PDF-")
        assert AuditEntry.objects.filter(act="print_card").count() == 3

    def test_end_with_the_codes(self, world, clerk):
        key = issue(world, *world.members)
        sweep_cards(at=timezone.now() + timedelta(days=2))
        reply = clerk.get(reverse("rolls:card_sheets", args=[key]))

        assert reply.url == reverse("rolls:card_batch", args=[key])
        assert not AuditEntry.objects.filter(act="print_card").exists()

    def test_end_a_day_after_issuing_though_nobody_has_swept(self, world, clerk):
        key = issue(world, *world.members)
        MemberCard.objects.update(issued_at=timezone.now() - timedelta(hours=24))
        batch = reverse("rolls:card_batch", args=[key])
        sheets = reverse("rolls:card_sheets", args=[key])

        assert sheets not in clerk.get(batch).text
        assert clerk.get(sheets).url == batch
        assert not AuditEntry.objects.filter(act="print_card").exists()

    def test_are_their_issuers(self, world):
        key = issue(world, *world.members)
        other = browser_of(factories.make_clerk(world.school), None)

        for name in ("card_batch", "card_sheets"):
            assert other.get(reverse(f"rolls:{name}", args=[key])).status_code == 404


def test_a_card_is_revoked_in_two_steps(world, clerk):
    issue(world, world.members[0])
    address = reverse("rolls:revoke_card", args=[MemberCard.objects.get().pk])
    body = {"idempotency_key": str(uuid4()), "reason": "遗失"}
    assert world.members[0].name in clerk.post(address, body | {"step": "check"}).content.decode()
    clerk.post(address, body | {"step": "do"})

    assert MemberCard.objects.get().ended_because == "revoked"
    assert clerk.get(address).status_code == 302

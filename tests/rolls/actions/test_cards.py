"""Member cards: one valid card for a member, issued and revoked by those who serve him."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.encryption import decrypt
from rolls.actions.cards import issue_cards, revoke_card, sweep_cards
from rolls.codes import fingerprint_card, read_code
from rolls.errors import CardError
from rolls.models import MemberCard
from tests import factories
from tests.connections import together
from tests.factories import NOON, acting
from tests.refusals import refused
from trainees.models import Member
from years.queries.access_log import describe_access, list_accesses

pytestmark = pytest.mark.django_db


class Town:
    def __init__(self):
        self.school = factories.make_school()
        self.clerk = factories.make_clerk(self.school)
        self.organisation = factories.make_organisation(self.school)
        self.members = [factories.make_member(self.organisation) for _ in range(2)]

    def issue(self, *members, by=None, at=NOON):
        keys = [member.pk for member in members or self.members]
        return issue_cards(member_ids=keys, key=uuid4(), by=acting(by or self.clerk), at=at)


@pytest.fixture
def town():
    return Town()


class TestIssuing:
    def test_gives_each_member_a_card_whose_code_is_kept_as_a_hash(self, town):
        done = town.issue()

        assert (done.issued, done.replaced) == (2, 0)
        cards = list(MemberCard.objects.all())
        assert {card.member for card in cards} == set(town.members)
        codes = [decrypt(card.code_encrypted) for card in cards]
        assert [fingerprint_card(code) for code in codes] == [
            card.code_fingerprint for card in cards
        ]
        assert read_code(codes[0], NOON).card_fingerprint == cards[0].code_fingerprint
        assert codes[0] not in str(MemberCard.objects.values())

    def test_ends_a_former_card(self, town):
        town.issue(town.members[0])
        former = MemberCard.objects.get()
        done = town.issue()

        former.refresh_from_db()
        assert (done.issued, done.replaced) == (2, 1)
        assert (former.ended_because, former.ended_by) == ("replaced", town.clerk)
        assert former.code_encrypted == ""

    def test_stands_in_the_trail_and_on_the_members_own_page(self, town):
        town.issue(town.members[0])

        entry = AuditEntry.objects.get(act="issue_card")
        assert entry.object_id == str(town.members[0].pk)
        assert entry.after == {"card": MemberCard.objects.get().pk, "roles": ["school_clerk"]}
        [access] = list_accesses(town.members[0])
        assert describe_access(access).who == town.clerk.display_name

    def test_is_for_those_whom_the_actor_serves(self, town):
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        leader = factories.make_user()
        factories.grant(leader, Role.SCHOOL_LEADER, town.school)
        for user in (other, leader):
            with refused(CardError):
                town.issue(by=user)
        assert not MemberCard.objects.exists()

    def test_is_not_for_a_row_that_was_merged_into_another(self, town):
        given_up, kept = town.members
        Member.objects.filter(pk=given_up.pk).update(merged_into=kept, merged_year=2026)

        with refused(CardError):
            town.issue(given_up)

    def test_has_a_limit(self, town):
        for keys in ([], range(1, 502)):
            with refused(CardError):
                issue_cards(member_ids=keys, key=uuid4(), by=acting(town.clerk), at=NOON)


class TestRevoking:
    def revoke(self, town, by=None, reason="遗失"):
        card = MemberCard.objects.get()
        return revoke_card(card_id=card.pk, reason=reason, by=acting(by or town.clerk), at=NOON)

    def test_ends_the_card_with_the_reason_in_the_trail(self, town):
        town.issue(town.members[0])
        self.revoke(town)

        card = MemberCard.objects.get()
        assert (card.ended_because, card.ended_at, card.code_encrypted) == ("revoked", NOON, "")
        assert AuditEntry.objects.get(act="revoke_card").after["reason"] == "遗失"

    def test_wants_a_reason_and_a_valid_card(self, town):
        town.issue(town.members[0])
        with refused(CardError):
            self.revoke(town, reason=" ")
        self.revoke(town)
        with refused(CardError):
            self.revoke(town)

    def test_is_for_those_whom_the_actor_serves(self, town):
        town.issue(town.members[0])
        other = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))

        with refused(MemberCard.DoesNotExist):
            self.revoke(town, by=other)


def test_codes_are_erased_after_a_day_and_the_cards_go_on(town):
    town.issue()

    assert sweep_cards(at=NOON + timedelta(hours=23)) == 0
    assert sweep_cards(at=NOON + timedelta(hours=24)) == 2
    assert MemberCard.objects.filter(code_encrypted="", ended_at=None).count() == 2
    assert sweep_cards(at=NOON + timedelta(hours=25)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_leave_one_valid_card():
    town = Town()
    other = factories.make_clerk(town.school)

    together(town.issue, partial(town.issue, by=other), town.issue)

    assert MemberCard.objects.filter(ended_at=None).count() == 2
    assert MemberCard.objects.count() == 6

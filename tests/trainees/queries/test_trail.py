"""A member's number finds in the trail all that was done to the member."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from accounts.audit import find_broken_digests
from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.records import delete_record, state_of
from accounts.trail import list_changes, list_trail, trail_filters
from config.lib.filters import ListRequest
from config.lib.periods import today
from tests import factories
from tests.admin_pages import make_officer
from trainees.actions.organisations import merge_organisations, split_organisation
from trainees.actions.people import appoint_to_post, change_membership_status, correct_phone
from trainees.enums import MembershipStatus, PostKind
from trainees.models import Member

pytestmark = pytest.mark.django_db


class World:
    def __init__(self) -> None:
        self.by = factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT))
        self.branch = factories.make_organisation(factories.make_school())
        self.member, self.other = (factories.make_member(self.branch) for _ in range(2))

    def appoint(self, member: Member):
        return appoint_to_post(
            member_id=member.pk,
            organisation=self.branch,
            kind=PostKind.COMMITTEE_MEMBER,
            on=today(),
            by=self.by,
            at=timezone.now(),
        )

    def found(self, text: str) -> list[tuple[str, str]]:
        asked = ListRequest(self.by.user, {"object": text}, timezone.now())
        rows = list_trail(asked, trail_filters(asked)).order_by("id")
        return list(rows.values_list("act", "object_type"))


@pytest.fixture
def world() -> World:
    return World()


def test_member_account_posts_and_memberships(world):
    world.member.user = factories.make_user()
    world.member.save()
    correct_phone(
        member=world.member,
        phone="13800000003",
        by=world.by,
        seen=state_of(world.member, ["phone"]),
    )
    world.appoint(world.other)
    post = world.appoint(world.member)
    delete_record(obj=post, by=world.by)
    world.appoint(world.member)
    exemption = factories.exempt(world.member)
    delete_record(obj=exemption, by=world.by)
    change_membership_status(
        member_id=world.member.pk,
        membership_status=MembershipStatus.SUSPENDED,
        on=today(),
        by=world.by,
        at=timezone.now(),
    )

    assert world.found(world.member.number) == [
        ("change_record", "trainees.member"),
        ("change_record", "accounts.user"),
        ("appoint_to_post", "trainees.post"),
        ("delete_record", "trainees.post"),
        ("appoint_to_post", "trainees.post"),
        ("delete_record", "trainees.exemption"),
        ("change_membership_status", "trainees.member"),
    ]


def test_of_another_member_finds_nothing_of_this_one(world):
    world.appoint(world.member)

    assert world.found(world.other.number) == []
    assert world.found("0") == []


def test_who_was_moved_and_lost_posts_and_roles_by_a_merger_or_split_of_organisations(world):
    member = world.member
    member.user = factories.make_user(display_name=member.name)
    member.save()
    factories.grant(member.user, Role.ORGANISATION_COMMISSIONER, organisation=world.branch)
    world.appoint(member)
    tomorrow = today() + timedelta(days=1)
    act = {"on": tomorrow, "by": world.by, "at": timezone.now()}
    split = split_organisation(
        organisation_id=world.branch.pk,
        code="120111101999",
        name="新党支部",
        member_ids=[member.pk],
        **act,
    )
    merge_organisations(organisation_id=world.branch.pk, into_id=split.target.pk, **act)

    moved, ended = ("transfer_member", "trainees.member"), ("end_post", "trainees.post")
    assert world.found(member.number)[1:] == [moved, ended, ("end_role", "schools.rolegrant")]
    assert world.found(world.other.number) == [moved]
    assert world.found("120111101999") == [("add_organisation", "schools.organisation")]
    entry = AuditEntry.objects.filter(act="transfer_member").earliest("id")
    with translation.override("en"):
        told = {label: (before, after) for label, before, after in list_changes(entry)}
    assert told["Party organisation"] == (world.branch.name, "新党支部")
    assert not find_broken_digests()

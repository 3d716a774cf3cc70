"""A member's number finds in the trail all that was done to the member."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.records import delete_record, state_of
from accounts.trail import list_trail, trail_filters
from config.lib.filters import Asked
from config.lib.periods import today
from tests import factories
from tests.admin_pages import make_officer
from trainees.actions.people import appoint_to_post, change_standing, correct_phone
from trainees.enums import PostKind, Standing
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
        asked = Asked(self.by.user, {"object": text}, timezone.now())
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
    change_standing(
        member_id=world.member.pk,
        standing=Standing.SUSPENDED,
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
        ("change_standing", "trainees.member"),
    ]


def test_of_another_member_finds_nothing_of_this_one(world):
    world.appoint(world.member)

    assert world.found(world.other.number) == []
    assert world.found("0") == []

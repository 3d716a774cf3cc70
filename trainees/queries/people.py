"""The register card of a member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import User
from trainees.models import Exemption, Member, Membership, Post
from trainees.queries.clocks import Clock, list_clocks


@dataclass(frozen=True)
class Card:
    """What the register knows of a member: dated facts newest first."""

    member: Any  # with what `with_account` adds
    memberships: list[Membership]
    posts: list[Post]
    exemptions: list[Exemption]
    clocks: list[Clock]

    def present(self, on: date) -> Membership | None:
        """The membership of a day."""
        return next((one for one in self.memberships if on in one.period), None)


def get_card(user: User, member_id: int, on: date, at: datetime) -> Card:
    """The card of a member whom `user` may see: six statements. Raises Member.DoesNotExist."""
    visible = Member.objects.visible_to(user, on).with_account(user, on, at)
    member = visible.select_related("user").get(pk=member_id)
    return Card(
        member,
        list(member.memberships.select_related("organisation").order_by("-period")),
        list(member.posts.select_related("organisation").order_by("-period")),
        list(member.exemptions.order_by("-period")),
        list_clocks(member.pk, on),
    )

"""The register card of a member, and organisations found by what people type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from config.lib.names import pinyin_initials
from schools.models import Organisation
from trainees.models import Exemption, Member, Membership, Post


@dataclass(frozen=True)
class Card:
    """What the register knows of a member: dated facts newest first."""

    member: Any  # with what `with_account` adds
    memberships: list[Membership]
    posts: list[Post]
    exemptions: list[Exemption]

    def present(self, on: date) -> Membership | None:
        """The membership of a day."""
        return next((one for one in self.memberships if on in one.period), None)


def get_card(user: User, member_id: int, on: date, at: datetime) -> Card:
    """The card of a member whom `user` may see: five statements. Raises Member.DoesNotExist."""
    visible = Member.objects.visible_to(user, on).with_account(user, on, at)
    member = visible.select_related("user").get(pk=member_id)
    return Card(
        member,
        list(member.memberships.select_related("organisation").order_by("-period")),
        list(member.posts.select_related("organisation").order_by("-period")),
        list(member.exemptions.order_by("-period")),
    )


def find_organisations(text: str) -> QuerySet[Organisation]:
    """Organisations of which `text` is the code, a part of the name, or the name's initials.

    Names begin with the township's, so initials fit anywhere in them.
    """
    typed = text.strip()
    if not typed:
        return Organisation.objects.none()
    named = Organisation.objects.filter(Q(code=typed) | Q(name__contains=typed))
    if typed.isascii() and typed.isalpha():
        wanted = typed.lower()
        keys = [
            key
            for key, name in Organisation.objects.values_list("pk", "name")
            if wanted in pinyin_initials(name)
        ]
        named = Organisation.objects.filter(pk__in=keys)
    return named.order_by("code")

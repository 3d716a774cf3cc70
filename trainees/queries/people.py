"""The register card of a member, and members who share a phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from trainees.models import Departure, Exemption, Member, Membership, Post

# This many digits at the end of a member number distinguish namesakes; they are not all of it.
TAIL = 4

# At most this many of the members who share a phone are named.
NAMED = 5


@dataclass(frozen=True)
class Card:
    """A member's facts in the register: dated facts newest first."""

    member: Any  # with the fields that `with_account` adds
    memberships: list[Membership]
    posts: list[Post]
    exemptions: list[Exemption]
    departures: list[Departure]

    def present(self, on: date) -> Membership | None:
        """The membership of a day."""
        return next(
            (membership for membership in self.memberships if on in membership.period), None
        )

    def departure(self, on: date) -> Departure | None:
        """The departure that stands, if the member belongs nowhere on a day."""
        if self.present(on) is not None or self.member.merged_into_id:
            return None
        return next((row for row in self.departures if row.taken_back_at is None), None)


def get_card(user: User, member_id: int, on: date, at: datetime) -> Card:
    """The card of a member whom `user` may see, also one who has left: six statements.

    Raises Member.DoesNotExist.
    """
    visible = Member.objects.on_record_for(user, on).with_account(user, on, at)
    member = visible.select_related("user").get(pk=member_id)
    return Card(
        member,
        list(member.memberships.select_related("organisation").order_by("-period")),
        list(member.posts.select_related("organisation").order_by("-period")),
        list(member.exemptions.order_by("-period")),
        list(member.departures.select_related("organisation")),
    )


def shared_phone_in_words(member: Member, user: User, on: date) -> str:
    """A sentence on others with the phone of `member`, naming those `user` may see; else empty.

    Members may share a phone, as couples do; but only one account signs in with it.
    """
    others = Member.objects.filter(phone=member.phone).exclude(pk=member.pk)
    count = others.count() if member.phone else 0
    if not count:
        return ""
    seen = Member.objects.visible_to(user, on).filter(pk__in=others.values("pk"))
    names = _(", ").join(
        _("%(name)s (%(what)s)") % {"name": member.name, "what": member.number}
        for member in seen.order_by("number")[:NAMED]
    )
    if names:
        sentence = ngettext(
            "%(n)d other member has this phone too: %(names)s.",
            "%(n)d other members have this phone too: %(names)s.",
            count,
        )
    else:
        sentence = ngettext(
            "%(n)d other member has this phone too.",
            "%(n)d other members have this phone too.",
            count,
        )
    rule = _("A phone signs in to one account only: the one that had it first keeps it.")
    return f"{sentence % {'n': count, 'names': names}} {rule}"

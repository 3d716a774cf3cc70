"""Sentences that several check pages share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.requests import PersonRequest
from config.lib.asking import ask
from trainees.enums import PostKind
from trainees.models import Member, Post
from trainees.signals import owing_changed


def posts_ended(posts: Sequence[Post]) -> list[str]:
    """The posts that end on the day of the action, if any."""
    if not posts:
        return []
    label = ngettext(
        "%(n)d post ends on that day: %(names)s.",
        "%(n)d posts end on that day: %(names)s.",
        len(posts),
    )
    names = [
        _("%(name)s (%(what)s)") % {"name": post.member.name, "what": post.get_kind_display()}
        for post in posts
    ]
    return [label % {"n": len(posts), "names": _(", ").join(names)}]


def sessions_ended(posts: Sequence[Post]) -> list[str]:
    """Members who lose their open sessions with a post as secretary, since that post is a role."""
    names = {
        post.member.name: None
        for post in posts
        if post.kind == PostKind.SECRETARY and post.member.user_id
    }
    if not names:
        return []
    return [
        _("The open sessions of %(names)s end at once.") % {"names": _(", ").join(names)},
    ]


def year_then(request: PersonRequest, member: Member, first: date) -> list[str]:
    """What higher apps say about a change to what is owed from the day `first` on."""
    facts = {"member": member, "first": first, "user": request.user, "on": request.today}
    return [sentence for answer in ask(owing_changed, Member, **facts) for sentence in answer]

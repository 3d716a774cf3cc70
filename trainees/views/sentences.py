"""Sentences of check pages that several acts share."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trainees.enums import PostKind
from trainees.forms.sheet_numbers import FilledIn
from trainees.models import Post


def posts_ended(posts: Sequence[Post]) -> list[str]:
    """Which posts end on the day of the act, if any."""
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
    """Whose open sessions end with a post as secretary, since that post is a role."""
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


def filled_in(filled: FilledIn) -> list[str]:
    """What numbers of the sheet did to a roll's form; of a part that concerns nobody nothing."""
    told = [_("%(mark)s %(n)d") % {"mark": mark, "n": n} for mark, n in filled.named if n]
    sentences = []
    if told:
        sentences.append(_("Filled in from the sheet: %(marks)s.") % {"marks": _(", ").join(told)})
    if filled.changed:
        text = ngettext(
            "Of them %(n)d had another mark before.",
            "Of them %(n)d had another mark before.",
            filled.changed,
        )
        sentences.append(text % {"n": filled.changed})
    if filled.rest:
        text = ngettext(
            "%(n)d other person without a mark is set to absent.",
            "%(n)d others without a mark are set to absent.",
            filled.rest,
        )
        sentences.append(text % {"n": filled.rest})
    if filled.unmarked:
        text = ngettext(
            "%(n)d person has no mark still.",
            "%(n)d people have no mark still.",
            filled.unmarked,
        )
        sentences.append(text % {"n": filled.unmarked})
    return [*sentences, _("Nothing is saved yet: compare with the sheet, then save or submit.")]

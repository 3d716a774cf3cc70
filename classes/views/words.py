"""Sentences about who got a place in a class, and who is in another one then."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classes.actions.enrolments import LetIn
from classes.queries.overlaps import Overlap
from config.lib.dates import format_day
from trainees.models import Member

# At most this many members with overlapping classes are named.
OVERLAPS_NAMED = 5
# At most this many members who got places at once are named.
PROMOTED_NAMED = 10


def say_let_in(done: LetIn) -> list[str]:
    """Members of the waiting list who got a place, and those who still wait, in sentences."""
    sentences = [say_promoted(done.promoted)] if done.promoted else []
    return [*sentences, say_passed_over(done.passed_over)] if done.passed_over else sentences


def say_promoted(members: list[Member]) -> str:
    text = ngettext(
        "%(names)s, first on the waiting list, gets the place.",
        "%(n)d members of the waiting list get places: %(names)s.",
        len(members),
    )
    return text % {"n": len(members), "names": _first_named(members)}


def say_passed_over(members: list[Member]) -> str:
    text = ngettext(
        "%(names)s waits on: a member of no Party organisation on the day of the session gets no "
        "place.",
        "%(n)d members wait on, since they belong to no Party organisation on the day of the "
        "session: %(names)s.",
        len(members),
    )
    return text % {"n": len(members), "names": _first_named(members)}


def _first_named(members: list[Member]) -> str:
    """The names of the first members, and how many more."""
    named = [member.name for member in members[:PROMOTED_NAMED]]
    if more := len(members) - len(named):
        named.append(ngettext("%(n)d more member", "%(n)d more members", more) % {"n": more})
    return _(", ").join(named)


def name_overlaps(overlaps: list[Overlap]) -> str:
    """The first of them, each with the other class, and how many more."""
    names = [
        _("%(name)s (“%(title)s”, %(day)s)")
        % {"name": overlap.name, "title": overlap.title, "day": format_day(overlap.held_on)}
        for overlap in overlaps[:OVERLAPS_NAMED]
    ]
    more = len(overlaps) - OVERLAPS_NAMED
    if more > 0:
        names.append(ngettext("%(n)d more member", "%(n)d more members", more) % {"n": more})
    return _("; ").join(names)

"""What the door says: the sentence beneath each answer to a code, a number or a name."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.dates import format_clock, format_day
from config.lib.periods import local_date
from courses.models import Session
from rolls.actions.door import DoorReply
from rolls.enums import DoorAnswer

# What an answer means and what to do next; `day` and `time` are those of the reply's `at`.
_MEANING = {
    DoorAnswer.MARKED: gettext_lazy("Since %(time)s."),
    DoorAnswer.ON_LEAVE: gettext_lazy("Whoever came after all is marked on the roll."),
    DoorAnswer.ABSENT: gettext_lazy(
        "The clerk marked the member absent. It is changed on the roll."
    ),
    DoorAnswer.TOO_EARLY: gettext_lazy("The door opens %(day)s at %(time)s."),
    DoorAnswer.CLOSED: gettext_lazy(
        "The door closed at %(time)s. Late ones are marked on the roll."
    ),
    DoorAnswer.TOO_OLD: gettext_lazy(
        "It waited more than ten minutes and marked nobody. Scan again, or mark it on the roll."
    ),
    DoorAnswer.EXPIRED: gettext_lazy(
        "The page has a newer code; of cards only the last one issued is good."
    ),
    DoorAnswer.OWN: gettext_lazy("Nobody marks themselves: somebody else scans you."),
    DoorAnswer.UNKNOWN: gettext_lazy("This is no code of a member, and nobody on the roster fits."),
}


def explain(reply: DoorReply) -> str:
    """What an answer means and what to do next, in a sentence."""
    if reply.answer == DoorAnswer.WAITS:
        return _(
            "Waits for a place in this class: number %(n)d. Record a walk-in if there is room."
        ) % {"n": reply.place}
    if reply.answer == DoorAnswer.ELSEWHERE:
        return _point_to(reply.elsewhere)
    if reply.answer == DoorAnswer.CLOSED and reply.at is None:
        return _("This session takes no codes: see its roll.")
    meaning = str(_MEANING.get(reply.answer, ""))
    if reply.at is None:
        return meaning
    return meaning % {"day": format_day(local_date(reply.at)), "time": format_clock(reply.at)}


def _point_to(session: Session | None) -> str:
    if session is None:
        return _("Nor on another one of this school that is open now. Record a walk-in.")
    return _("Goes to “%(title)s”: %(place)s, at %(time)s.") % {
        "title": session.training_class.title,
        "place": session.where,
        "time": format_clock(session.starts_at),
    }

"""What this app tells people: that a roll is asked for, and what became of a request to reopen."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from backstage.notices import Facts, NoticeText, register_notice, write_notices
from config.lib.dates import format_day
from config.lib.periods import local_date
from courses.models import Session
from rolls.enums import ReopeningAnswer
from rolls.models import RollReopening

_REMINDER, _REOPENING = "roll_reminder", "reopening_answered"


def register_notices() -> None:
    """Register the kinds."""
    register_notice(_REMINDER, _describe_reminder)
    register_notice(_REOPENING, _describe_reopening)


def tell_of_reminder(session: Session, *, to: list[User], by: User, at: datetime) -> int:
    """Tell the clerks that a roll is asked for; each day anew."""
    return write_notices(
        kind=_REMINDER,
        to=to,
        facts=_facts_of(session) | {"by": str(by)},
        address=reverse("rolls:roll", args=[session.pk]),
        once=f"{session.pk} {local_date(at)}",
        at=at,
    )


def tell_of_reopening(asked: RollReopening, session: Session, *, at: datetime) -> int:
    """Tell the clerk who asked what was answered."""
    return write_notices(
        kind=_REOPENING,
        to=[asked.asked_by],
        facts=_facts_of(session) | {"answer": asked.answer, "word": asked.word},
        address=reverse("rolls:roll", args=[session.pk]),
        once=str(asked.pk),
        at=at,
    )


def _facts_of(session: Session) -> dict[str, str]:
    return {"session": str(session), "held_on": session.held_on.isoformat()}


def _describe_reminder(facts: Facts) -> NoticeText:
    title = _("%(name)s asks for the roll of %(session)s (%(day)s)")
    return NoticeText(
        title % (_words(facts) | {"name": facts["by"]}),
        _("The session is over, and nobody has these hours yet."),
    )


def _describe_reopening(facts: Facts) -> NoticeText:
    if facts["answer"] == ReopeningAnswer.GRANTED:
        title = _("The roll of %(session)s (%(day)s) is reopened")
    else:
        title = _("The roll of %(session)s (%(day)s) stays closed")
    return NoticeText(title % _words(facts), facts["word"])


def _words(facts: Facts) -> dict[str, str]:
    day = format_day(date.fromisoformat(facts["held_on"]))
    return {"session": facts["session"], "day": day}

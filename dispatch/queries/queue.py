"""The queue of the desk: how much time is left for each letter, and how long it has waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy, pgettext_lazy

from config.lib.periods import local_date
from dispatch.enums import LetterStage
from dispatch.models import BookingLetter, BookingRule

# What the desk has to do with a letter, in a short word.
QUEUE_WORDS = {
    LetterStage.SUBMITTED: pgettext_lazy("of a booking letter", "new"),
    LetterStage.INQUIRY: pgettext_lazy("of a booking letter", "school asked"),
    LetterStage.ANSWERED: pgettext_lazy("of a booking letter", "school answered"),
    LetterStage.SCHEDULED: gettext_lazy("to be staffed"),
    LetterStage.CONFIRMED: gettext_lazy("lecturer lost"),
}


@dataclass(frozen=True)
class QueueLine:
    """A letter that waits, on the day `on`; `due_on` is when it, or the session, begins.

    `lead_days` lie between submission and first day by the rule of booking; time is short once
    fewer days are left than lecturer and school have to answer.
    """

    letter: BookingLetter
    due_on: date | None
    on: date
    rule: BookingRule | None

    @property
    def days_left(self) -> int | None:
        """The days until it begins; below 0 once that day is over."""
        return (self.due_on - self.on).days if self.due_on else None

    @property
    def lead_days(self) -> int | None:
        """The days that the rule gives the desk."""
        return self.rule.lead_days if self.rule else None

    @property
    def is_overdue(self) -> bool:
        """Whether the day is over."""
        return self.days_left is not None and self.days_left < 0

    @property
    def is_short(self) -> bool:
        """Whether lecturer and school cannot take their days to answer any more."""
        needed = self.rule.answer_days + self.rule.confirm_days if self.rule else 0
        return self.days_left is not None and self.days_left < needed

    @property
    def age(self) -> int | None:
        """The days since it was submitted."""
        sent = self.letter.submitted_at
        return (self.on - local_date(sent)).days if sent else None

    @property
    def word(self) -> str:
        """What the desk has to do with it."""
        return str(QUEUE_WORDS[LetterStage(self.letter.stage)])

    @property
    def is_lost(self) -> bool:
        """Whether a class stands without its lecturer."""
        return self.letter.stage == LetterStage.CONFIRMED

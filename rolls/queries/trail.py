"""How the audit trail displays what acts on rolls, marks and walk-ins say."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from accounts.trail import format_pairs, register_fact
from backstage.exports import word_from
from classes.enums import RollStage
from courses.models import Session
from rolls.enums import ReopeningAnswer
from rolls.queries.rolls import format_mark, format_marks
from trainees.models import Member


def register_facts_of_rolls() -> None:
    """Register how acts on marks, roll stages and cards are displayed."""
    register_fact("marks", gettext_lazy("marks"), format_marks)
    register_fact("counts", gettext_lazy("persons by mark"), _format_counts)
    register_fact("scanned_before", gettext_lazy("seconds between scan and arrival"))
    register_fact("conflicts", gettext_lazy("marks in conflict"))
    register_fact("refused", gettext_lazy("marks refused"))
    register_fact("card", gettext_lazy("member card"), of=Member._meta.label_lower)
    session = Session._meta.label_lower
    register_fact("stage", gettext_lazy("roll"), word_from(RollStage.choices), of=session)
    answers = word_from(ReopeningAnswer.choices)
    register_fact("answer", gettext_lazy("answer"), answers, of=session)
    register_fact("word", gettext_lazy("word to the school"), of=session)


def _format_counts(counts: Mapping[str, int]) -> str:
    return format_pairs((format_mark(mark), n) for mark, n in counts.items())

"""How the audit trail displays what acts on disputes and hours say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.trail import register_fact, register_reference
from hours.models import Dispute
from hours.queries.disputes import format_answer


def register_facts_of_hours() -> None:
    """Register how facts about hours and disputes are displayed."""
    register_reference("dispute", gettext_lazy("dispute"), Dispute)
    register_fact("answer", gettext_lazy("answer"), format_answer)
    register_fact("entries", gettext_lazy("ledger entries"))
    register_fact("others", gettext_lazy("other lines changed"))

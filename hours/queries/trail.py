"""What the audit trail finds by a member's number, and how it tells what acts here say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.trail import register_fact, register_reference
from hours.models import Dispute
from hours.queries.disputes import format_answer


def register_facts_of_hours() -> None:
    """What the acts on hours and on disputes say."""
    register_reference("dispute", gettext_lazy("dispute"), Dispute)
    register_fact("answer", gettext_lazy("answer"), format_answer)
    register_fact("entries", gettext_lazy("ledger entries"))
    register_fact("others", gettext_lazy("other lines changed"))

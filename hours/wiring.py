"""Connects the ledger and its rules to the pages and registries of lower apps."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from backstage.exports import register_filter, word_from
from backstage.founding import register_founding_step
from backstage.parts import Part, register_part
from backstage.status import register_status
from backstage.tasklist import register_lookup, register_tasks
from hours.filters import CATEGORY_LABELS
from hours.models import Dispute
from hours.notices import register_notices
from hours.queries.clocks import read_clocks_of_card
from hours.queries.rules import rules_step
from hours.queries.status_lines import ledger_lines
from hours.queries.tasks import ledger_tasks
from hours.queries.trail import register_facts_of_hours
from trainees.queries.trail import register_of_members


def register() -> None:
    """Register everything."""
    register_notices()
    register_part(Part("member", "hours/clocks.html", read_clocks_of_card))
    register_founding_step(rules_step, rank=60)
    register_tasks(ledger_tasks, rank=320)
    register_lookup(
        _("Checks of the ledger"),
        "admin:hours_ledgercheck_changelist",
        [Role.SYSTEM_ADMINISTRATOR],
        rank=340,
    )
    register_status(ledger_lines, rank=70)
    register_of_members(Dispute)
    register_facts_of_hours()
    register_filter("category", _("Category"), word_from(CATEGORY_LABELS.items()), rank=70)

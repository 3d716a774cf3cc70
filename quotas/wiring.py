"""Registers annual tasks, claims and reconciliations with the registries of the apps below."""

from django.utils.translation import gettext_lazy as _

from accounts.trail import register_fact
from backstage.jobs import register_kind
from hours.source_kinds import register_checks
from quotas.models import Reconciliation
from quotas.own_blockers import register_own_blockers
from quotas.queries.results import list_moved_in_closed_years
from quotas.reconciliation_job import RECONCILIATION


def register() -> None:
    """Register everything."""
    register_own_blockers()
    register_kind(RECONCILIATION)
    checks = {"results of closed years are what hours and facts say": list_moved_in_closed_years}
    register_checks(checks)
    of = Reconciliation._meta.label_lower
    register_fact("is_rehearsal", _("rehearsal"), of=of)
    register_fact("members", _("members"), of=of)

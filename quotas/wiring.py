"""Registers annual tasks, claims and reconciliations with the registries of the apps below."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES
from accounts.trail import register_fact
from backstage.exports import register_export, register_filter, word_from
from backstage.jobs import register_kind
from backstage.menu import MenuLink, register_link, stand_below
from backstage.tasklist import register_lookup, register_tasks
from hours.source_kinds import register_checks
from quotas.amounts import say_lines
from quotas.blockers import register_own_blockers
from quotas.enums import EndReason, ReopeningState
from quotas.exports import CLAIMS, WARNINGS
from quotas.filters import CLAIM_STATES, WARNED
from quotas.models import (
    AnnualTask,
    QuotaClaim,
    Reconciliation,
    WarningRule,
    YearAdjustment,
    YearStatement,
)
from quotas.notices import register_notices
from quotas.queries.deliveries import list_moved_sessions
from quotas.queries.results import list_moved_in_closed_years
from quotas.queries.statement_checks import STATEMENT_CHECKS
from quotas.queries.statement_tasks import countersigning_tasks, signing_tasks
from quotas.queries.tasks import claim_tasks, department_tasks, reconciliation_tasks
from quotas.reconciliation_job import RECONCILIATION
from quotas.run_exports import register_run_exports
from quotas.run_filters import CHANGED, RESULT_LABELS
from quotas.statement_exports import register_statement_exports

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES


def register() -> None:
    """Register everything."""
    register_notices()
    register_tasks(claim_tasks, rank=27)
    register_tasks(department_tasks, rank=29)
    register_tasks(reconciliation_tasks, rank=31)
    register_tasks(signing_tasks, rank=33)
    register_tasks(countersigning_tasks, rank=34)
    register_link(MenuLink(_("Annual tasks"), "quotas:tasks", 45, frozenset(_STAFF)))
    stand_below("quotas:tasks", app="quotas")
    register_lookup(_("Task of the year and claims"), "quotas:tasks", _STAFF, rank=232)
    register_lookup(_("Progress of the year's task"), "quotas:progress", _STAFF, rank=234)
    register_lookup(_("Warnings of shortfalls"), "quotas:warnings", _STAFF, rank=238)
    register_lookup(_("Reconciliation of the year"), "quotas:reconciliations", _STAFF, rank=239)
    register_run_exports()
    register_statement_exports()
    register_filter("run", _("Run"), rank=98)
    register_filter("beside", _("Beside"), rank=100)
    register_filter("unit", _("Party organisation"), rank=102)
    register_filter("result", _("Verdict"), word_from(RESULT_LABELS.items()), rank=104)
    register_filter("changed", _("What differs"), word_from(CHANGED.items()), rank=106)
    register_export(CLAIMS)
    register_export(WARNINGS)
    register_filter("claim_state", _("State"), word_from(CLAIM_STATES.items()), rank=88)
    register_filter("warned", _("Who was warned"), word_from(WARNED.items()), rank=92)
    for model in (AnnualTask, QuotaClaim):
        of = model._meta.label_lower
        register_fact("task_lines", _("lines"), say_lines, of=of)
        register_fact("version", _("version"), of=of)
        register_fact("reason", _("reason"), of=of)
    rule = WarningRule._meta.label_lower
    register_fact("year", _("year"), of=rule)
    register_fact("schools_warned", _("warnings to schools"), of=rule)
    register_fact("members_warned", _("warnings to members"), of=rule)
    register_fact("words", _("what the district asks"), of=QuotaClaim._meta.label_lower)
    register_own_blockers()
    register_kind(RECONCILIATION)
    checks = {
        "results of closed years are what hours and facts say": list_moved_in_closed_years,
        "sessions of closed years are what rolls and hours say": list_moved_sessions,
    }
    register_checks(checks)
    register_checks(STATEMENT_CHECKS)
    run = Reconciliation._meta.label_lower
    register_fact("is_rehearsal", _("rehearsal"), of=run)
    register_fact("members", _("members"), of=run)
    register_fact("ended", _("why it ended"), word_from(EndReason.choices), of=run)
    _register_facts_of_closing()


def _register_facts_of_closing() -> None:
    """Words for what the trail keeps of statements, reopenings and later facts."""
    run, statement = Reconciliation._meta.label_lower, YearStatement._meta.label_lower
    register_fact("words", _("words of the answer"), of=run)
    register_fact("state", _("answer"), word_from(ReopeningState.choices), of=run)
    register_fact("signed_hash", _("SHA-256 of what was signed"), of=run)
    register_fact("number", _("number"), of=statement)
    register_fact("revision", _("revision"), of=statement)
    register_fact("pdf_hash", _("SHA-256 of the PDF"), of=statement)
    register_fact("sheet_hash", _("SHA-256 of the XLSX"), of=statement)
    adjustment = YearAdjustment._meta.label_lower
    register_fact("hours", _("credit hours"), of=adjustment)
    register_fact("words", _("what is the case"), of=adjustment)
    register_fact("evidence", _("evidence, and where it lies"), of=adjustment)

"""Store the result of a ledger check, and reassess its findings after an upgrade."""

import logging
from datetime import date, datetime
from itertools import batched

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import find_broken_digests, record_act
from accounts.chain.checking import CHECKS as CHAIN_CHECKS
from accounts.chain.checking import ChainFinding, list_chain_findings
from accounts.enums import Role
from accounts.models import AuditEntry
from accounts.origin import Actor
from accounts.roles import holds_any
from hours.actions.ledger import lock_evidence_tables, reassess_current
from hours.models import Assessment, CreditEntry, LedgerCheck
from hours.queries.ledger_check import (
    MEMBERS_AT_ONCE,
    Finding,
    list_checks,
    list_findings,
    list_outdated,
)
from schools.queries.open_years import list_locked_years
from trainees.actions.locks import lock_members

logger = logging.getLogger(__name__)


def check_ledger(*, at: datetime, by: Actor) -> LedgerCheck:
    """Recompute the ledger, the audit digests and the chain from their rows; store the findings."""
    findings: list[Finding | ChainFinding] = [*list_findings(), *list_chain_findings(at=at)]
    broken = find_broken_digests()
    if broken:
        text = "The trail is broken: %d entries do not fit their digests, such as %s."
        logger.error(text, len(broken), broken[:10])
    with transaction.atomic():
        check = LedgerCheck.objects.create(
            checked_at=at,
            entries=CreditEntry.objects.count(),
            assessments=Assessment.objects.count(),
            findings=sum(finding.count for finding in findings) + len(broken),
            details={
                "checks": [*list_checks(), *CHAIN_CHECKS],
                "findings": [vars(finding) for finding in findings],
                "audit_entries": AuditEntry.objects.count(),
                "broken_digests": broken[:10],
            },
        )
        record_act(act="check_ledger", obj=check, by=by, at=at, after={"findings": check.findings})
    return check


def reassess_ledger(*, by: Actor, at: datetime) -> LedgerCheck:
    """Reassess members with hours that overlaps and caps would now cut differently, then check.

    A repair after `verify_ledger` found such lines (ADR 13). The actor answers for the ledger: an
    officer of the organisation department, else PermissionDenied. Lines of closed years stay as
    they are, and are named again.
    """
    if by.user is None or not holds_any(by.user, Role.ORGANISATION_DEPARTMENT):
        raise PermissionDenied
    with transaction.atomic():
        lock_evidence_tables()
        outdated = _without_closed_years(list_outdated())
        lock_members(outdated)
        changed = sum(
            reassess_current(
                members=batch,
                days=sorted({day for member in batch for day in outdated[member]}),
                by=by.user,
                at=at,
            )
            for batch in batched(sorted(outdated), MEMBERS_AT_ONCE)
        )
        check = check_ledger(at=at, by=by)
        record_act(act="reassess_ledger", obj=check, by=by, at=at, after={"others": changed})
    return check


def _without_closed_years(outdated: dict[int, list[date]]) -> dict[int, list[date]]:
    closed = list_locked_years()
    open_days = {
        member: [day for day in days if day.year not in closed] for member, days in outdated.items()
    }
    return {member: days for member, days in open_days.items() if days}

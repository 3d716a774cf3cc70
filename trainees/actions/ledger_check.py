"""Keeping the result of a ledger check."""

from datetime import datetime

from accounts.audit import find_broken_seals
from accounts.models import AuditEntry
from trainees.models import Assessment, CreditEntry, LedgerCheck
from trainees.queries.ledger_check import ALL_CHECKS, list_findings


def check_ledger(*, at: datetime) -> LedgerCheck:
    """Recompute the ledger and the trail's seals from the rows; keep what was checked and found."""
    findings = list_findings()
    broken = find_broken_seals()
    return LedgerCheck.objects.create(
        checked_at=at,
        entries=CreditEntry.objects.count(),
        assessments=Assessment.objects.count(),
        findings=sum(finding.count for finding in findings) + len(broken),
        details={
            "checks": list(ALL_CHECKS),
            "findings": [vars(finding) for finding in findings],
            "audit_entries": AuditEntry.objects.count(),
            "broken_seals": broken[:10],
        },
    )

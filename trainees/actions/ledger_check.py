"""Keeping the result of a ledger check."""

from datetime import datetime

from trainees.models import Assessment, CreditEntry, LedgerCheck
from trainees.queries.ledger_check import CHECKS, list_findings


def check_ledger(*, at: datetime) -> LedgerCheck:
    """Recompute the ledger from the rows and keep what was checked and found."""
    findings = list_findings()
    return LedgerCheck.objects.create(
        checked_at=at,
        entries=CreditEntry.objects.count(),
        assessments=Assessment.objects.count(),
        findings=sum(finding.count for finding in findings),
        details={
            "checks": list(CHECKS),
            "findings": [vars(finding) for finding in findings],
        },
    )

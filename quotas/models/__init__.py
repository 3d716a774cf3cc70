"""Annual tasks, claims to them, warnings that they will be missed, and reconciliations."""

from quotas.models.claims import ClaimLine, QuotaClaim
from quotas.models.reconciliations import MemberResult, Reconciliation, ReconciliationPart
from quotas.models.tasks import AnnualTask, TaskLine
from quotas.models.warnings import ShortfallWarning, WarningRule

__all__ = [
    "AnnualTask",
    "ClaimLine",
    "MemberResult",
    "QuotaClaim",
    "Reconciliation",
    "ReconciliationPart",
    "ShortfallWarning",
    "TaskLine",
    "WarningRule",
]

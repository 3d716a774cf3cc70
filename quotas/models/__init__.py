"""Annual tasks, claims, warnings, reconciliations, and what is signed and noted of a year."""

from quotas.models.claims import ClaimLine, QuotaClaim
from quotas.models.closing import YearAdjustment, YearReopening
from quotas.models.deliveries import DeliveredSession
from quotas.models.reconciliations import MemberResult, Reconciliation, ReconciliationPart
from quotas.models.statements import StatementSignature, YearStatement
from quotas.models.tasks import AnnualTask, TaskLine
from quotas.models.warnings import ShortfallWarning, WarningRule

__all__ = [
    "AnnualTask",
    "ClaimLine",
    "DeliveredSession",
    "MemberResult",
    "QuotaClaim",
    "Reconciliation",
    "ReconciliationPart",
    "ShortfallWarning",
    "StatementSignature",
    "TaskLine",
    "WarningRule",
    "YearAdjustment",
    "YearReopening",
    "YearStatement",
]

"""Annual tasks, the claims of schools to them, and warnings that they will be missed."""

from quotas.models.claims import ClaimLine, QuotaClaim
from quotas.models.tasks import AnnualTask, TaskLine
from quotas.models.warnings import ShortfallWarning, WarningRule

__all__ = [
    "AnnualTask",
    "ClaimLine",
    "QuotaClaim",
    "ShortfallWarning",
    "TaskLine",
    "WarningRule",
]

"""Errors with messages that users may read."""

from collections.abc import Sequence

from django.core.exceptions import NON_FIELD_ERRORS

from backstage.confirmations import Blocker
from config.lib.errors import PortalError


class QuotaError(PortalError):
    """The action was refused; nothing was written. `field` is the form field."""

    def __init__(self, message: str, field: str = NON_FIELD_ERRORS) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class TaskError(QuotaError):
    """The annual task cannot be drafted or published as requested."""


class ClaimError(QuotaError):
    """A claim cannot be written, submitted or decided on as requested."""


class ReconciliationError(QuotaError):
    """A year cannot be reconciled, or its reconciliation not be discarded, as requested."""


class StatementError(QuotaError):
    """A statement cannot be signed, countersigned or opened as requested."""


class ReopeningError(QuotaError):
    """A closed year cannot be opened again as requested."""


class AdjustmentError(QuotaError):
    """A later fact of a closed year cannot be noted or taken back as requested."""


class BlockedYearError(ReconciliationError):
    """The final reconciliation cannot begin yet; `blockers` say what is to be finished first."""

    def __init__(self, message: str, blockers: Sequence[Blocker]) -> None:
        super().__init__(message)
        self.blockers = blockers

"""Errors with messages that users may read."""

from __future__ import annotations

from config.lib.errors import PortalError


class LedgerError(PortalError):
    """Hours cannot be posted or reversed as requested; nothing was written."""


class DisputeError(PortalError):
    """A dispute cannot be opened, answered or withdrawn as requested; nothing was written.

    `field` is the form field that the message belongs to. `dispute_id` is the existing dispute that
    blocks the request.
    """

    def __init__(
        self, message: str, field: str | None = None, *, dispute_id: int | None = None
    ) -> None:
        super().__init__(message)
        self.field = field
        self.dispute_id = dispute_id

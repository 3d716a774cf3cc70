"""What can go wrong, in words that a user may read."""

from __future__ import annotations

from config.lib.errors import PortalError


class LedgerError(PortalError):
    """Hours can't be posted or reversed as asked; nothing was written."""


class DisputeError(PortalError):
    """A dispute can't be opened, answered or withdrawn as asked; nothing was written.

    `field` names the field of the form at which the message belongs; `dispute_id` is the dispute
    that stands in the way.
    """

    def __init__(
        self, message: str, field: str | None = None, *, dispute_id: int | None = None
    ) -> None:
        super().__init__(message)
        self.field = field
        self.dispute_id = dispute_id

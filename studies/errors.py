"""What can go wrong, in words that a user may read."""

from __future__ import annotations

from config.lib.errors import PortalError


class StudyError(PortalError):
    """A record of study can't be written, reviewed or withdrawn as asked; nothing was written.

    `field` names the field of the form at which the message belongs.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

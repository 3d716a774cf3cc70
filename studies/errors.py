"""Errors of this app; their messages are shown to users."""

from __future__ import annotations

from config.lib.errors import PortalError


class StudyError(PortalError):
    """A study record cannot be written, reviewed or withdrawn as requested; nothing was written.

    `field` names the form field that the message belongs to.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

"""Errors with messages that users may read."""

from __future__ import annotations

from config.lib.errors import PortalError


class SlipError(PortalError):
    """Slips cannot be issued as requested; none was."""


class MemberFactError(PortalError):
    """A member's facts cannot be changed as requested; nothing was written.

    `field` names the form field that the message belongs to.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

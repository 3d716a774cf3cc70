"""What can go wrong, in words that a user may read."""

from __future__ import annotations

from config.lib.errors import PortalError


class SlipError(PortalError):
    """Slips can't be issued as asked; none was."""


class MemberFactError(PortalError):
    """A member's facts can't be changed as asked; nothing was written.

    `field` names the field of the form at which the message belongs.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

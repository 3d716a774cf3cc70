"""What can go wrong, in words that a user may read."""

from __future__ import annotations

from config.lib.errors import PortalError


class PaperError(PortalError):
    """A document can't be issued, shown or revoked as asked; nothing was written."""


class TooManyTriesError(PortalError):
    """Too many wrong codes came: the next one is looked at after `wait_seconds`."""

    def __init__(self, message: str, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds
